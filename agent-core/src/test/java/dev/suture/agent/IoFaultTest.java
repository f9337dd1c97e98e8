package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimDisk.Operation;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import dev.suture.slot.RecordMedium;
import dev.suture.store.Outcome;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The storage fails at the n-th call, for every n of a clean run: once, or from there on for a
 * while. Calls are those of the disk and those of the activation record.
 */
class IoFaultTest {
  /** What the device goes through. */
  enum Story {
    INSTALL("26.1 (a)"),
    SECOND_INSTALL("26.1 (b)"),
    REVERT("26.1 (a)"),
    REMOVAL("26.1");

    private final String end;

    Story(String end) {
      this.end = end;
    }

    boolean beginsOnPatch() {
      return this != INSTALL;
    }
  }

  /** How long the storage fails. */
  enum Duration {
    ONCE,
    /** The journal as well, so that nothing can be noted either. */
    WHILE,
    WHILE_IN_SLOTS
  }

  private static final boolean NIGHTLY =
      System.getProperty("suture.depth", "build").equals("nightly");

  /** In the build, stories that are much like another one are failed at every so many-th call. */
  private static final int STRIDE = 3;

  /** Steps of the agent while the storage fails. */
  private static final int STEPS_OF_A_WHILE = 14;

  /** What takes space, and so can find none. */
  private static final Set<Operation> TAKES_SPACE =
      EnumSet.of(
          Operation.CREATE,
          Operation.WRITE,
          Operation.SYNC,
          Operation.RENAME,
          Operation.MAKE_DIRECTORY,
          Operation.SYNC_DIRECTORY);

  /** Counts the calls of a device's storage, and fails some. */
  private static final class Storage implements SimWiring {
    private final FailureCode code;
    private final Duration duration;
    private final long failing;
    private long calls;
    private boolean fails;
    private boolean isRepaired;
    private String failed = "";

    Storage(FailureCode code, Duration duration, long failing) {
      this.code = code;
      this.duration = duration;
      this.failing = failing;
    }

    /** Nothing fails any more. */
    void repair() {
      isRepaired = true;
    }

    boolean failsNow(String call) {
      if (isRepaired) {
        return false;
      }
      if (duration == Duration.WHILE_IN_SLOTS && !call.contains(SimDevice.slotPath(""))) {
        return false;
      }
      calls++;
      if (calls == failing) {
        fails = duration != Duration.ONCE;
        failed = call;
        return true;
      }
      return fails;
    }

    Optional<FailureCode> onDisk(Operation operation, String path) {
      return (code != FailureCode.DISK_FULL || TAKES_SPACE.contains(operation))
              && failsNow(operation + " " + path)
          ? Optional.of(code)
          : Optional.empty();
    }

    @Override
    public RecordMedium medium(RecordMedium medium) {
      return new RecordMedium() {
        @Override
        public byte[] read(int copy) throws DeviceException {
          failIfTold("read record copy " + copy);
          return medium.read(copy);
        }

        @Override
        public void write(int copy, byte[] bytes) throws DeviceException {
          failIfTold("write record copy " + copy);
          medium.write(copy, bytes);
        }
      };
    }

    /** A raw partition is never full. */
    private void failIfTold(String call) throws DeviceException {
      if (code != FailureCode.DISK_FULL && failsNow(call)) {
        throw new DeviceException(code, call + ": failed as it was told to");
      }
    }
  }

  private final SimPublisher publisher = new SimPublisher();

  private SimFlash prepared(Story story) {
    SimDevice device = new SimDevice(publisher);
    if (story.beginsOnPatch()) {
      publisher.release(SimPublisher.level("a"));
    }
    device.settle();
    device.flash().disk().syncAll();
    device.flash().power().off();
    switch (story) {
      case INSTALL -> publisher.release(SimPublisher.level("a"));
      case SECOND_INSTALL -> publisher.release(SimPublisher.level("b"));
      case REVERT -> publisher.release(SimPublisher.level("b").sick());
      case REMOVAL -> {}
    }
    return device.flash();
  }

  private SimDevice device(SimFlash start, Storage storage) {
    SimFlash flash = start.copy();
    flash.powerOn(CacheFate.lost());
    flash.disk().fault(storage::onDisk);
    return new SimDevice(flash, publisher, storage);
  }

  @ParameterizedTest
  @EnumSource(Story.class)
  void storageFails_atAnyCall_deviceEndsWell(Story story) throws SutureException {
    SimFlash start = prepared(story);
    int stride = NIGHTLY || story == Story.INSTALL || story == Story.REMOVAL ? 1 : STRIDE;
    int cases = 0;
    int finished = 0;
    for (FailureCode code : new FailureCode[] {FailureCode.STORAGE_IO, FailureCode.DISK_FULL}) {
      for (Duration duration : Duration.values()) {
        for (long n = 1; ; n += stride) {
          Storage storage = new Storage(code, duration, n);
          boolean isFinished;
          try {
            isFinished = run(story, device(start, storage), storage);
          } catch (SutureException | RuntimeException | AssertionError e) {
            throw new AssertionError(
                story
                    + ", "
                    + code
                    + " "
                    + duration
                    + ", call "
                    + n
                    + " ("
                    + storage.failed
                    + "): "
                    + e,
                e);
          }
          if (storage.failed.isEmpty()) {
            break;
          }
          cases++;
          finished += isFinished ? 1 : 0;
        }
      }
    }
    System.out.printf(
        "storage fails %-14s %4d cases, %4d finished, %3d gave up and said so%n",
        story, cases, finished, cases - finished);
    assertThat(cases).isGreaterThan(100);
  }

  /** Whether it ended as it does without a failure. */
  private boolean run(Story story, SimDevice device, Storage storage) throws SutureException {
    for (int i = 0; i < STEPS_OF_A_WHILE; i++) {
      removeIfTold(story, device);
      device.clock().advance(Math.max(0, device.step()));
    }
    if (storage.duration != Duration.ONCE) {
      storage.repair();
    }
    settle(device);
    if (removeIfTold(story, device)) {
      settle(device);
    }
    storage.repair();
    String release = device.agent().status().release();
    if (release.equals(story.end)) {
      assertThat(device.agent().status().isProtected()).isEqualTo(!release.equals("26.1"));
      return true;
    }
    Outcome last = device.agent().history().lastOutcome().orElseThrow();
    assertThat(storage.duration)
        .as("one failure is overcome, but " + last)
        .isNotEqualTo(Duration.ONCE);
    assertThat(last.phase()).isIn(Phase.ABANDONED, Phase.REVERTED);
    assertThat(last.failure()).isPresent();
    assertThat(last.reported()).isTrue();
    String before = story.beginsOnPatch() ? "26.1 (a)" : "26.1";
    if (!release.equals(before)) {
      // The active slot could not be read at the start: base runs until the next one.
      assertThat(release).isEqualTo("26.1");
      device.powerCycle(CacheFate.lost());
      assertThat(device.agent().status().release()).isEqualTo(before);
    }
    device.agent().requestInstall();
    settle(device);
    assertThat(device.agent().status().release()).as("asked for again").isEqualTo(story.end);
    return false;
  }

  private static void settle(SimDevice device) {
    device.settle();
    // What runs is less than what the record says: the next look at the metadata mends it.
    device.agent().check();
    device.settle();
  }

  /** Asks for the removal, once, as soon as the device takes the wish. */
  private static boolean removeIfTold(Story story, SimDevice device) {
    if (story != Story.REMOVAL
        || device.stage().equals("off")
        || device.stage().equals("restarting")) {
      return false;
    }
    boolean isBegun =
        device.agent().history().attempt().isPresent()
            || device.agent().history().outcomes().stream()
                .anyMatch(outcome -> outcome.title().equals("removal"));
    if (isBegun || device.kernel().mountedSlot() == Slot.BASE) {
      return false;
    }
    try {
      device.agent().requestRemoval();
      return true;
    } catch (SutureException e) {
      return false; // The record cannot be read: whoever asks is told, and asks again.
    }
  }
}
