package dev.suture.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.sim.SimClock;
import dev.suture.sim.SimSensors;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GivingWayTest {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final int CHUNK = GivingWay.LOOK_EVERY_BYTES;
  private static final long CHUNK_MILLIS = 100;

  private final SimClock clock = new SimClock();
  private final SimSensors sensors = new SimSensors(clock);

  private GivingWay givingWay(BackgroundLimits limits) {
    return new GivingWay(limits, sensors, clock::monotonicMillis, clock::pause);
  }

  private static BackgroundLimits pressure(Resource resource, int percent) {
    return new BackgroundLimits(
        Optional.empty(),
        Map.of(resource, percent),
        HOUR_MILLIS,
        Optional.empty(),
        Optional.empty());
  }

  private static BackgroundLimits rate(long bytesPerSecond) {
    return new BackgroundLimits(
        Optional.of(bytesPerSecond), Map.of(), 0, Optional.empty(), Optional.empty());
  }

  /** Works for so long; returns how long it took. */
  private long work(Pacer pacer, long millis) throws RetryableException {
    long start = clock.monotonicMillis();
    for (long done = 0; done < millis; done += CHUNK_MILLIS) {
      clock.advance(CHUNK_MILLIS);
      pacer.passed(CHUNK);
    }
    return clock.monotonicMillis() - start;
  }

  @Test
  void holdsWork_noLimits_nothingDoes() throws RetryableException {
    GivingWay givingWay = givingWay(BackgroundLimits.NONE);
    sensors.pressure(Resource.IO, 99);
    sensors.battery(Optional.of(1));
    sensors.celsius(120);
    assertThat(givingWay.holdsWork()).isEmpty();
    assertThat(work(givingWay.pacer(), 100_000)).as("never rests").isEqualTo(100_000);
  }

  @Test
  void holdsWork_pressureAtAndAboveTheLimit_holdsAboveAlone() {
    GivingWay givingWay = givingWay(pressure(Resource.IO, 20));
    sensors.pressure(Resource.CPU, 99);
    sensors.pressure(Resource.IO, 20);
    assertThat(givingWay.holdsWork()).isEmpty();
    sensors.pressure(Resource.IO, 21);
    assertThat(givingWay.holdsWork()).contains("io pressure is above 20 %");
    assertThat(givingWay.holdsRestart()).isEmpty();
    sensors.countsNoStalls();
    assertThat(givingWay.holdsWork()).as("a kernel that does not count").isEmpty();
  }

  @Test
  void holdsWork_pressureForLongerThanIsAllowed_holdsNoMoreUntilOtherWork() {
    GivingWay givingWay = givingWay(pressure(Resource.CPU, 0));
    sensors.pressure(Resource.CPU, 1);
    assertThat(givingWay.holdsWork()).isPresent();
    clock.advance(HOUR_MILLIS - 1);
    assertThat(givingWay.holdsWork()).isPresent();
    clock.advance(1);
    assertThat(givingWay.holdsWork()).isEmpty();
    givingWay.forget();
    assertThat(givingWay.holdsWork()).isPresent();
  }

  @Test
  void holds_batteryHeatAndInhibitor_forEver() {
    GivingWay givingWay =
        givingWay(
            new BackgroundLimits(Optional.empty(), Map.of(), 0, Optional.of(30), Optional.of(75)));
    sensors.battery(Optional.of(30));
    sensors.celsius(75);
    assertThat(givingWay.holdsWork()).isEmpty();
    sensors.celsius(76);
    assertThat(givingWay.holdsWork()).contains("the device is above 75 degrees");
    assertThat(givingWay.holdsRestart()).isEmpty();
    sensors.battery(Optional.of(29));
    assertThat(givingWay.holdsWork()).contains("the battery is below 30 %");
    assertThat(givingWay.holdsRestart()).contains("the battery is below 30 %");
    sensors.inhibitor(Optional.of("inhibitor film is held"));
    assertThat(givingWay.holdsWork()).contains("inhibitor film is held");
    assertThat(givingWay.holdsRestart()).contains("inhibitor film is held");
    clock.advance(100 * HOUR_MILLIS);
    assertThat(givingWay.holdsWork()).isPresent();
  }

  @Test
  void pacer_nothingHolds_restsOneSecondInTen() throws RetryableException {
    long millis = work(givingWay(pressure(Resource.IO, 20)).pacer(), 90_000);
    assertThat(millis).isEqualTo(100_000);
  }

  @Test
  void pacer_noPressureIsLimited_doesNotRest() throws RetryableException {
    BackgroundLimits battery =
        new BackgroundLimits(Optional.empty(), Map.of(), 0, Optional.of(30), Optional.empty());
    assertThat(work(givingWay(battery).pacer(), 90_000)).isEqualTo(90_000);
  }

  @Test
  void pacer_pressureWhileResting_waitsUntilItIsOver() throws RetryableException {
    sensors.pressure(Resource.IO, 50);
    long calmAtMillis = clock.monotonicMillis() + 30_000;
    GivingWay givingWay =
        new GivingWay(
            pressure(Resource.IO, 20),
            sensors,
            clock::monotonicMillis,
            millis -> {
              clock.pause(millis);
              if (clock.monotonicMillis() >= calmAtMillis) {
                sensors.pressure(Resource.IO, 0);
              }
            });
    assertThat(work(givingWay.pacer(), 9_000)).isEqualTo(31_000);
  }

  @Test
  void pacer_pressureForAMinute_leaves() {
    Pacer pacer = givingWay(pressure(Resource.IO, 20)).pacer();
    sensors.pressure(Resource.IO, 50);
    Optional<RetryableException> left = leaves(pacer, 9_000);
    assertThat(left).isPresent();
    assertThat(left.get().code()).isEqualTo(FailureCode.WORK_HELD_UP);
    assertThat(left.get()).hasMessageContaining("io pressure is above 20 %");
    sensors.pressure(Resource.IO, 0);
    assertThat(leaves(pacer, 9_000)).isEmpty();
  }

  private Optional<RetryableException> leaves(Pacer pacer, long millis) {
    try {
      work(pacer, millis);
      return Optional.empty();
    } catch (RetryableException e) {
      return Optional.of(e);
    }
  }

  @Test
  void pacer_longPressure_isWaitedForNoLongerThanAllowed() {
    BackgroundLimits limits =
        new BackgroundLimits(
            Optional.empty(), Map.of(Resource.IO, 20), 30_000, Optional.empty(), Optional.empty());
    Pacer pacer = givingWay(limits).pacer();
    sensors.pressure(Resource.IO, 50);
    long start = clock.monotonicMillis();
    assertThatCode(() -> work(pacer, 9_000)).doesNotThrowAnyException();
    assertThat(clock.monotonicMillis() - start).isBetween(39_000L, 41_000L);
  }

  @Test
  void pacer_inhibitorInTheMiddle_leavesAfterAMinute() {
    Pacer pacer = givingWay(BackgroundLimits.NONE).pacer();
    sensors.inhibitor(Optional.of("inhibitor film is held"));
    long start = clock.monotonicMillis();
    assertThat(leaves(pacer, 9_000)).isPresent();
    assertThat(clock.monotonicMillis() - start).isEqualTo(9_000 + GivingWay.HOLD_MILLIS);
  }

  @Test
  void pacer_leftAgainAndAgain_isHeldLongerEachTimeUpToALimit() {
    GivingWay givingWay = givingWay(BackgroundLimits.NONE);
    sensors.inhibitor(Optional.of("inhibitor film is held"));
    long longest = 0;
    for (int i = 0; i < 9; i++) {
      long start = clock.monotonicMillis();
      assertThat(leaves(givingWay.pacer(), 9_000)).isPresent();
      long held = clock.monotonicMillis() - start - 9_000;
      assertThat(held).isGreaterThanOrEqualTo(longest);
      longest = held;
    }
    assertThat(longest).isEqualTo(GivingWay.HOLD_MILLIS << GivingWay.HOLD_DOUBLINGS_MAX);
    givingWay.forget();
    long start = clock.monotonicMillis();
    assertThat(leaves(givingWay.pacer(), 9_000)).isPresent();
    assertThat(clock.monotonicMillis() - start).isEqualTo(9_000 + GivingWay.HOLD_MILLIS);
  }

  @Test
  void rate_faster_isSlowedDown() throws RetryableException {
    GivingWay givingWay = givingWay(rate(CHUNK)); // A chunk a second instead of ten.
    assertThat(work(givingWay.pacer(), 10_000)).isBetween(99_000L, 101_000L);
    assertThat(work(givingWay.rateOnly(), 10_000)).isBetween(99_000L, 101_000L);
  }

  @Test
  void rate_slower_isNotSlowedDownMuch() throws RetryableException {
    assertThat(work(givingWay(rate(CHUNK * 10_000L)).pacer(), 8_000)).isBetween(8_000L, 8_100L);
  }

  @Test
  void rate_afterARest_hasNoBurst() throws RetryableException {
    Pacer pacer = givingWay(rate(CHUNK)).rateOnly();
    work(pacer, 1_000);
    clock.advance(1_000_000);
    assertThat(work(pacer, 1_000)).isGreaterThan(8_900);
  }

  @Test
  void rateOnly_everythingHolds_goesOn() throws RetryableException {
    GivingWay givingWay = givingWay(pressure(Resource.IO, 0));
    sensors.pressure(Resource.IO, 99);
    sensors.inhibitor(Optional.of("inhibitor film is held"));
    assertThat(work(givingWay.rateOnly(), 100_000)).isEqualTo(100_000);
  }
}
