package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Phase;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimRecordKind;
import dev.suture.sim.SimWiring;
import dev.suture.slot.MiscMedium;
import dev.suture.slot.RecordMedium;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power is cut everywhere in some of the stories of {@link CrashTest}, with the boot records that
 * it does not go through: once, and in the short stories once more in each recovery; with {@code
 * -Dsuture.depth=nightly} in all of them.
 */
@Execution(ExecutionMode.CONCURRENT)
class BootSlotsCrashTest {
  private static final CrashBounds TWICE =
      new CrashBounds(2, new CrashFates(3, 0), new CrashFates(0, 0), 1, 1);
  private static final CrashBounds ONCE =
      new CrashBounds(1, new CrashFates(3, 1), new CrashFates(1, 0), 1, 1);

  private static final List<SimRecordKind> KINDS =
      List.of(SimRecordKind.ENVIRONMENT, SimRecordKind.RAUC, SimRecordKind.MISC);

  private static CrashBounds bounds(CrashStory story) {
    boolean isShort = story == CrashStory.INSTALL || story == CrashStory.REMOVAL;
    return isShort || CrashBounds.chosen().depth() > CrashBounds.BUILD.depth() ? TWICE : ONCE;
  }

  private static Stream<Arguments> stories() {
    List<Arguments> all = new ArrayList<>();
    for (SimRecordKind kind : KINDS) {
      for (CrashStory story :
          List.of(
              CrashStory.INSTALL,
              CrashStory.HANGING,
              CrashStory.HANGING_LATER,
              CrashStory.REMOVAL,
              CrashStory.LIVE_INSTALL,
              CrashStory.OS_DEAD,
              CrashStory.OS_HANGING_LATER,
              CrashStory.OS_NEW_BASELINE)) {
        all.add(Arguments.of(kind, story));
      }
    }
    for (CrashStory story :
        List.of(CrashStory.HANGING, CrashStory.HANGING_LATER, CrashStory.OS_HANGING_LATER)) {
      all.add(Arguments.of(SimRecordKind.RAUC_MARKED_GOOD, story));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("stories")
  void powerIsCut_anywhere_storyEndsAsItMust(SimRecordKind kind, CrashStory story) {
    long start = System.nanoTime();
    CrashExplorer.Tally tally =
        new CrashExplorer(story, SimWiring.PLAIN, bounds(story), kind).explore();
    System.out.printf(
        "crash test %-11s %-16s %s, %d ms%n",
        kind, story, tally, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    for (Phase phase : story.phases()) {
      assertThat(tally.cutsInStage).containsKey(phase.name());
    }
  }

  /** It runs before the agent, and once more behind the mount that stops the kernel. */
  @Test
  void markGood_trialStopsTheKernelBehindIt_startsNoMoreOftenThanItHasTries()
      throws SutureException {
    SimDevice device = device(SimRecordKind.RAUC_MARKED_GOOD, CrashStory.HANGING);
    int boots = device.boots();
    CrashStory.HANGING.run(device);
    CrashStory.HANGING.check(device, 0);
    assertThat(device.boots()).isEqualTo(boots + 4);
  }

  @Test
  void markGood_activeStopsTheKernelBehindIt_isGivenUpForItsStarts() throws SutureException {
    SimDevice device = device(SimRecordKind.RAUC_MARKED_GOOD, CrashStory.HANGING_LATER);
    CrashStory.HANGING_LATER.run(device);
    CrashStory.HANGING_LATER.check(device, 0);
    assertThat(
            CrashStory.HANGING_LATER.outcome(device).orElseThrow().failure().orElseThrow().code())
        .isEqualTo(FailureCode.STARTS_EXHAUSTED);
  }

  private static SimDevice device(SimRecordKind kind, CrashStory story) throws SutureException {
    SimPublisher publisher = story.publisher();
    SimDevice device = new SimDevice(SimFlash.factory(kind), publisher, SimWiring.PLAIN);
    story.prepare(device);
    story.publish(publisher);
    device.notices().send(publisher.version());
    return device;
  }

  /** What is to be written first is written behind what makes it count. */
  private static final class CommittedBeforeDetails implements SimWiring {
    private byte[] held = new byte[0];
    private int heldCopy;
    private boolean isCommitted;
    private RecordMedium details = new NoMedium();

    @Override
    public MiscMedium misc(MiscMedium medium) {
      held = new byte[0];
      isCommitted = false;
      return new MiscMedium() {
        @Override
        public byte[] read() throws DeviceException {
          return medium.read();
        }

        @Override
        public void write(byte[] control) throws DeviceException {
          medium.write(control);
          isCommitted = true;
          details.write(heldCopy, held);
        }
      };
    }

    @Override
    public RecordMedium medium(RecordMedium medium) {
      details = medium;
      return new RecordMedium() {
        @Override
        public byte[] read(int copy) throws DeviceException {
          return medium.read(copy);
        }

        @Override
        public void write(int copy, byte[] bytes) throws DeviceException {
          if (isCommitted) {
            isCommitted = false;
            medium.write(copy, bytes);
          } else {
            held = bytes.clone();
            heldCopy = copy;
          }
        }
      };
    }
  }

  private static final class NoMedium implements RecordMedium {
    @Override
    public byte[] read(int copy) {
      throw new AssertionError("no medium yet");
    }

    @Override
    public void write(int copy, byte[] bytes) {
      throw new AssertionError("no medium yet");
    }
  }

  /** The copy that counts is written over first, and then the other one. */
  private static final class CurrentCopyWrittenOver implements SimWiring {
    @Override
    public RecordMedium medium(RecordMedium medium) {
      return new RecordMedium() {
        @Override
        public byte[] read(int copy) throws DeviceException {
          return medium.read(copy);
        }

        @Override
        public void write(int copy, byte[] bytes) throws DeviceException {
          medium.write(1 - copy, bytes);
        }
      };
    }
  }

  @Test
  void plantedBug_committedBeforeDetails_isCaught() {
    isCaughtByACut(new CommittedBeforeDetails(), SimRecordKind.MISC);
  }

  @Test
  void plantedBug_currentCopyWrittenOver_isCaught() {
    isCaughtByACut(new CurrentCopyWrittenOver(), SimRecordKind.ENVIRONMENT);
  }

  private static void isCaughtByACut(SimWiring bug, SimRecordKind kind) {
    assertThatCode(new CrashExplorer(CrashStory.INSTALL, bug, ONCE, kind)::cleanRun)
        .as("only a cut shows it")
        .doesNotThrowAnyException();
    assertThatThrownBy(new CrashExplorer(CrashStory.INSTALL, bug, ONCE, kind)::explore)
        .isInstanceOf(AssertionError.class)
        .satisfies(caught -> System.out.println("caught " + kind + ": " + caught.getMessage()));
  }

  @ParameterizedTest
  @EnumSource(
      value = SimRecordKind.class,
      names = {"ENVIRONMENT", "MISC"})
  void plantedBug_bootloaderDoesNotCount_isCaught(SimRecordKind kind) throws SutureException {
    assertCaught(CrashStory.HANGING, kind);
  }

  /** With a count of our own that takes an OS which never gets to its agent. */
  @Test
  void plantedBug_bootloaderDoesNotCountUnderRaucsNames_isCaught() throws SutureException {
    assertCaught(CrashStory.OS_DEAD, SimRecordKind.RAUC);
    SimDevice survives = device(SimRecordKind.RAUC, CrashStory.HANGING);
    survives.flash().record().bootloaderForgetsToCount();
    CrashStory.HANGING.run(survives);
  }

  private static void assertCaught(CrashStory story, SimRecordKind kind) throws SutureException {
    SimDevice device = device(kind, story);
    device.flash().record().bootloaderForgetsToCount();
    assertThatThrownBy(() -> story.run(device))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("did not settle");
  }
}
