package dev.suture.sim;

import dev.suture.attempt.Phase;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotContent;
import dev.suture.store.JournalBytes;
import dev.suture.store.JournalState;
import dev.suture.store.Outcome;
import dev.suture.trust.TrustState;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold for a device whatever happens to it: the invariants of the design, one method
 * each. They judge by the publisher's own copies and by the disk, not by what the agent says.
 */
public final class DeviceInvariants {
  private final SimDevice device;
  private final Map<ComponentName, byte[]> bases = new HashMap<>();
  private final Set<String> told = new HashSet<>();
  private final TrustHistory trust;
  private final Set<byte[]> signed = Collections.newSetFromMap(new IdentityHashMap<>());

  DeviceInvariants(SimDevice device, SimPublisher publisher) {
    this.device = device;
    this.trust = new TrustHistory(device.flash().disk(), publisher.trustRoot());
    publisher.bases().forEach((name, base) -> bases.put(name, base.clone()));
  }

  /** All that can be judged at any moment of a running device. */
  public void checkRunning() {
    whatRunsWasVerified();
    baseOrOneWholePatch();
    baseWasNeverWritten();
    whatIsBelievedNeverGoesBack();
    if (!device.flash().record().isDamagedOnPurpose()) {
      aCopyOfTheRecordIsValid();
      theRecordNamesWholeSlots();
      protectionIsTrue();
      theFloorIsWhatWasConfirmed();
    }
    outcomesAreRecordedOnce();
    outcomesAreReported();
    failuresAreExplained();
    nothingIsLeftOpen();
  }

  /** 1. What runs was verified: every mounted image is one that the publisher signed. */
  public void whatRunsWasVerified() {
    device
        .kernel()
        .mounted()
        .forEach(
            (name, image) ->
                require(
                    isSigned(image),
                    "what runs was verified: " + name + " is an image that nobody signed"));
  }

  /** A mounted image is not changed, so each is looked at once. */
  private boolean isSigned(byte[] image) {
    return signed.contains(image)
        || device.publisher().image(Sha256.of(image)).isPresent() && signed.add(image);
  }

  /** 2. Base, or a whole verified patch; never a mixture, and never changed while it runs. */
  public void baseOrOneWholePatch() {
    SimSlotDevice kernel = device.kernel();
    Optional<Manifest> manifest = kernel.mountedManifest();
    Optional<Slot> ownOs = manifest.filter(Manifest::hasOs).map(any -> kernel.mountedSlot());
    require(
        kernel.bootChoice().patchedOs().equals(ownOs),
        "a mixture runs: the OS of "
            + kernel.bootChoice().patchedOs()
            + ", with images of "
            + kernel.mountedSlot());
    if (!manifest.isPresent()) {
      require(kernel.mounted().isEmpty(), "base runs, but images are mounted over it");
      return;
    }
    require(
        device.publisher().manifests().contains(manifest.get()),
        "a patch runs that nobody signed: " + manifest.get().title());
    require(
        kernel.mounted().size() == manifest.get().components().size(),
        "a mixture runs: " + kernel.mounted().keySet());
    for (PatchComponent component : manifest.get().components()) {
      byte[] image = kernel.mounted().get(component.name());
      require(
          image != null
              && device
                  .publisher()
                  .image(component.image().sha256())
                  .filter(own -> Arrays.equals(own, image))
                  .isPresent(),
          "a mixture runs: " + component.name() + " is not of " + manifest.get().title());
      byte[] onDisk =
          device
              .flash()
              .disk()
              .cached(kernel.imagePath(kernel.mountedSlot(), component.name()))
              .orElse(new byte[0]);
      require(
          image != null
              && onDisk.length >= image.length
              && Arrays.equals(onDisk, 0, image.length, image, 0, image.length),
          "the running slot was written: " + component.name());
    }
  }

  /** 3. The base image is never written. */
  public void baseWasNeverWritten() {
    device
        .publisher()
        .bases()
        .forEach(
            (name, base) ->
                require(Arrays.equals(bases.get(name), base), "base was written: " + name));
  }

  /** The bootloader always finds a record. */
  public void aCopyOfTheRecordIsValid() {
    require(device.flash().record().isReadable(), "no copy of the activation record is valid");
  }

  /** What is active or on trial is whole on the disk, as it was signed, after a cut as well. */
  public void theRecordNamesWholeSlots() {
    ActivationRecord record = record();
    if (record.active() != Slot.BASE) {
      slotIsWhole(record, record.active());
    }
    record.trial().ifPresent(trial -> slotIsWhole(record, trial));
  }

  private void slotIsWhole(ActivationRecord record, Slot slot) {
    SlotContent content = record.content(slot);
    require(content.state() == SlotContent.State.WHOLE, "slot " + slot.word() + " is " + content);
    Manifest manifest =
        content
            .manifest()
            .flatMap(device.publisher()::manifest)
            .orElseThrow(
                () -> new AssertionError("slot " + slot.word() + " holds an unknown patch"));
    for (PatchComponent component : manifest.components()) {
      String path = device.kernel().imagePath(slot, component.name());
      if (device.flash().disk().isDamaged(path)) {
        continue;
      }
      byte[] image = device.publisher().image(component.image().sha256()).orElse(new byte[0]);
      byte[] durable = device.flash().disk().durable(path).orElse(new byte[0]);
      require(
          durable.length >= image.length
              && Arrays.equals(durable, 0, image.length, image, 0, image.length),
          "slot "
              + slot.word()
              + " is named by the record, but "
              + component.name()
              + " is not durable");
    }
  }

  /** 4. A device says that it is protected only when it is. */
  public void protectionIsTrue() {
    StatusDocument status = device.agent().status();
    if (!status.isProtected()) {
      return;
    }
    SimSlotDevice kernel = device.kernel();
    ActivationRecord record = record();
    require(
        kernel.mountedSlot() != Slot.BASE && record.active() == kernel.mountedSlot(),
        "protected is said, but " + kernel.mountedSlot() + " runs");
    require(
        !kernel.isMarked(SimPublisher.SICK) && !kernel.isMarked(SimPublisher.HANGS),
        "protected is said, but no health check can have passed");
    require(!device.services().isOldCodeRunning(), "protected is said, but old code runs");
  }

  /**
   * What the device believes never goes back, and is there twice: over its whole life roots, floor,
   * data schema, version of the timestamp and signed time only grow, the last two unless a root
   * took the key away that they hang on. The copy before the newest stays, so that one bit costs
   * one step; also when a save failed before the power did, because what is not known to be durable
   * is written anew first.
   */
  public void whatIsBelievedNeverGoesBack() {
    trust.check();
  }

  /** As {@link #whatIsBelievedNeverGoesBack}, over a power cut between two devices. */
  public static void whatIsBelievedOutlivesACut(
      SimFlash before, SimFlash after, SimPublisher publisher) {
    TrustHistory.checkCut(before.disk(), after.disk(), publisher.trustRoot());
  }

  /** The floor is raised if the level that demands it was confirmed, and only then. */
  public void theFloorIsWhatWasConfirmed() {
    trust.checkFloor(record(), device.agent().history(), device.publisher());
  }

  /** What the device believes, as it is when the power fails now. */
  public Optional<TrustState> believed() {
    return trust.state();
  }

  /** 5. What was reverted is not tried again by itself: it is held, and has one outcome. */
  public void revertedIsHeld(Manifest manifest) {
    JournalState journal = device.agent().history();
    require(
        outcomesOf(manifest.title()) == 1,
        manifest.title() + ": expected one outcome, got " + journal.outcomes());
    require(journal.holds(manifest.digest()), manifest.title() + " is not held: " + journal.held());
  }

  /** 8. Verification needs no network: what runs now also runs after a start without any. */
  public void runsTheSameWithoutNetwork() {
    Slot before = device.kernel().mountedSlot();
    device.mirror().reachable(false);
    device.reports().connected(false);
    device.powerCycle(CacheFate.lost());
    checkRunning();
    require(
        device.kernel().mountedSlot() == before,
        "without network " + device.kernel().mountedSlot() + " runs, before " + before);
    device.mirror().reachable(true);
    device.reports().connected(true);
  }

  /** 10. Every end of an attempt can be explained afterwards. */
  public void failuresAreExplained() {
    for (Outcome outcome : device.agent().history().outcomes()) {
      boolean wentWell = outcome.phase() == Phase.ACTIVE || outcome.phase() == Phase.REMOVED;
      boolean needsReason = outcome.phase() == Phase.REVERTED || outcome.phase() == Phase.REJECTED;
      require(
          wentWell ? !outcome.failure().isPresent() : !needsReason || outcome.failure().isPresent(),
          "outcome without the right reason: " + outcome);
    }
  }

  /** An outcome is recorded once. */
  public void outcomesAreRecordedOnce() {
    JournalState journal = device.agent().history();
    require(
        journal.outcomes().stream()
                .map(outcome -> outcome.number() + " " + outcome.title())
                .distinct()
                .count()
            == journal.outcomes().size(),
        "an outcome is recorded twice: " + journal.outcomes());
  }

  /** What the record calls active when the device starts was confirmed, even if it hangs now. */
  void starts() {
    try {
      trust.noteConfirmed(device.record(), device.publisher());
    } catch (DeviceException e) {
      return; // Damaged: nothing in it is believed.
    }
  }

  /** What the journal calls reported when the device starts was told before. */
  void started(Optional<byte[]> journal) {
    told.clear();
    try {
      journal
          .map(JournalBytes::decode)
          .ifPresent(
              state ->
                  state.outcomes().stream()
                      .filter(Outcome::reported)
                      .forEach(outcome -> told.add(name(outcome))));
    } catch (IllegalArgumentException e) {
      told.clear(); // Damaged: nothing in it is believed.
    }
  }

  private static String name(Outcome outcome) {
    return outcome.number() + " " + outcome.title() + " ";
  }

  /** 6. An outcome counts as reported only when somebody was told, and always the same. */
  public void outcomesAreReported() {
    Set<String> reports = device.reports().outcomes();
    for (Outcome outcome : device.agent().history().outcomes()) {
      String report = name(outcome) + outcome.phase();
      require(
          !outcome.reported() || told.contains(name(outcome)) || reports.contains(report),
          "an outcome counts as reported, but was not: " + report);
      for (String other : reports) {
        require(
            !other.startsWith(name(outcome)) || other.equals(report),
            "contradictory reports: " + other + ", " + report);
      }
    }
  }

  /** No file stays open. */
  public void nothingIsLeftOpen() {
    require(
        device.flash().disk().openFiles() == 0,
        device.flash().disk().openFiles() + " files are left open");
  }

  /** How many outcomes an attempt with this title has. */
  public long outcomesOf(String title) {
    return device.agent().history().outcomes().stream()
        .filter(outcome -> outcome.title().equals(title))
        .count();
  }

  /** Whether the services work with what is mounted. */
  public boolean isHealthy() {
    return !device.probe().complaint(new HealthCheck.Https(443, "/", 200)).isPresent();
  }

  private ActivationRecord record() {
    try {
      return device.record();
    } catch (DeviceException e) {
      throw new AssertionError("the activation record cannot be read", e);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
