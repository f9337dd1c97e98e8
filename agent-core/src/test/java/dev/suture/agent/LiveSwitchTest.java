package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Phase;
import dev.suture.live.Services.Condition;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.sim.Restart;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimFlash;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimServices;
import dev.suture.sim.SimWiring;
import dev.suture.slot.SlotDevice;
import dev.suture.store.Outcome;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Patches that take effect without a restart of the device. */
class LiveSwitchTest {
  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private Manifest installed(SimPublisher.Release release) {
    Manifest manifest = publisher.release(release);
    device.agent().check();
    device.settle();
    return manifest;
  }

  private void on() {
    device.boot();
    device.settle();
  }

  private Outcome lastOutcome() {
    return device.agent().history().lastOutcome().orElseThrow();
  }

  private void assertRuns(Slot slot, int boots) throws SutureException {
    assertThat(device.kernel().mountedSlot()).isEqualTo(slot);
    assertThat(device.record().active()).isEqualTo(slot);
    assertThat(device.agent().status().isProtected()).isEqualTo(slot != Slot.BASE);
    assertThat(device.services().isOldCodeRunning()).isFalse();
    assertThat(device.boots()).isEqualTo(boots);
    device.invariants().checkRunning();
  }

  @Test
  void install_servicesAreEnough_restartsThemAlone() throws SutureException {
    on();
    Manifest manifest = installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(device.services().restarts()).containsExactly("store", "web");
    StatusDocument status = device.agent().status();
    assertThat(status.level()).contains(manifest.level());
    assertThat(status.activation().orElseThrow().scope()).isEqualTo("services");
    assertThat(status.activation().orElseThrow().restarted()).containsExactly("store", "web");
    assertThat(device.record().trial()).isEmpty();
  }

  @Test
  void install_afterTheSwitch_startsOfTheDeviceRunTheSame() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    device.invariants().runsTheSameWithoutNetwork();
    device.settle();
    assertRuns(Slot.A, 2);
    assertThat(device.agent().status().activation()).isEmpty();
  }

  @Test
  void install_agentRestartsLater_knowsWhatRuns() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    device.restartAgent();
    device.settle();
    assertRuns(Slot.A, 1);
  }

  @Test
  void install_patchAsksForMore_restartsTheDevice() throws SutureException {
    on();
    installed(SimPublisher.level("a"));
    assertRuns(Slot.A, 2);
  }

  /** What the patch that is left behind asks for counts as well. */
  @Test
  void install_patchBeforeAsksForMore_restartsTheDevice() throws SutureException {
    on();
    installed(SimPublisher.level("a"));
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.B, 3);
    installed(SimPublisher.level("c").live());
    assertRuns(Slot.A, 3);
  }

  @Test
  void install_slowService_isWaitedFor() throws SutureException {
    on();
    device.services().start("slow", SimServices.Temper.IS_SLOW);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(device.services().restarts()).containsExactly("store", "web", "slow");
    assertThat(device.agent().status().activation().orElseThrow().millis())
        .isBetween(SimServices.TIMEOUT_MILLIS / 2, SimServices.TIMEOUT_MILLIS);
  }

  @Test
  void install_serviceThatIgnoresIt_isKilled() throws SutureException {
    on();
    device.services().start("deaf", SimServices.Temper.IGNORES);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
  }

  @Test
  void install_serviceThatNothingEnds_restartsTheDevice() throws SutureException {
    on();
    device.services().start("stuck", SimServices.Temper.IS_IMMORTAL);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
    assertThat(lastOutcome().phase()).isEqualTo(Phase.ACTIVE);
  }

  @Test
  void install_processOfNoService_restartsTheDevice() throws SutureException {
    on();
    device.services().startStranger();
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
    assertThat(lastOutcome().failure()).isEmpty();
  }

  @Test
  void install_processesCannotBeLookedAt_restartsTheDevice() throws SutureException {
    on();
    device.services().refuseLooks(1);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
  }

  @Test
  void install_somethingElseHoldsTheOldImage_restartsTheDevice() throws SutureException {
    on();
    device.services().hold(Optional.of("a bind mount"));
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 2);
  }

  /** Also where the device was restarted for it: healthy is not protected. */
  @Test
  void confirm_oldCodeRuns_restartsTheDevice_andIsConfirmedWhenItIsClean() throws SutureException {
    on();
    stepTo(SimPublisher.level("a"), Phase.ARMED);
    while (device.boots() == 1) {
      device.steps(1);
    }
    device.services().startOld("early");
    device.settle();
    assertRuns(Slot.A, 3);
    assertThat(lastOutcome().phase()).isEqualTo(Phase.ACTIVE);
    assertThat(lastOutcome().failure()).isEmpty();
  }

  @Test
  void confirm_neverClean_isGivenUpWithTheReason_whenTheTriesAreUsedUp() throws SutureException {
    on();
    stepTo(SimPublisher.level("a"), Phase.ARMED);
    for (int steps = 0; steps < 200 && device.boots() < 5; steps++) {
      device.steps(1);
      if (device.isOn() && device.kernel().mountedSlot() == Slot.A) {
        device.services().startOld("early");
      }
    }
    device.settle();
    assertRuns(Slot.BASE, 5);
    assertThat(lastOutcome().failure().orElseThrow().code()).isEqualTo(FailureCode.OLD_CODE_RUNS);
  }

  private void stepTo(SimPublisher.Release release, Phase phase) {
    publisher.release(release);
    device.agent().check();
    while (device.agent().history().attempt().map(a -> a.phase() != phase).orElse(true)) {
      device.steps(1);
    }
  }

  /** What was wrong with the one before is not said of this one. */
  @Test
  void install_oneBeforeWasUnhealthySinceItsStart_isForgotten() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    device.powerOff();
    device.boot();
    device.probe().complain(Optional.of("it just does"));
    device.settle();
    assertThat(device.agent().status().lastFailure()).isPresent();
    device.probe().complain(Optional.empty());
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.B, 2);
    assertThat(device.agent().status().lastFailure()).isEmpty();
  }

  @Test
  void install_notHealthy_servicesGoBack() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    Manifest sick = installed(SimPublisher.level("b").live().sick());
    assertRuns(Slot.A, 1);
    assertThat(lastOutcome().failure().orElseThrow().code()).isEqualTo(FailureCode.HEALTH_FAILED);
    device.invariants().revertedIsHeld(sick);
    assertThat(device.services().restarts()).hasSize(6);
  }

  /** It is not only restarted: it must be up, before the patch is, and after it is taken back. */
  @Test
  void install_serviceIsGivenUpOnIt_servicesGoBack_andItIsTriedAgain() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    device.services().becomeWhenRestarted("web", Condition.Kind.FAILED);
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.A, 1);
    assertThat(lastOutcome().failure().orElseThrow().code()).isEqualTo(FailureCode.HEALTH_FAILED);
    assertThat(lastOutcome().failure().orElseThrow().message())
        .contains("service web failed: is FAILED");
    assertThat(device.services().restarts()).endsWith("store", "web");
    assertThat(device.services().isUp("web")).isTrue();
    assertThat(device.agent().status().checks()).isEmpty();
  }

  @Test
  void install_serviceIsGivenUpOnIt_andIsNotUpBehindIt_isToldOf() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    device.services().becomeWhenRestarted("web", Condition.Kind.FAILED);
    device.services().becomeWhenRestarted("web", Condition.Kind.FAILED);
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.A, 1);
    assertThat(device.agent().status().checks())
        .as("it is still told of: the patch broke what ran before")
        .extracting(StatusDocument.Check::name)
        .containsExactly("service web");
  }

  /** What was broken before is not the patch's fault. */
  @Test
  void install_serviceHadFailedBefore_isConfirmedAllTheSame() throws SutureException {
    on();
    device.services().become("web", Condition.Kind.FAILED);
    device.services().become("store", Condition.Kind.DOWN);
    installed(SimPublisher.level("a").live());
    assertRuns(Slot.A, 1);
    assertThat(lastOutcome().phase()).isEqualTo(Phase.ACTIVE);
  }

  @Test
  void install_serviceIsNotUpAtOnce_isConfirmedWhenItIs() throws SutureException {
    on();
    device.services().becomeWhenRestarted("web", Condition.Kind.DOWN);
    publisher.release(SimPublisher.level("a").live());
    device.agent().check();
    while (device.agent().status().checks().isEmpty()) {
      device.steps(1);
    }
    device.services().become("web", Condition.Kind.UP);
    device.settle();
    assertRuns(Slot.A, 1);
    assertThat(lastOutcome().phase()).isEqualTo(Phase.ACTIVE);
    assertThat(device.agent().status().checks()).isEmpty();
  }

  /** Three tries, whoever takes them: this agent the first, the bootloader the others. */
  @Test
  void install_stopsTheKernel_isGivenUpAfterItsTries() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    installed(SimPublisher.level("b").live().hangs());
    assertRuns(Slot.A, 4);
    assertThat(lastOutcome().failure().orElseThrow().code()).isEqualTo(FailureCode.TRIES_EXHAUSTED);
  }

  @Test
  void install_slotDamagedBeforeTheSwitch_nothingOfItIsSeen() throws SutureException {
    on();
    stepTo(SimPublisher.level("a").live(), Phase.ARMED);
    device.flash().disk().damage(SimDevice.slotPath("a/" + SimPublisher.WEB.word() + ".img"), 0);
    device.steps(1);
    assertThat(device.isOn()).isFalse(); // It restarts.
    device.settle();
    assertThat(lastOutcome().phase()).isEqualTo(Phase.REVERTED);
  }

  @Test
  void removal_servicesAreEnough_baseRuns_withoutRestart() throws SutureException {
    on();
    installed(SimPublisher.level("a").live());
    device.agent().requestRemoval();
    device.settle();
    assertRuns(Slot.BASE, 1);
    assertThat(device.kernel().mounted()).isEmpty();
    assertThat(lastOutcome().phase()).isEqualTo(Phase.REMOVED);
  }

  @Test
  void manyRounds_nothingButServicesRestarts() throws SutureException {
    on();
    String letters = "abcdefghijklmnop";
    for (int i = 0; i < letters.length(); i++) {
      installed(SimPublisher.level(letters.substring(i, i + 1)).live());
      assertRuns(i % 2 == 0 ? Slot.A : Slot.B, 1);
    }
  }

  /** An agent that dies in the middle cannot know what is mounted. */
  @Test
  void agentDies_withinTheSwitch_theDeviceRestarts() throws SutureException {
    boolean[] dies = {true};
    SimWiring wiring =
        new SimWiring() {
          @Override
          public SlotDevice device(SlotDevice real) {
            return new ForwardingSlotDevice(real) {
              @Override
              public void switchTo(Optional<Manifest> from, Slot slot, Optional<Manifest> to)
                  throws DeviceException {
                super.switchTo(from, slot, to);
                if (dies[0]) {
                  dies[0] = false;
                  throw new Death();
                }
              }
            };
          }
        };
    SimDevice mortal = new SimDevice(SimFlash.factory(), publisher, wiring);
    mortal.boot();
    mortal.settle();
    publisher.release(SimPublisher.level("a").live());
    mortal.agent().check();
    assertThatThrownBy(mortal::settle).isInstanceOf(Death.class);
    assertThatThrownBy(mortal::restartAgent).isInstanceOf(Restart.class);
    mortal.powerOff();
    mortal.settle();
    assertThat(mortal.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(mortal.record().active()).isEqualTo(Slot.A);
    assertThat(mortal.boots()).isEqualTo(2);
  }

  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;
  }
}
