package dev.suture.agent;

import dev.suture.attempt.Phase;
import dev.suture.attempt.ProbationTerms;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimServices;
import dev.suture.store.Outcome;
import dev.suture.trust.TrustState;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What a device goes through, and how it must end, wherever its power fails on the way. */
enum CrashStory {
  INSTALL("The first patch of a device.", "26.1 (a)", Phase.ACTIVE, Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      device.settle();
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("a"));
    }
  },
  SECOND_INSTALL("The second one goes to the other slot.", "26.1 (b)", Phase.ACTIVE, Slot.B),
  FAILING_HEALTH(
      "The second one is not healthy: back to the first, and its floor is not raised.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.release(withFloor("b", false).sick());
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      require(!floor(device).isPresent(), "no floor is raised", floor(device));
    }
  },
  HANGING(
      "The second one stops the kernel: the bootloader gives it up.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").hangs());
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      require(
          outcome(device).flatMap(Outcome::failure).orElseThrow().code()
              == FailureCode.TRIES_EXHAUSTED,
          "the tries were used up",
          device.agent().history().outcomes());
    }
  },
  HANGING_LATER(
      "The second one passes its trial, and stops the kernel at every later start: back to the first.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").hangsLater());
    }

    @Override
    void run(SimDevice device) throws SutureException {
      super.run(device);
      if (device.record().active() == Slot.B) {
        device.powerOff();
        super.run(device);
      }
    }

    @Override
    int outcomesMax() {
      return 2; // Unless the power fails after the confirmation, before that is an outcome.
    }

    @Override
    List<Phase> phases() {
      return INSTALL.phases();
    }
  },
  REMOVAL("Back to base.", "removal", Phase.REMOVED, Slot.BASE) {
    @Override
    void publish(SimPublisher publisher) {}

    @Override
    void run(SimDevice device) throws SutureException {
      super.run(device);
      if (!outcome(device).isPresent()) {
        device.agent().requestRemoval();
        device.settle();
      }
    }
  },
  PAYLOAD_FALLBACK(
      "The deltas are no good, the full images are.", "26.1 (b)", Phase.ACTIVE, Slot.B) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").delta(CrashStory::spoiled));
    }
  },
  BAD_PAYLOADS("Neither is any good.", "26.1 (b)", Phase.REJECTED, Slot.A) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.release(
          SimPublisher.level("b").delta(CrashStory::spoiled).full(CrashStory::spoiled));
    }
  },
  BAD_SECTOR(
      "The disk gives other bytes than were written to slot B.",
      "26.1 (b)",
      Phase.ABANDONED,
      Slot.A) {
    @Override
    void equip(SimDevice device) {
      String path = SimDevice.slotPath("b/" + SimPublisher.WEB.word() + ".img");
      device.flash().disk().badSectorIn(path::equals);
    }
  },
  FAILING_FLUSH(
      "The first flush of the journal fails, after every start.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    void equip(SimDevice device) {
      device
          .flash()
          .disk()
          .fault(
              SimDisk.Fault.nth(
                  1,
                  SimDisk.Operation.SYNC,
                  path -> path.startsWith(SimDevice.statePath("journal")),
                  FailureCode.STORAGE_IO));
    }

    @Override
    void run(SimDevice device) throws SutureException {
      super.run(device);
      super.run(device); // What could not even begin is tried again later.
    }
  },
  WITHDRAWN(
      "The publisher takes the second one back when it is written already.",
      "26.1 (b)",
      Phase.REJECTED,
      Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      super.prepare(device);
      device.publisher().release(SimPublisher.level("b"));
      stepTo(device, Phase.STAGED);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.withdraw("b");
    }

    @Override
    List<Phase> phases() {
      return List.of(Phase.STAGED, Phase.REJECTED);
    }
  },
  NEXT_LEVEL_ON_TRIAL(
      "A newer level is published while one is on trial: both are installed, one after the other.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      device.publisher().release(SimPublisher.level("a"));
      stepTo(device, Phase.ARMED);
    }
  },
  NEW_BASELINE(
      "Another OS release is flashed while a patch is active and the next one is on trial.",
      "none",
      Phase.ACTIVE,
      Slot.BASE) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      super.prepare(device);
      device.publisher().release(SimPublisher.level("b"));
      stepTo(device, Phase.ARMED);
    }

    @Override
    void publish(SimPublisher publisher) {}

    @Override
    void equip(SimDevice device) {
      device.baseline(new Baseline("26.2"));
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkWhatRuns(device);
      require(
          device.agent().status().release().equals("26.2"),
          "the new OS release runs",
          device.agent().status());
    }

    @Override
    List<Phase> phases() {
      return List.of();
    }
  },
  OLD_SLOT_FAILS(
      "The next level is not healthy, and the slot to go back to has become unreadable meanwhile: base runs, until the level from before is installed once more.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.B) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      super.prepare(device);
      device.publisher().release(SimPublisher.level("b").sick());
      stepTo(device, Phase.ARMED);
      String image = SimDevice.slotPath("a/" + SimPublisher.WEB.word() + ".img");
      device.flash().disk().damage(image, 0);
    }

    @Override
    void publish(SimPublisher publisher) {}
  },
  WITHDRAWN_ACTIVE_TO_BASE(
      "The publisher takes back what runs, and nothing else will do: back to base.",
      "withdrawal",
      Phase.REMOVED,
      Slot.BASE) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.withdraw("a", new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.BASE));
    }
  },
  WITHDRAWN_ACTIVE_TO_GOOD(
      "The publisher takes back what runs: the one before is installed again.",
      "26.1 (a)",
      Phase.ACTIVE,
      Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      super.prepare(device);
      device.publisher().release(SimPublisher.level("b"));
      stepTo(device, Phase.ARMED);
      device.settle();
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.withdraw("b");
    }

    @Override
    int outcomesMax() {
      return 2;
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      require(
          cuts >= TRIES || device.invariants().outcomesOf("26.1 (a)") == 2,
          "it was installed twice",
          device.agent().history().outcomes());
    }
  },
  KEYS_ROTATED(
      "The keys of root, targets and timestamp are others when the second one is published; the mirror has the new root before it has the new timestamp.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    void publish(SimPublisher publisher) {
      publisher.rotate(FIRST_NEW_KEY, RoleType.ROOT, RoleType.TARGETS, RoleType.TIMESTAMP);
      super.publish(publisher);
    }

    @Override
    void equip(SimDevice device) {
      device.mirror().lieTimes(SimPublisher.timestamp(), 1, SimMirror.missing());
    }

    @Override
    void run(SimDevice device) throws SutureException {
      super.run(device);
      device.agent().check();
      super.run(device);
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      TrustState believed = device.invariants().believed().orElse(TrustState.EMPTY);
      require(believed.roots().size() == 1, "the new root is believed", believed.roots().size());
      require(believed.marks().signedTime().isPresent(), "time is known", believed.marks());
    }
  },
  SEALED(
      "A sealed file is spread, then its key comes: the first patch is installed from it.",
      "26.1 (a)",
      Phase.ACTIVE,
      Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      INSTALL.prepare(device);
    }

    @Override
    void publish(SimPublisher publisher) {
      Sealing sealing = Sealing.ofLevelA(path -> path.endsWith(".delta"));
      sealing.spread(publisher);
      sealing.open(publisher);
    }

    /** The mirror has the key only later. */
    @Override
    void equip(SimDevice device) {
      device.mirror().lie(SimPublisher.timestamp(), now -> device.publisher().timestamp(2));
    }

    @Override
    void run(SimDevice device) throws SutureException {
      super.run(device);
      device.mirror().honest();
      device.agent().check();
      super.run(device);
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      require(
          !device.flash().disk().cached(SimDevice.statePath("sealed/opened")).isPresent(),
          "what was opened is dropped",
          "it is there");
      require(
          cuts > 0 || device.mirror().asked().stream().noneMatch(path -> path.contains("payloads")),
          "nothing but the sealed file is downloaded",
          device.mirror().asked());
    }
  },
  LIVE_INSTALL(
      "The second one needs no more than its services to be restarted.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      device.publisher().release(SimPublisher.level("a").live());
      device.settle();
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").live());
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkBoots(device, cuts);
      super.check(device, cuts);
    }
  },
  LIVE_FAILING_HEALTH(
      "Such a one is not healthy: the services go back to the first.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      LIVE_INSTALL.prepare(device);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").live().sick());
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkBoots(device, cuts);
      super.check(device, cuts);
    }
  },
  PROBATION(
      "The second one passes its trial, but its services crash again and again: back to the first.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void equip(SimDevice device) {
      device.probation(ProbationTerms.DEFAULT);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").crashes());
    }

    @Override
    void run(SimDevice device) throws SutureException {
      super.run(device);
      runProbation(device);
    }

    @Override
    int outcomesMax() {
      return HANGING_LATER.outcomesMax();
    }

    @Override
    List<Phase> phases() {
      return INSTALL.phases();
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      checkProbation(device, cuts);
    }
  },
  LIVE_PROBATION(
      "Likewise, and both need no more than their services to be restarted.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      LIVE_INSTALL.prepare(device);
    }

    @Override
    void equip(SimDevice device) {
      PROBATION.equip(device);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").live().crashes());
    }

    @Override
    void run(SimDevice device) throws SutureException {
      PROBATION.run(device);
    }

    @Override
    int outcomesMax() {
      return HANGING_LATER.outcomesMax();
    }

    @Override
    List<Phase> phases() {
      return INSTALL.phases();
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkBoots(device, cuts);
      super.check(device, cuts);
      checkProbation(device, cuts);
    }
  },
  LIVE_REMOVAL("Back to base, the services alone restarted.", "removal", Phase.REMOVED, Slot.BASE) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      LIVE_INSTALL.prepare(device);
    }

    @Override
    void publish(SimPublisher publisher) {}

    @Override
    void run(SimDevice device) throws SutureException {
      REMOVAL.run(device);
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkBoots(device, cuts);
      super.check(device, cuts);
    }
  },
  USERSPACE_INSTALL(
      "The second one needs its userspace to be restarted, where a process of no service is deaf.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      device.publisher().release(SimPublisher.level("a").userspace());
      device.settle();
    }

    @Override
    void equip(SimDevice device) {
      device.userspace(new UserspaceTerms(Collections.emptySet(), SimServices.TIMEOUT_MILLIS));
      device.withStranger(SimServices.Temper.IGNORES);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").userspace());
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkUserspace(device, cuts);
      super.check(device, cuts);
    }
  },
  USERSPACE_FAILING_HEALTH(
      "Such a one is not healthy: the userspace goes back to the first.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      USERSPACE_INSTALL.prepare(device);
    }

    @Override
    void equip(SimDevice device) {
      USERSPACE_INSTALL.equip(device);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").userspace().sick());
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      checkUserspace(device, cuts);
      super.check(device, cuts);
    }
  },
  OS_INSTALL(
      "The second one brings an OS of its own, which must boot.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    SimPublisher publisher() {
      return new SimPublisher().patchesOs();
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").withOs());
    }
  },
  OS_DEAD(
      "Both bring an OS; in the second one the agent never starts: back to the first.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    SimPublisher publisher() {
      return OS_INSTALL.publisher();
    }

    @Override
    void prepare(SimDevice device) throws SutureException {
      device.publisher().release(SimPublisher.level("a").withOs());
      device.settle();
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").withDeadOs());
    }
  },
  OS_HANGING_LATER(
      "Both bring an OS; the second one passes its trial, and stops at every later start: back to the first.",
      "26.1 (b)",
      Phase.REVERTED,
      Slot.A) {
    @Override
    SimPublisher publisher() {
      return OS_INSTALL.publisher();
    }

    @Override
    void prepare(SimDevice device) throws SutureException {
      OS_DEAD.prepare(device);
    }

    @Override
    void publish(SimPublisher publisher) {
      publisher.release(SimPublisher.level("b").withOs().hangsLater());
    }

    @Override
    void run(SimDevice device) throws SutureException {
      HANGING_LATER.run(device);
    }

    @Override
    int outcomesMax() {
      return HANGING_LATER.outcomesMax();
    }

    @Override
    List<Phase> phases() {
      return INSTALL.phases();
    }
  },
  OS_LEFT(
      "The first one brings an OS, the second one does without: that of the release boots.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    SimPublisher publisher() {
      return OS_INSTALL.publisher();
    }

    @Override
    void prepare(SimDevice device) throws SutureException {
      OS_DEAD.prepare(device);
    }
  },
  OS_REMOVAL("Back to base, from a patch with an OS.", "removal", Phase.REMOVED, Slot.BASE) {
    @Override
    SimPublisher publisher() {
      return OS_INSTALL.publisher();
    }

    @Override
    void prepare(SimDevice device) throws SutureException {
      OS_DEAD.prepare(device);
    }

    @Override
    void publish(SimPublisher publisher) {}

    @Override
    void run(SimDevice device) throws SutureException {
      REMOVAL.run(device);
    }
  },
  OS_NEW_BASELINE(
      "Another OS release is flashed while a patch with an OS is active and the next one is on trial.",
      "none",
      Phase.ACTIVE,
      Slot.BASE) {
    @Override
    SimPublisher publisher() {
      return OS_INSTALL.publisher();
    }

    @Override
    void prepare(SimDevice device) throws SutureException {
      OS_DEAD.prepare(device);
      device.publisher().release(SimPublisher.level("b").withOs());
      stepTo(device, Phase.ARMED);
    }

    @Override
    void publish(SimPublisher publisher) {}

    @Override
    void equip(SimDevice device) {
      NEW_BASELINE.equip(device);
    }

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      NEW_BASELINE.check(device, cuts);
    }

    @Override
    List<Phase> phases() {
      return NEW_BASELINE.phases();
    }
  },
  FLOOR_RAISED(
      "A level that demands a floor passes its trial: the floor is raised.",
      "26.1 (b)",
      Phase.ACTIVE,
      Slot.B) {
    @Override
    void prepare(SimDevice device) throws SutureException {
      super.prepare(device);
      device.publisher().release(withFloor("b", false));
      stepTo(device, Phase.ARMED);
    }

    @Override
    void publish(SimPublisher publisher) {}

    @Override
    void check(SimDevice device, int cuts) throws SutureException {
      super.check(device, cuts);
      require(
          floor(device).isPresent() == (device.kernel().mountedSlot() == Slot.B),
          "the floor is raised if the level was confirmed",
          floor(device));
    }

    @Override
    List<Phase> phases() {
      return List.of(Phase.ARMED, Phase.ACTIVE);
    }
  };

  private static final int TRIES = 3;
  private static final int STEPS_MAX = 100;
  private static final int FIRST_NEW_KEY = 100;

  private final String description;
  private final String title;
  private final Phase end;
  private final Slot runs;

  /**
   * A story.
   *
   * @param description what happens, for people
   * @param title of the attempt that it is about
   * @param end how that one ends
   * @param runs what runs at the end
   */
  CrashStory(String description, String title, Phase end, Slot runs) {
    this.description = description;
    this.title = title;
    this.end = end;
    this.runs = runs;
  }

  private static byte[] spoiled(byte[] payload) {
    return SimMirror.flipped(payload.length - 1).apply(payload);
  }

  /** A level that demands that nothing below it is installed any more. */
  static SimPublisher.Release withFloor(String letters, boolean coversBase) {
    return SimPublisher.level(letters)
        .manifest(
            manifest ->
                manifest.with(
                    new Compatibility(
                        Optional.empty(),
                        Optional.of(new Level(letters)),
                        coversBase,
                        Optional.empty())));
  }

  private static Optional<TrustState.Floor> floor(SimDevice device) {
    return device.invariants().believed().flatMap(state -> state.marks().floor());
  }

  private static void stepTo(SimDevice device, Phase phase) {
    for (int i = 0; i < STEPS_MAX && !device.stage().equals(phase.name()); i++) {
      device.steps(1);
    }
    require(device.stage().equals(phase.name()), "it gets to " + phase, device.stage());
  }

  /** Time passes until nothing is on probation any more. */
  private static void runProbation(SimDevice device) {
    for (int i = 0; i < STEPS_MAX && !device.agent().history().probations().isEmpty(); i++) {
      device.clock().advance(ProbationWatch.LOOK_EVERY_MILLIS);
      device.settle();
    }
  }

  /** Nothing is watched any more, and what was given up was given up for what was seen. */
  private static void checkProbation(SimDevice device, int cuts) {
    require(
        device.agent().history().probations().isEmpty(),
        "the probation is over",
        device.agent().history().probations());
    require(
        cuts >= TRIES
            || device.agent().history().outcomes().stream()
                .flatMap(outcome -> outcome.failure().stream())
                .anyMatch(failure -> failure.code() == FailureCode.PROBATION_FAILED),
        "probation ended it",
        device.agent().history().outcomes());
  }

  /** Where nothing was cut, the device was started once, at the beginning. */
  private static void checkBoots(SimDevice device, int cuts) {
    require(cuts > 0 || device.boots() == 1, "nothing but services restarts", device.boots());
  }

  /** Likewise; and whatever was stopped for it runs again. */
  private static void checkUserspace(SimDevice device, int cuts) {
    checkBoots(device, cuts);
    require(
        device.services().stopped().isEmpty(),
        "no service is left stopped",
        device.services().stopped());
  }

  /** What happens, for people. */
  String description() {
    return description;
  }

  /** How the attempt that it is about ends. */
  Phase end() {
    return end;
  }

  /** How many outcomes there may be of the patch that it is about; there is one at least. */
  int outcomesMax() {
    return 1;
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

  /** Who publishes for the device. */
  SimPublisher publisher() {
    return new SimPublisher();
  }

  /** Brings a new device to where the story begins: level (a) is active. */
  void prepare(SimDevice device) throws SutureException {
    device.publisher().release(SimPublisher.level("a"));
    device.settle();
  }

  /** What happens in the world: level (b) is published. */
  void publish(SimPublisher publisher) {
    publisher.release(SimPublisher.level("b"));
  }

  /** What is special about the device. */
  void equip(SimDevice device) {}

  /** Lets the device go through it, from any state that it may be in. */
  void run(SimDevice device) throws SutureException {
    device.settle();
  }

  /** How the attempt that it is about ended. */
  Optional<Outcome> outcome(SimDevice device) {
    return device.agent().history().outcomes().stream()
        .filter(outcome -> outcome.title().equals(title))
        .reduce((first, second) -> second);
  }

  /**
   * Checks how it ended.
   *
   * @param cuts how often the power failed: fewer than tries cost no patch
   */
  void check(SimDevice device, int cuts) throws SutureException {
    if (cuts >= TRIES && isLostToCuts(device)) {
      device.invariants().checkRunning();
      return;
    }
    checkWhatRuns(device);
    long outcomes = device.invariants().outcomesOf(title);
    require(
        outcomes >= 1 && outcomes <= outcomesMax(),
        "1 to " + outcomesMax() + " outcomes of " + title,
        device.agent().history().outcomes());
    require(
        outcome(device).map(Outcome::phase).equals(Optional.of(end)),
        "it ended as " + end,
        device.agent().history().outcomes());
    for (Manifest manifest : device.publisher().manifests()) {
      boolean isHeld =
          end == Phase.REMOVED || end != Phase.ACTIVE && manifest.title().equals(title);
      require(
          device.agent().history().holds(manifest.digest()) == isHeld,
          manifest.title() + (isHeld ? " is held" : " is not held"),
          device.agent().history().held());
    }
  }

  /** Checks that the right slot runs, says so, and works. */
  final void checkWhatRuns(SimDevice device) throws SutureException {
    device.invariants().checkRunning();
    require(
        device.kernel().mountedSlot() == runs,
        runs + " runs",
        device.kernel().mountedSlot()
            + "; "
            + device.record()
            + ", "
            + device.agent().history().outcomes());
    require(device.record().active() == runs, runs + " is active", device.record());
    require(
        device.agent().status().isProtected() == (runs != Slot.BASE),
        "protection is reported",
        device.agent().status());
    require(device.invariants().isHealthy(), "the services work", "they do not");
  }

  private static boolean isLostToCuts(SimDevice device) {
    return device.agent().history().outcomes().stream()
        .flatMap(outcome -> outcome.failure().stream())
        .anyMatch(failure -> failure.code() == FailureCode.TRIES_EXHAUSTED);
  }

  static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new AssertionError("expected that " + expected + ", got " + got);
    }
  }
}
