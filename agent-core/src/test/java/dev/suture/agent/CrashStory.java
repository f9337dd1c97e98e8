package dev.suture.agent;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimPublisher.Release;
import dev.suture.store.Outcome;
import java.util.List;
import java.util.Optional;

/** What a device goes through, and how it must end, wherever its power fails on the way. */
enum CrashStory {
  /** The first patch of a device. */
  INSTALL(false, Phase.ACTIVE, Slot.A),
  /** The second one goes to the other slot. */
  SECOND_INSTALL(true, Phase.ACTIVE, Slot.B),
  /** The second one is not healthy: back to the first. */
  FAILING_HEALTH(true, Phase.REVERTED, Slot.A),
  /** The second one stops the kernel: the bootloader gives it up. */
  HANGING(true, Phase.REVERTED, Slot.A),
  /** Back to base. */
  REMOVAL(true, Phase.REMOVED, Slot.BASE),
  /** The deltas are no good, the full images are. */
  PAYLOAD_FALLBACK(false, Phase.ACTIVE, Slot.A),
  /** Neither is any good. */
  BAD_PAYLOADS(true, Phase.REJECTED, Slot.A),
  /** The disk gives other bytes than were written to slot B. */
  BAD_SECTOR(true, Phase.ABANDONED, Slot.A) {
    @Override
    void equip(SimDevice device) {
      device
          .flash()
          .disk()
          .badSectorIn(
              path -> path.equals(SimDevice.slotPath("b/" + SimPublisher.WEB.word() + ".img")));
    }
  };

  private final boolean beginsOnPatch;
  private final Phase end;
  private final Slot runs;

  CrashStory(boolean beginsOnPatch, Phase end, Slot runs) {
    this.beginsOnPatch = beginsOnPatch;
    this.end = end;
    this.runs = runs;
  }

  private Optional<Release> release() {
    Release next = SimPublisher.level(beginsOnPatch ? "b" : "a");
    return switch (this) {
      case INSTALL, SECOND_INSTALL, BAD_SECTOR -> Optional.of(next);
      case FAILING_HEALTH -> Optional.of(next.sick());
      case HANGING -> Optional.of(next.hangs());
      case PAYLOAD_FALLBACK -> Optional.of(next.delta(CrashStory::spoiled));
      case BAD_PAYLOADS -> Optional.of(next.delta(CrashStory::spoiled).full(CrashStory::spoiled));
      case REMOVAL -> Optional.empty();
    };
  }

  private static byte[] spoiled(byte[] payload) {
    return SimMirror.flipped(payload.length - 1).apply(payload);
  }

  /** How it ends. */
  Phase end() {
    return end;
  }

  /** The phases that an attempt of this story is in. */
  List<Phase> phases() {
    return switch (end) {
      case REMOVED -> List.of(Phase.ARMING, Phase.ARMED, end);
      case REJECTED, ABANDONED ->
          List.of(Phase.NOTICED, Phase.VERIFIED, Phase.FETCHED, Phase.WRITING, end);
      default ->
          List.of(
              Phase.NOTICED,
              Phase.VERIFIED,
              Phase.FETCHED,
              Phase.WRITING,
              Phase.STAGED,
              Phase.ARMING,
              Phase.ARMED,
              end);
    };
  }

  /** Brings a new device to where the story begins. */
  void prepare(SimDevice device) {
    if (beginsOnPatch) {
      device.publisher().release(SimPublisher.level("a"));
    }
    device.settle();
  }

  /** What happens in the world. */
  void publish(SimPublisher publisher) {
    release().ifPresent(publisher::release);
  }

  /** What is special about the device. */
  void equip(SimDevice device) {}

  /** Lets the device go through it, from any state that it may be in. */
  void run(SimDevice device) throws SutureException {
    device.settle();
    if (end == Phase.REMOVED && !outcome(device).isPresent()) {
      device.agent().requestRemoval();
      device.settle();
    }
  }

  private Optional<Outcome> outcome(SimDevice device) {
    return device.agent().history().outcomes().stream()
        .filter(outcome -> outcome.title().equals(title()))
        .reduce((first, second) -> second);
  }

  private String title() {
    return end == Phase.REMOVED ? "removal" : beginsOnPatch ? "26.1 (b)" : "26.1 (a)";
  }

  /** Checks how it ended. */
  void check(SimDevice device) throws SutureException {
    device.invariants().checkRunning();
    require(device.kernel().mountedSlot() == runs, runs + " runs", device.kernel().mountedSlot());
    require(device.record().active() == runs, runs + " is active", device.record());
    require(
        device.invariants().outcomesOf(title()) == 1,
        "one outcome of " + title(),
        device.agent().history().outcomes());
    require(
        outcome(device).map(Outcome::phase).equals(Optional.of(end)),
        "it ended as " + end,
        device.agent().history().outcomes());
    require(
        device.agent().status().isProtected() == (runs != Slot.BASE),
        "protection is reported",
        device.agent().status());
    require(device.invariants().isHealthy(), "the services work", "they do not");
    for (Manifest manifest : device.publisher().manifests()) {
      boolean isHeld =
          end == Phase.REMOVED || end != Phase.ACTIVE && manifest.title().equals(title());
      require(
          device.agent().history().holds(manifest.digest()) == isHeld,
          manifest.title() + (isHeld ? " is held" : " is not held"),
          device.agent().history().held());
    }
    if (this == HANGING) {
      require(
          outcome(device).flatMap(Outcome::failure).orElseThrow().code()
              == FailureCode.TRIES_EXHAUSTED,
          "the tries were used up",
          device.agent().history().outcomes());
    }
  }

  private static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new AssertionError("expected that " + expected + ", got " + got);
    }
  }
}
