package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Phase;
import dev.suture.health.CheckResult;
import dev.suture.live.Services.Condition;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument.Exposed;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimServices;
import dev.suture.sim.SimSlotDevice;
import dev.suture.slot.SlotContent;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Services that the device's maker does not let the agent restart. */
class ExposedServiceTest {
  private static final Exposed PRESS = new Exposed("press", Optional.of(SimSlotDevice.DECIDED_AT));
  private static final int LOOKS = 100;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private SimServices on() {
    device.boot();
    device.settle();
    device.services().startNeverRestarted("press");
    return device.services();
  }

  private void published(SimPublisher.Release release) {
    publisher.release(release);
    device.agent().check();
  }

  private void exposed() throws SutureException {
    for (int step = 0; device.agent().status().exposed().isEmpty(); step++) {
      assertThat(step).isLessThan(LOOKS);
      device.steps(1);
    }
    device.steps(LOOKS);
    assertThat(device.agent().status().exposed()).containsExactly(PRESS);
    assertThat(device.agent().status().isProtected()).isFalse();
    assertThat(device.agent().status().phase()).isEqualTo("ARMED");
    assertThat(device.record().trial()).isPresent();
  }

  private void assertActive(Slot slot, int boots) throws SutureException {
    assertThat(device.kernel().mountedSlot()).isEqualTo(slot);
    assertThat(device.record().active()).isEqualTo(slot);
    assertThat(device.agent().status().isProtected()).isEqualTo(slot != Slot.BASE);
    assertThat(device.agent().status().exposed()).isEmpty();
    assertThat(device.services().isOldCodeRunning()).isFalse();
    assertThat(device.boots()).isEqualTo(boots);
    device.invariants().checkRunning();
  }

  @Test
  void install_goesOnOnOldCode_isNotActive_untilSomebodyRestartsIt() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    assertThat(services.restarts()).containsExactly("store", "web");
    services.restartByHand("press");
    device.settle();
    assertActive(Slot.A, 1);
    assertThat(device.agent().history().lastOutcome().orElseThrow().phase())
        .isEqualTo(Phase.ACTIVE);
  }

  @Test
  void install_restartOfTheUserspace_sparesIt() throws SutureException {
    device.userspace(new UserspaceTerms(Set.of(), 1_000));
    SimServices services = on();
    services.startStranger(SimServices.Temper.OBEYS);
    published(SimPublisher.level("a").userspace());
    exposed();
    assertThat(services.events())
        .contains("stop web on base", "TERM stranger on a")
        .doesNotContain("stop press on base", "TERM press on a", "start press on a");
    services.restartByHand("press");
    device.settle();
    assertActive(Slot.A, 1);
  }

  /** A start of the device restarts everything. */
  @Test
  void exposed_deviceIsRestarted_isActive() throws SutureException {
    on();
    published(SimPublisher.level("a").live());
    exposed();
    device.powerOff();
    device.settle();
    assertActive(Slot.A, 2);
  }

  @Test
  void exposed_agentIsRestarted_isStillTold() throws SutureException {
    on();
    published(SimPublisher.level("a").live());
    exposed();
    device.restartAgent();
    exposed();
  }

  /** The other slot is what it runs: nothing may be written there. */
  @Test
  void exposed_aNewerLevelIsPublished_waits() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    services.restartByHand("press");
    device.settle();
    published(SimPublisher.level("b").live());
    exposed();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.B);
    SlotContent runsStill = device.record().content(Slot.A);
    published(SimPublisher.level("c").live());
    device.steps(LOOKS);
    assertThat(device.record().isOnTrial(Slot.B)).isTrue();
    assertThat(device.record().content(Slot.A)).isEqualTo(runsStill);
    services.restartByHand("press");
    device.step();
    device.steps(LOOKS);
    assertThat(device.record().active()).isEqualTo(Slot.B);
    assertThat(device.kernel().mountedSlot()).as("now it is written").isEqualTo(Slot.A);
  }

  /** What comes back has another device below it than what the service has open. */
  @Test
  void exposed_onASlotThatComesBack_restartsTheDevice() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    services.restartByHand("press");
    device.settle();
    published(SimPublisher.level("b").live());
    exposed();
    publisher.withdraw("b");
    device.agent().check();
    device.settle();
    assertActive(Slot.A, 2);
  }

  /** Nobody judges a good level by one bad moment of the weeks that this may take. */
  @Test
  void exposed_checkFailsForAMoment_isStillOnTrial() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    device
        .checks()
        .require("busy", CheckResult.Kind.FAILED, CheckResult.Kind.FAILED, CheckResult.Kind.PASSED);
    exposed();
    device.probe().complain(Optional.of("no answer in time"));
    device.steps(1);
    device.probe().complain(Optional.empty());
    exposed();
    services.restartByHand("press");
    device.settle();
    assertActive(Slot.A, 1);
  }

  @Test
  void exposed_checkFailsForLong_goesBack() throws SutureException {
    on();
    published(SimPublisher.level("a").live());
    exposed();
    device.checks().require("busy", CheckResult.Kind.FAILED);
    device.settle();
    assertActive(Slot.BASE, 1);
    assertThat(device.agent().history().lastOutcome().orElseThrow().failure().orElseThrow().code())
        .isEqualTo(FailureCode.HEALTH_FAILED);
  }

  @Test
  void exposed_processesCannotBeLookedAt_restartsNothing() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    for (int refused = 1; refused <= 5; refused++) {
      services.refuseLooks(refused);
      device.steps(LOOKS);
    }
    exposed();
    assertThat(device.boots()).isEqualTo(1);
  }

  /** As somebody who looks at what it runs. */
  @Test
  void exposed_aStrangerIsOnOldCodeAsWell_restartsNothing() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    services.startOldStranger("shell");
    exposed();
    assertThat(device.boots()).isEqualTo(1);
  }

  /** It is asked to end by whoever may, and takes its time: it is of no service then. */
  @Test
  void exposed_itsProcessIsOfNoServiceForAMoment_restartsNothing() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    services.becomeStranger("press");
    device.steps(2);
    assertThat(device.boots()).isEqualTo(1);
    assertThat(device.record().trial()).as("something runs older code").isPresent();
    services.endStranger("press");
    device.settle();
    assertActive(Slot.A, 1);
  }

  /** Whoever stopped it, it was not the patch. */
  @Test
  void exposed_isStoppedBehindARestartOfTheUserspace_isNobodysFault() throws SutureException {
    device.userspace(new UserspaceTerms(Set.of(), 1_000));
    SimServices services = on();
    published(SimPublisher.level("a").userspace());
    exposed();
    services.become("press", Condition.Kind.DOWN);
    device.settle();
    assertActive(Slot.A, 1);
  }

  @Test
  void exposed_theLevelIsWithdrawn_goesBackLive_forItRunsWhatIsLeft() throws SutureException {
    on();
    published(SimPublisher.level("a").live());
    exposed();
    publisher.withdraw("a");
    device.agent().check();
    device.settle();
    assertActive(Slot.BASE, 1);
  }

  /** What runs what is taken away would run it without anybody saying so. */
  @Test
  void removal_itRunsThePatch_restartsTheDevice() throws SutureException {
    SimServices services = on();
    published(SimPublisher.level("a").live());
    exposed();
    services.restartByHand("press");
    device.settle();
    assertThat(device.agent().rehearseRemoval().text())
        .contains(
            "restarts: the device, because process 105 (press), which maps it, belongs to service"
                + " press, which is never restarted");
    device.agent().requestRemoval();
    device.settle();
    assertActive(Slot.BASE, 2);
  }

  @Test
  void rehearsal_tellsWhoIsExposed() throws SutureException {
    device.automatic(false);
    device.boot();
    device.settleOrWait();
    device.services().startNeverRestarted("press");
    published(SimPublisher.level("a").live());
    device.settleOrWait();
    Rehearsal rehearsal = device.agent().rehearseInstall();
    assertThat(rehearsal.plan().scope()).isEqualTo(RestartScope.SERVICES);
    assertThat(rehearsal.text())
        .contains("\n  press, never restarted: exposed until somebody does\n    102 (press)")
        .endsWith("interruption: at most 4 s, for services to end and to be up again");
    assertThat(rehearsal.document())
        .contains("\"exposed\":[{\"name\":\"press\",\"processes\":[{\"pid\":102");
  }
}
