package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the crash test: a mistake that it does not find means that it is broken. */
@Execution(ExecutionMode.CONCURRENT)
class CrashHarnessTest {
  /** Mistakes that the invariants show even when the power never fails. */
  private static final Set<PlantedBug> SHOW_WITHOUT_CUT =
      EnumSet.of(
          PlantedBug.CONFIRMED_BEFORE_HEALTH,
          PlantedBug.OLD_CODE_NOT_LOOKED_FOR,
          PlantedBug.ASKED_IS_TAKEN_FOR_GONE,
          PlantedBug.START_NOT_COUNTED,
          PlantedBug.START_NOT_PREPARED,
          PlantedBug.NOT_READ_BACK,
          PlantedBug.IMAGES_NOT_SYNCED,
          PlantedBug.SLOT_DIRECTORY_NOT_SYNCED,
          PlantedBug.ARMED_BEFORE_WRITTEN,
          PlantedBug.ARMED_WITHOUT_COUNTING,
          PlantedBug.RECORD_NOT_FLUSHED,
          PlantedBug.REPORT_NOT_AWAITED,
          PlantedBug.TRUST_SINGLE_COPY,
          PlantedBug.TRUST_NOT_SYNCED);

  @ParameterizedTest
  @EnumSource(PlantedBug.class)
  void plantedBug_isCaught(PlantedBug bug) {
    CrashExplorer explorer = new CrashExplorer(bug.story(), bug, CrashBounds.PAIRS);
    if (!SHOW_WITHOUT_CUT.contains(bug)) {
      CrashExplorer clean = new CrashExplorer(bug.story(), bug, CrashBounds.PAIRS);
      assertThatCode(clean::cleanRun).as("only a cut shows it").doesNotThrowAnyException();
    }
    assertThatThrownBy(explorer::explore)
        .isInstanceOf(AssertionError.class)
        .satisfies(caught -> System.out.println("caught " + bug + ": " + caught.getMessage()));
  }

  @Test
  void plantedBug_bootloaderDoesNotCount_isCaught() throws SutureException {
    SimPublisher publisher = new SimPublisher();
    SimDevice device = new SimDevice(SimFlash.factory(), publisher, SimWiring.PLAIN);
    CrashStory.HANGING.prepare(device);
    CrashStory.HANGING.publish(publisher);
    device.flash().record().bootloaderForgetsToCount();
    device.notices().send(publisher.version());
    assertThatThrownBy(() -> CrashStory.HANGING.run(device))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("did not settle");
  }
}
