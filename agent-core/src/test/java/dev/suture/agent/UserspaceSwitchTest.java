package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Phase;
import dev.suture.live.Services.Condition;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.sim.Restart;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimServices;
import dev.suture.sim.SimWiring;
import dev.suture.slot.SlotDevice;
import dev.suture.store.Outcome;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Patches that take effect by a restart of everything but kernel, first process and agent. */
class UserspaceSwitchTest {
  private static final long TIMEOUT_MILLIS = 3_000;
  private static final UserspaceTerms TERMS = new UserspaceTerms(Set.of("guard"), TIMEOUT_MILLIS);

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private SimServices on() {
    device.userspace(TERMS);
    device.boot();
    device.settle();
    return device.services();
  }

  private void installed(SimPublisher.Release release) {
    publisher.release(release);
    device.agent().check();
    device.settle();
  }

  private Outcome lastOutcome() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private StatusDocument.Activation activation() {
    return device.agent().status().activation().orElseThrow();
  }

  private void assertRuns(Slot slot, int boots) throws SutureException {
    assertThat(device.kernel().mountedSlot()).isEqualTo(slot);
    assertThat(device.record().active()).isEqualTo(slot);
    assertThat(device.agent().status().isProtected()).isEqualTo(slot != Slot.BASE);
    assertThat(device.services().isOldCodeRunning()).isFalse();
    assertThat(device.services().stopped()).isEmpty();
    assertThat(device.boots()).isEqualTo(boots);
    device.invariants().checkRunning();
  }

  @Test
  void install_patchAsksForIt_servicesEndBeforeAndStartBehind() throws SutureException {
    SimServices services = on();
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 1);
    assertThat(services.events())
        .containsExactly(
            "stop web on base", "stop store on base", "start store on a", "start web on a");
    assertThat(activation().scope()).isEqualTo("userspace");
    assertThat(activation().restarted()).containsExactly("store", "web");
    assertThat(lastOutcome().phase()).isEqualTo(Phase.ACTIVE);
  }

  /** Also where a process of no service could be ended: nobody has said that it may be. */
  @Test
  void install_deviceDoesNotAllowIt_restartsTheDevice() throws SutureException {
    device.boot();
    device.settle();
    SimServices services = device.services();
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 2);
    device.services().startStranger(SimServices.Temper.OBEYS);
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.B, 3);
    assertThat(services.events()).isEmpty();
  }

  @Test
  void install_patchAsksForMore_restartsTheDevice() throws SutureException {
    SimServices services = on();
    installed(SimPublisher.level("a"));
    assertRuns(Slot.A, 2);
    assertThat(services.events()).isEmpty();
  }

  @Test
  void install_servicesAreEnough_noMoreIsRestarted() throws SutureException {
    SimServices services = on();
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(activation().scope()).isEqualTo("services");
    assertThat(services.events()).containsExactly("restart store on a", "restart web on a");
  }

  /** The patch that is left has a say as well. */
  @Test
  void install_patchBeforeAskedForIt_isTaken() throws SutureException {
    on();
    installed(SimPublisher.level("a").userspace());
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.B, 1);
    assertThat(activation().scope()).isEqualTo("userspace");
  }

  @Test
  void install_processOfNoService_isEnded() throws SutureException {
    SimServices services = on();
    services.startStranger(SimServices.Temper.OBEYS);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(activation().scope()).isEqualTo("userspace");
    assertThat(services.events())
        .containsExactly(
            "stop web on base",
            "stop store on base",
            "TERM stranger on a",
            "start store on a",
            "start web on a");
  }

  @Test
  void install_processThatIgnoresIt_isKilledBehindItsTime() throws SutureException {
    SimServices services = on();
    services.startStranger(SimServices.Temper.IGNORES);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(services.events()).contains("TERM stranger on a", "KILL stranger on a");
    assertThat(activation().millis()).isBetween(TIMEOUT_MILLIS, TIMEOUT_MILLIS + 500);
  }

  @Test
  void install_processThatNothingEnds_restartsTheDevice_withinItsTimes() throws SutureException {
    SimServices services = on();
    services.startStranger(SimServices.Temper.IS_IMMORTAL);
    long start = device.clock().monotonicMillis();
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
    assertThat(lastOutcome().phase()).isEqualTo(Phase.ACTIVE);
    assertThat(services.events().stream().filter("TERM stranger on a"::equals)).hasSize(4);
    assertThat(device.clock().monotonicMillis() - start).isLessThan(TimeUnit.MINUTES.toMillis(2));
  }

  /** Before anything is done for it, and no try is spent. */
  @Test
  void install_processThatStays_restartsTheDeviceAtOnce() throws SutureException {
    SimServices services = on();
    services.startStranger("guard", SimServices.Temper.OBEYS);
    publisher.release(SimPublisher.level("a").userspace());
    device.agent().check();
    while (device.isOn()) {
      device.steps(1);
    }
    assertThat(services.events()).isEmpty();
    assertThat(device.record().tries()).isEqualTo(3);
    device.settle();
    assertRuns(Slot.A, 2);
  }

  /** Nobody would know what it is of, should it not come back. */
  @Test
  void install_processOfTheAgents_restartsTheDevice() throws SutureException {
    SimServices services = on();
    services.startHelper();
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).isEmpty();
  }

  /** Which only the switch finds out. */
  @Test
  void install_serviceComesBackWithOldCode_isStoppedAndStarted() throws SutureException {
    SimServices services = on();
    services.start("odd", SimServices.Temper.RETURNS_OLD);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(activation().scope()).isEqualTo("userspace");
    assertThat(activation().restarted()).containsExactly("store", "web", "odd");
    assertThat(services.events())
        .containsSubsequence(
            "restart odd on a",
            "stop odd on a",
            "stop web on a",
            "start store on a",
            "start odd on a");
  }

  @Test
  void install_serviceThatIgnoresItsStop_isKilledBeforeAnythingIsMounted() throws SutureException {
    SimServices services = on();
    services.start("deaf", SimServices.Temper.IGNORES);
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 1);
    assertThat(services.events())
        .containsExactly(
            "stop deaf on base",
            "kill deaf on base",
            "stop web on base",
            "stop store on base",
            "start store on a",
            "start web on a",
            "start deaf on a");
  }

  /** What cannot be ended may hold a lock or a port: the device is restarted. */
  @Test
  void install_serviceThatNothingEnds_restartsTheDevice() throws SutureException {
    SimServices services = on();
    services.start("stuck", SimServices.Temper.IS_IMMORTAL);
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).containsExactly("stop stuck on base", "kill stuck on base");
  }

  /** A supervisor that ends takes the agent with it, or does not start it again. */
  @Test
  void install_agentsSupervisorUsesIt_restartsTheDevice() throws SutureException {
    SimServices services = on();
    services.startSupervisor();
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).isEmpty();
  }

  /** Its configuration is about the program, whoever started it. */
  @Test
  void install_whoStaysIsOfAService_restartsTheDevice() throws SutureException {
    SimServices services = on();
    services.start("guard", SimServices.Temper.OBEYS);
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).isEmpty();
  }

  @Test
  void install_stateOfAServiceCannotBeTold_restartsTheDevice() throws SutureException {
    SimServices services = on();
    services.refuseToTell("web");
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).isEmpty();
  }

  /** A job that is done at the start of the device is not done again. */
  @Test
  void install_serviceHasDoneItsWork_isNotRun() throws SutureException {
    SimServices services = on();
    services.start("job", SimServices.Temper.OBEYS);
    services.become("job", Condition.Kind.DONE);
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 1);
    assertThat(services.events()).doesNotContain("stop job on base", "start job on a");
  }

  @Test
  void install_serviceThatCannotBeStopped_isRestartedInItsPlace() throws SutureException {
    SimServices services = on();
    services.restartOnly("store");
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 1);
    assertThat(services.events())
        .containsExactly("stop web on base", "restart store on a", "start web on a");
    assertThat(activation().restarted()).containsExactly("store", "web");
  }

  /** Somebody may have stopped it. */
  @Test
  void install_serviceIsDown_staysDown() throws SutureException {
    SimServices services = on();
    services.become("web", Condition.Kind.DOWN);
    services.start("other", SimServices.Temper.OBEYS);
    installed(SimPublisher.level("a").userspace());
    assertThat(services.events()).doesNotContain("stop web on base", "start web on a");
    assertThat(activation().restarted()).startsWith("store", "other");
    assertThat(device.boots()).isEqualTo(1);
  }

  @Test
  void install_serviceHadFailed_isTriedAgain() throws SutureException {
    SimServices services = on();
    services.become("web", Condition.Kind.FAILED);
    installed(SimPublisher.level("a").userspace());
    assertThat(services.events()).doesNotContain("stop web on base").contains("start web on a");
  }

  @Test
  void install_heldByNoProcess_nothingIsEndedForIt() throws SutureException {
    SimServices services = on();
    services.hold(Optional.of("a bind mount"));
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).containsExactly("restart store on a", "restart web on a");
  }

  @Test
  void install_processesCannotBeLookedAt_restartsTheDevice() throws SutureException {
    SimServices services = on();
    services.refuseLooks(1);
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.A, 2);
    assertThat(services.events()).isEmpty();
  }

  @Test
  void install_notHealthy_goesBackAlike() throws SutureException {
    on();
    installed(SimPublisher.level("a").userspace());
    Manifest sick = publisher.release(SimPublisher.level("b").userspace().sick());
    device.agent().check();
    device.settle();
    assertRuns(Slot.A, 1);
    assertThat(lastOutcome().failure().orElseThrow().code()).isEqualTo(FailureCode.HEALTH_FAILED);
    assertThat(activation().scope()).isEqualTo("userspace");
    device.invariants().revertedIsHeld(sick);
  }

  /** It was up before, so it must be up again. */
  @Test
  void install_serviceIsGivenUpOnIt_goesBack() throws SutureException {
    SimServices services = on();
    services.becomeWhenRestarted("web", Condition.Kind.FAILED);
    installed(SimPublisher.level("a").userspace());
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(lastOutcome().failure().orElseThrow().message())
        .contains("service web failed: is FAILED");
  }

  /** Nobody stopped it: the trial broke it, and the way back starts it. */
  @Test
  void install_serviceIsDownOnIt_isStartedOnTheWayBack() throws SutureException {
    SimServices services = on();
    services.becomeWhenRestarted("web", Condition.Kind.DOWN);
    installed(SimPublisher.level("a").userspace());
    assertRuns(Slot.BASE, 1);
    assertThat(services.events()).endsWith("start store on base", "start web on base");
    assertThat(services.isUp("web")).isTrue();
  }

  /** That it was up is remembered for as long as this boot lasts. */
  @Test
  void install_serviceIsDownOnIt_agentIsRestartedMeanwhile_isStartedOnTheWayBack()
      throws SutureException {
    SimServices services = on();
    services.becomeWhenRestarted("web", Condition.Kind.DOWN);
    publisher.release(SimPublisher.level("a").userspace());
    device.agent().check();
    while (device.kernel().mountedSlot() == Slot.BASE) {
      device.step();
    }
    device.restartAgent();
    device.settle();
    assertRuns(Slot.BASE, 1);
    assertThat(lastOutcome().failure().orElseThrow().message()).contains("service web");
    assertThat(services.isUp("web")).isTrue();
  }

  /** Also where services were tried first, and it was their restart that broke it. */
  @Test
  void install_serviceIsNotUpBehindTheServicesRestart_goesBack() throws SutureException {
    SimServices services = on();
    services.start("odd", SimServices.Temper.RETURNS_OLD);
    services.becomeWhenRestarted("web", Condition.Kind.DOWN);
    services.becomeWhenRestarted("web", Condition.Kind.DOWN);
    installed(SimPublisher.level("a").live());
    assertThat(services.events()).contains("stop odd on a").doesNotContain("stop web on a");
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.boots()).isEqualTo(1);
    assertThat(lastOutcome().failure().orElseThrow().message()).contains("service web");
  }

  @Test
  void install_stopsTheKernel_isGivenUpAfterItsTries() throws SutureException {
    on();
    installed(SimPublisher.level("a").userspace().hangs());
    assertRuns(Slot.BASE, 4);
    assertThat(lastOutcome().failure().orElseThrow().code()).isEqualTo(FailureCode.TRIES_EXHAUSTED);
  }

  @Test
  void removal_isAlike() throws SutureException {
    SimServices services = on();
    installed(SimPublisher.level("a").userspace());
    services.startStranger(SimServices.Temper.OBEYS);
    device.agent().requestRemoval();
    device.settle();
    assertRuns(Slot.BASE, 1);
    assertThat(lastOutcome().phase()).isEqualTo(Phase.REMOVED);
    assertThat(services.events())
        .endsWith(
            "stop web on a",
            "stop store on a",
            "TERM stranger on base",
            "start store on base",
            "start web on base");
  }

  @Test
  void rehearsal_processOfNoService_tellsThatItEnds() throws SutureException {
    device.automatic(false);
    device.userspace(TERMS);
    device.boot();
    device.settleOrWait();
    device.services().startStranger(SimServices.Temper.OBEYS);
    publisher.release(SimPublisher.level("a").live());
    device.agent().check();
    device.settleOrWait();

    Rehearsal rehearsal = device.agent().rehearseInstall();

    assertThat(rehearsal.plan().scope()).isEqualTo(RestartScope.USERSPACE);
    assertThat(rehearsal.document()).contains("\"scope\":\"userspace\"", "\"pid\":102");
    assertThat(rehearsal.text())
        .isEqualTo(
            """
            26.1 (a) instead of base
            restarts: the userspace, because process 102 (stranger), which maps it, belongs to no service
              store
                100 (store), which maps it
              web
                101 (web), which maps it
              of no service, ended
                102 (stranger), which maps it
            interruption: at most 12 s, for services to end and to be up again""");
    assertThat(device.services().events()).isEmpty();
    device.agent().requestInstall();
    device.settle();
    assertRuns(Slot.A, 1);
    assertThat(activation().scope()).isEqualTo(rehearsal.plan().scope().word());
  }

  @Test
  void rehearsal_processThatStays_tellsThatTheDeviceRestarts() throws SutureException {
    device.automatic(false);
    device.userspace(TERMS);
    device.boot();
    device.settleOrWait();
    device.services().startStranger("guard", SimServices.Temper.OBEYS);
    publisher.release(SimPublisher.level("a").userspace());
    device.agent().check();
    device.settleOrWait();
    assertThat(device.agent().rehearseInstall().text())
        .contains(
            "restarts: the device, because process 102 (guard), which maps it, stays by configuration");
  }

  /** What was stopped would stay so, and nobody remembers it: the device is restarted. */
  @Test
  void agentDies_whenServicesAreStopped_theDeviceRestarts() throws SutureException {
    boolean[] dies = {true};
    SimWiring wiring =
        new SimWiring() {
          @Override
          public SlotDevice device(SlotDevice real) {
            return new ForwardingSlotDevice(real) {
              @Override
              public void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to) {
                if (dies[0]) {
                  dies[0] = false;
                  throw new Death();
                }
                throw new AssertionError("the device starts into it");
              }
            };
          }
        };
    SimDevice mortal = new SimDevice(SimFlash.factory(), publisher, wiring);
    mortal.userspace(TERMS);
    mortal.boot();
    mortal.settle();
    publisher.release(SimPublisher.level("a").userspace());
    mortal.agent().check();
    assertThatThrownBy(mortal::settle).isInstanceOf(Death.class);
    assertThat(mortal.services().stopped()).hasSize(2);
    assertThat(mortal.record().tries()).as("counted before").isEqualTo(2);
    assertThatThrownBy(mortal::restartAgent).isInstanceOf(Restart.class);
    mortal.powerOff();
    mortal.settle();
    assertThat(mortal.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(mortal.services().stopped()).isEmpty();
    assertThat(mortal.boots()).isEqualTo(2);
  }

  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;
  }
}
