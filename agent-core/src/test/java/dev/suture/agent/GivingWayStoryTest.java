package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Phase;
import dev.suture.background.BackgroundLimits;
import dev.suture.background.Resource;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimPublisher;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Work in the background that is held up, from the notice to what the status says. */
class GivingWayStoryTest {
  private static final int STEPS = 40;
  private static final Optional<String> FILM = Optional.of("inhibitor film is held");
  private static final long MINUTE_MILLIS = 60_000;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private void bootWith(BackgroundLimits limits) {
    device.limits(limits);
    device.boot();
    device.settle();
  }

  private void publish(String level) {
    publisher.release(SimPublisher.level(level));
    device.agent().check();
  }

  private Optional<Phase> phase() {
    return device.agent().history().attempt().map(Attempt::phase);
  }

  private Optional<String> waitsFor() {
    return device.agent().status().waitsFor();
  }

  @Test
  void install_inhibitorIsHeld_waitsBeforeAnythingIsFetchedAndSaysForWhat() {
    bootWith(BackgroundLimits.NONE);
    device.sensors().inhibitor(FILM);
    publish("a");
    device.steps(STEPS);

    assertThat(phase()).contains(Phase.VERIFIED);
    assertThat(waitsFor()).isEqualTo(FILM);
    assertThat(device.agent().status().attempt().get().problem()).isEmpty();

    device.sensors().inhibitor(Optional.empty());
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(waitsFor()).isEmpty();
  }

  @Test
  void install_inhibitorIsHeld_goesOnIfSomebodyAsks() {
    bootWith(BackgroundLimits.NONE);
    device.sensors().inhibitor(FILM);
    publish("a");
    device.steps(STEPS);
    device.agent().requestInstall();
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
  }

  @Test
  void install_inhibitorIsTakenWhenTheImagesAreWritten_restartWaits() {
    bootWith(BackgroundLimits.NONE);
    publish("a");
    while (!phase().equals(Optional.of(Phase.STAGED))) {
      device.steps(1);
    }
    device.sensors().inhibitor(FILM);
    device.steps(STEPS);
    assertThat(phase()).contains(Phase.STAGED);
    assertThat(device.boots()).isEqualTo(1);
    assertThat(waitsFor()).isEqualTo(FILM);
  }

  @Test
  void install_waitsAndIsWithdrawn_isNeverInstalled() throws SutureException {
    bootWith(BackgroundLimits.NONE);
    device.sensors().inhibitor(FILM);
    publish("a");
    device.steps(STEPS);
    publisher.withdraw(
        "a", new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.NEWEST_GOOD));
    device.agent().check();
    device.steps(STEPS);
    device.sensors().inhibitor(Optional.empty());
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
    assertThat(device.boots()).isEqualTo(1);
  }

  @Test
  void install_waitsAndANewerLevelComes_takesTheNewer() {
    bootWith(BackgroundLimits.NONE);
    device.sensors().inhibitor(FILM);
    publish("a");
    device.steps(STEPS);
    publish("b");
    device.steps(STEPS);
    assertThat(device.agent().history().attempt().get().title()).isEqualTo("26.1 (b)");
    device.sensors().inhibitor(Optional.empty());
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
  }

  @Test
  void install_waitsAndThePowerFails_waitsOn() {
    bootWith(BackgroundLimits.NONE);
    device.sensors().inhibitor(FILM);
    publish("a");
    device.steps(STEPS);
    device.powerOff();
    device.boot();
    device.steps(STEPS);
    assertThat(phase()).contains(Phase.VERIFIED);
    assertThat(waitsFor()).isEqualTo(FILM);
  }

  @Test
  void install_pressureForEver_isInstalledWhenPatienceIsOver() {
    bootWith(
        new BackgroundLimits(
            Optional.empty(),
            Map.of(Resource.IO, 20),
            10 * MINUTE_MILLIS,
            Optional.empty(),
            Optional.empty()));
    device.sensors().pressure(Resource.IO, 80);
    publish("a");
    long start = device.clock().monotonicMillis();
    device.steps(STEPS);
    assertThat(phase()).contains(Phase.VERIFIED);
    assertThat(waitsFor()).contains("io pressure is above 20 %");
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(device.clock().monotonicMillis() - start).isGreaterThan(10 * MINUTE_MILLIS);
  }

  @Test
  void install_replacesWhatWasWithdrawn_waitsForNoHeat() throws SutureException {
    bootWith(
        new BackgroundLimits(Optional.empty(), Map.of(), 0, Optional.empty(), Optional.of(75)));
    publish("a");
    device.settle();
    device.sensors().celsius(90);
    publish("b");
    device.steps(STEPS);
    assertThat(waitsFor()).contains("the device is above 75 degrees");
    publisher.withdraw(
        "a", new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.NEWEST_GOOD));
    device.agent().check();
    device.settle();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (b)");
  }

  @Test
  void removal_withdrawnWhileInhibitorIsHeld_waitsButNotIfAskedFor() throws SutureException {
    bootWith(BackgroundLimits.NONE);
    publish("a");
    device.settle();
    device.sensors().inhibitor(FILM);
    publisher.withdraw("a", new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.BASE));
    device.agent().check();
    device.steps(STEPS);
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.A);
    assertThat(waitsFor()).isEqualTo(FILM);
    device.agent().requestRemoval();
    device.settle();
    assertThat(device.kernel().mountedSlot()).isEqualTo(Slot.BASE);
  }
}
