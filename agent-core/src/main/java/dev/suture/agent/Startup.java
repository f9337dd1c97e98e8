package dev.suture.agent;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Phase;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.BootControl;
import dev.suture.slot.SlotContent;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import dev.suture.store.Journal;
import dev.suture.store.JournalState;
import dev.suture.store.MetadataStore;
import dev.suture.store.Outcome;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier.DeviceIdentity;
import dev.suture.trust.TrustState;
import dev.suture.trust.TrustedView;
import java.util.Collections;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first thing after a start of the device: mount what the bootloader chose. A slot is verified
 * anew, from its signed documents to its dm-verity roots; when it cannot be, what was active before
 * is mounted, or else base, in this same boot.
 */
public final class Startup {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  /** How often documents are read that the storage does not give: one failure may be the last. */
  private static final int READS_MAX = 3;

  private final BootControl bootControl;
  private final SlotDevice device;
  private final SlotFiles slots;
  private final DeviceTrust trust;
  private final DeviceIdentity identity;
  private final Journal journal;
  private final MetadataStore store;

  /** Starts with these. */
  public Startup(
      BootControl bootControl,
      SlotDevice device,
      SlotFiles slots,
      DeviceTrust trust,
      DeviceIdentity identity,
      Journal journal,
      MetadataStore store) {
    this.bootControl = bootControl;
    this.device = device;
    this.slots = slots;
    this.trust = trust;
    this.identity = identity;
    this.journal = journal;
    this.store = store;
  }

  /**
   * What runs.
   *
   * @param slot whose images are mounted
   * @param manifest the patch that they are; empty for base
   * @param failure why it is not what the bootloader chose
   */
  public record Running(Slot slot, Optional<Manifest> manifest, Optional<Failure> failure) {
    static Running base(Optional<Failure> failure) {
      return new Running(Slot.BASE, Optional.empty(), failure);
    }
  }

  /**
   * Mounts, and remembers for this boot what was mounted, so that a restart of the agent alone
   * changes nothing. A trial that cannot be mounted is given up in the record, unless it is the
   * storage that failed: then it goes on with the next start, as long as it has tries.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if the OS that booted must not go on, and
   *     the device could not be restarted: nothing may be started on it
   */
  public Running run() throws DeviceException {
    if (device.isSwitching()) {
      return restartAfterSwitch();
    }
    Optional<Slot> decided = device.decided();
    if (decided.isPresent()) {
      return afterAgentRestart(decided.get());
    }
    Optional<Slot> wornOut = settleWhatBootloaderSkipped();
    Slot chosen = wornOut.orElse(device.bootChoice().run());
    Optional<Failure> noneLeft =
        wornOut.isPresent()
            ? Optional.of(startsExhausted("slot " + chosen.word()))
            : startBeyondOurCount(chosen);
    Running running =
        noneLeft.isPresent() ? Running.base(noneLeft) : mount(chosen, Optional.empty());
    if (running.slot() != chosen && running.failure().isPresent()) {
      running = fallBack(chosen, running.failure().get());
    }
    Optional<String> otherOs = needsOtherOs(chosen, running.slot());
    if (otherOs.isPresent()) {
      running.failure().ifPresent(failure -> keepReason(chosen, failure));
      replaceDamagedRecord();
      LOG.error("the device is restarted: {}", otherOs.get());
      device.restart(RestartScope.REBOOT);
      return Running.base(running.failure());
    }
    try {
      device.decide(running.slot(), Collections.emptyList());
    } catch (DeviceException e) {
      LOG.error("cannot remember that {} runs: {}", running.slot().word(), e.getMessage());
    }
    return running;
  }

  /**
   * A bootloader that counts every start does not start what has none left, and starts the next one
   * without a word. A trial that it passed over like that is given up here.
   *
   * @return the active slot, if that is what was passed over
   */
  private Optional<Slot> settleWhatBootloaderSkipped() {
    Slot run = device.bootChoice().run();
    if (!device.bootChoice().counted()) {
      return Optional.empty();
    }
    try {
      ActivationRecord record = bootControl.load();
      Optional<Slot> trial = record.trial().filter(slot -> slot != run);
      if (trial.isPresent() && record.tries() == 0) {
        LOG.error("trial of slot {} given up: no tries are left", trial.get().word());
        bootControl.store(record.failed(trial.get()));
      }
      return run == Slot.BASE && record.isWornOut()
          ? Optional.of(record.active())
          : Optional.empty();
    } catch (DeviceException e) {
      LOG.error("cannot tell what the bootloader passed over: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * A program of the OS that runs may fill the bootloader's count up at every start ({@code rauc
   * status mark-good}): then ours says when it is enough.
   *
   * @return why the slot must not run, if it had no start left
   */
  private Optional<Failure> startBeyondOurCount(Slot chosen) {
    if (!device.bootChoice().counted() || chosen == Slot.BASE) {
      return Optional.empty();
    }
    try {
      if (bootControl.countStart(chosen)) {
        return Optional.empty();
      }
      return Optional.of(
          bootControl.load().isOnTrial(chosen)
              ? new Failure(
                  FailureCode.TRIES_EXHAUSTED,
                  "slot "
                      + chosen.word()
                      + ": expected a trial with tries left, got one whose tries were used, and"
                      + " filled up by others")
              : startsExhausted("slot " + chosen.word()));
    } catch (DeviceException e) {
      LOG.error("start of slot {} is not noted: {}", chosen.word(), e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * An agent that died while it changed what runs left something that nobody can tell: the device
   * is restarted. It counted the start before, so this ends like any trial that dies.
   */
  private Running restartAfterSwitch() {
    LOG.error("the agent died while it changed what runs: the device is restarted");
    Failure failure =
        new Failure(FailureCode.STATE_UNEXPECTED, "the agent died while it changed what runs");
    try {
      device.restart(RestartScope.REBOOT);
    } catch (DeviceException e) {
      LOG.error("cannot restart: {}", e.getMessage());
      failure = Failure.of(e);
    }
    return Running.base(Optional.of(failure)); // Nothing is decided, so nothing is protected.
  }

  /** The next start knows of this one what is durable, and nothing else. */
  private void keepReason(Slot chosen, Failure failure) {
    try {
      JournalState state = journal.load(identity.baseline());
      Optional<Attempt> trial =
          state
              .attempt()
              .filter(one -> one.phase() == Phase.ARMED && !one.isRemoval())
              .filter(one -> one.target() == chosen)
              .filter(one -> !one.failure().isPresent());
      if (trial.isPresent()) {
        journal.save(state.with(trial.get().because(failure)));
      }
    } catch (SutureException e) {
      LOG.error("not noted why slot {} is given up: {}", chosen.word(), e.getMessage());
    }
  }

  /**
   * Some bootloaders start a slot on a damaged record as well, and each start of its OS would end
   * here, until the slot has none left. So the record is written anew before the restart, as it is
   * where base runs: then base is what starts. What is not ours to write anew the record itself
   * refuses.
   */
  private void replaceDamagedRecord() {
    try {
      Optional<Failure> damage = recordDamage();
      if (!damage.isPresent()) {
        return;
      }
      store.keepRecordAside(bootControl.raw());
      bootControl.store(ActivationRecord.factory(device.bootChoice().osSlot()));
      LOG.error("the record is written anew: {}", damage.get().message());
      JournalState state = journal.load(identity.baseline());
      journal.save(
          state.with(
              new Outcome(state.lastNumber() + 1, "fail-safe", Phase.ABANDONED, damage, false)));
    } catch (SutureException e) {
      LOG.error("cannot write a damaged record anew, and say so: {}", e.getMessage());
    }
  }

  private Optional<Failure> recordDamage() throws DeviceException {
    try {
      bootControl.load();
      return Optional.empty();
    } catch (DeviceException e) {
      if (e.code() != FailureCode.ACTIVATION_RECORD_DAMAGED) {
        throw e;
      }
      return Optional.of(Failure.of(e));
    }
  }

  /**
   * Why the OS that booted is not that of what runs now, if it is not. An OS and images that do not
   * belong together are a mixture: only a start of the device puts that right. Each such start was
   * counted by the bootloader, or its trial is given up in the record, so this ends.
   */
  private Optional<String> needsOtherOs(Slot chosen, Slot runs) {
    Optional<Slot> patchedOs = device.bootChoice().patchedOs();
    if (patchedOs.isPresent()) {
      return patchedOs.get() == runs
          ? Optional.empty()
          : Optional.of("the OS of slot " + patchedOs.get().word() + " booted, and is given up");
    }
    if (chosen == Slot.BASE || runs != Slot.BASE) {
      return Optional.empty();
    }
    try {
      // What the bootloader chose is given up: what was active before it had no chance to boot.
      ActivationRecord record = bootControl.load();
      Slot active = record.active();
      return active != Slot.BASE
              && active != chosen
              && !record.trial().isPresent()
              && verified(active).hasOs()
          ? Optional.of("slot " + active.word() + " has an OS of its own, which must boot")
          : Optional.empty();
    } catch (SutureException e) {
      LOG.error("cannot tell which OS must boot: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private Running afterAgentRestart(Slot decided) {
    if (decided == Slot.BASE) {
      return Running.base(Optional.empty());
    }
    try {
      return new Running(decided, Optional.of(verified(decided)), Optional.empty());
    } catch (SutureException e) {
      LOG.error(
          "slot {} is mounted, but its documents are not valid any more: {}",
          decided.word(),
          e.getMessage());
      return new Running(decided, Optional.empty(), Optional.of(Failure.of(e)));
    }
  }

  private Running fallBack(Slot chosen, Failure failure) {
    try {
      ActivationRecord record = bootControl.load();
      // Too late is not the patch's fault: the trial goes on with the next start, as long as it has
      // tries.
      if (failure.code() == FailureCode.BASE_IN_USE) {
        return Running.base(Optional.of(failure));
      }
      if (failure.code() == FailureCode.STARTS_EXHAUSTED) {
        bootControl.store(record.activeFailed());
        LOG.error("slot {} given up: {}", chosen.word(), failure.message());
        return mount(bootControl.load().active(), Optional.of(failure));
      }
      if (chosen != record.active() && !record.isOnTrial(chosen)) {
        // Given up already, by an agent that died before it said what runs instead.
        return mount(record.active(), Optional.of(failure));
      }
      if (!record.isOnTrial(chosen)) {
        return retired(record, failure);
      }
      if (failure.code() == FailureCode.STORAGE_IO) {
        LOG.error(
            "trial of slot {} waits for the next start: {}", chosen.word(), failure.message());
        return mount(record.active(), Optional.of(failure));
      }
      bootControl.store(record.failed(chosen));
      LOG.error("trial of slot {} given up: {}", chosen.word(), failure.message());
      Running running = mount(record.active(), Optional.of(failure));
      // What an OS on trial says of itself is no reason to leave what was there before it.
      return running.slot() == record.active() || device.bootChoice().patchedOs().isPresent()
          ? running
          : retired(bootControl.load(), failure);
    } catch (DeviceException e) {
      LOG.error("cannot give up slot {}: {}", chosen.word(), e.getMessage());
      return Running.base(Optional.of(failure));
    }
  }

  /**
   * The patches of another OS release end with it: base is what was flashed. Where the OS of such a
   * patch booted, that shows in what its base is now.
   */
  private Running retired(ActivationRecord record, Failure failure) throws DeviceException {
    boolean isOther =
        failure.code() == FailureCode.WRONG_BASELINE
            || failure.code() == FailureCode.WRONG_BASE_IMAGE
                && device.bootChoice().patchedOs().isPresent();
    if (isOther && record.active() != Slot.BASE) {
      LOG.info("slot {} is retired: {}", record.active().word(), failure.message());
      bootControl.store(record.retired());
    }
    return Running.base(Optional.of(failure));
  }

  private Running mount(Slot slot, Optional<Failure> earlier) {
    if (slot == Slot.BASE) {
      return Running.base(earlier);
    }
    try {
      Manifest manifest = verified(slot);
      mountCounted(slot, manifest);
      LOG.info("slot {} is mounted: {}", slot.word(), manifest.title());
      return new Running(slot, Optional.of(manifest), earlier);
    } catch (SutureException e) {
      LOG.error("slot {} cannot be mounted: {}", slot.word(), e.getMessage());
      return Running.base(Optional.of(earlier.orElse(Failure.of(e))));
    }
  }

  /**
   * Mounts. The start of a slot that is not on trial is counted before it can stop the device (the
   * bootloader counts the others, those of a slot with an OS of its own, or all of them): that it
   * came up once does not mean that it always does.
   */
  private void mountCounted(Slot slot, Manifest manifest) throws SutureException {
    ActivationRecord before = bootControl.load();
    boolean hasOwnOs = device.bootChoice().patchedOs().equals(Optional.of(slot));
    if (before.active() != slot || hasOwnOs) {
      requireOs(slot, manifest);
      device.mount(slot, manifest);
      return;
    }
    // That it was counted shows in the record, or it was not.
    boolean isCountedAlready =
        device.bootChoice().counted() && device.bootChoice().run() == slot && before.starts() > 0;
    if (before.isWornOut() && !isCountedAlready) {
      Failure failure = startsExhausted(manifest.title() + " in slot " + slot.word());
      throw new DeviceException(failure.code(), failure.message());
    }
    if (manifest.hasOs() && before.starts() > 0) {
      // Its OS was refused, or the bootloader could not count it. The device is alive, with base,
      // and so the starts that were counted for it say nothing.
      stored(before.alive());
    }
    requireOs(slot, manifest);
    ActivationRecord counted = isCountedAlready ? before : before.started();
    boolean isCounted = isCountedAlready || stored(counted);
    try {
      device.mount(slot, manifest);
    } catch (SutureException e) {
      if (isCounted) {
        stored(counted.alive()); // The device is alive, with base.
      }
      throw e;
    }
  }

  private static Failure startsExhausted(String what) {
    return new Failure(
        FailureCode.STARTS_EXHAUSTED,
        what
            + ": expected a sign of life within "
            + ActivationRecord.STARTS_MAX
            + " starts, got none");
  }

  /** Images are mounted in the OS that they were tried in, and in no other. */
  private void requireOs(Slot slot, Manifest manifest) throws DeviceException {
    Optional<Slot> expected = manifest.hasOs() ? Optional.of(slot) : Optional.empty();
    Optional<Slot> booted = device.bootChoice().patchedOs();
    if (!booted.equals(expected)) {
      throw new DeviceException(
          FailureCode.SLOT_UNMOUNTABLE,
          "slot "
              + slot.word()
              + ": expected "
              + os(expected)
              + " to have booted, got "
              + os(booted));
    }
  }

  private static String os(Optional<Slot> slot) {
    return slot.map(one -> "the OS of slot " + one.word()).orElse("the OS of the release");
  }

  /** A device that cannot count starts is better off with its patch than without. */
  private boolean stored(ActivationRecord next) {
    try {
      bootControl.store(next);
      return true;
    } catch (DeviceException e) {
      LOG.error(
          "starts of slot {}: {} is not noted: {}",
          next.active().word(),
          next.starts(),
          e.getMessage());
      return false;
    }
  }

  /**
   * The manifest of a slot: the record names its digest, signed metadata lists it, it is for this
   * device.
   */
  Manifest verified(Slot slot) throws SutureException {
    for (int read = 1; ; read++) {
      try {
        return verifiedOnce(slot);
      } catch (DeviceException e) {
        if (e.code() != FailureCode.STORAGE_IO || read == READS_MAX) {
          throw e;
        }
        LOG.warn("documents of slot {} are read again: {}", slot.word(), e.getMessage());
      }
    }
  }

  private Manifest verifiedOnce(Slot slot) throws SutureException {
    Sha256 expected =
        Optional.of(bootControl.load().content(slot))
            .filter(content -> content.state() == SlotContent.State.WHOLE)
            .flatMap(SlotContent::manifest)
            .orElseThrow(
                () ->
                    new DeviceException(
                        FailureCode.SLOT_UNMOUNTABLE,
                        "slot " + slot.word() + ": expected a whole patch, the record has none"));
    SlotFiles.Documents documents = slots.documents(slot);
    requireOurBaseline(slot, expected, documents.manifest());
    TrustedView view = trust.believed(proof(slot, documents.proof()));
    LevelEntry entry =
        view.level(expected)
            .orElseThrow(
                () ->
                    new DeviceException(
                        FailureCode.SLOT_UNMOUNTABLE,
                        "slot "
                            + slot.word()
                            + ": expected manifest "
                            + expected
                            + " in its signed metadata, got none"));
    return view.verify(documents.manifest(), entry);
  }

  /**
   * A patch of another OS release is told apart first, because that release's keys may be of no
   * account any more. The record, which says what was verified, names the manifest by its digest.
   */
  private void requireOurBaseline(Slot slot, Sha256 expected, byte[] manifest)
      throws SutureException {
    if (Sha256.of(manifest).equals(expected)) {
      Baseline baseline = ManifestCodec.decode(manifest).baseline();
      if (!baseline.equals(identity.baseline())) {
        throw new RejectedException(
            FailureCode.WRONG_BASELINE,
            "slot "
                + slot.word()
                + ": expected a patch of "
                + identity.baseline()
                + ", got one of "
                + baseline);
      }
    }
  }

  private static TrustState proof(Slot slot, byte[] bytes) throws DeviceException {
    try {
      return TrustState.decodeProof(bytes);
    } catch (IllegalArgumentException e) {
      throw new DeviceException(
          FailureCode.SLOT_UNMOUNTABLE, "proof of slot " + slot.word() + ": " + e.getMessage(), e);
    }
  }
}
