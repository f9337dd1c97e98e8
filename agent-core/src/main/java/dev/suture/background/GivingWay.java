package dev.suture.background;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Decides when work in the background gives way to what else is done on the device. It holds work
 * up under pressure, on a low battery, when the device is hot, and while somebody wants to be left
 * alone; an inhibitor and a low battery hold up the restart as well. Pressure alone does so for a
 * limited time, counted from when it first did: a device that is always busy gets its patch, too.
 *
 * <p>Whoever works makes others wait, and waits for others, and the kernel counts both alike. So
 * before work begins the last ten seconds count, and once it has begun only what others waited
 * while it rested, one second in ten.
 */
public final class GivingWay {
  /** Work goes on so long before it rests. */
  static final long WORK_MILLIS = 9_000;

  /** A rest. */
  static final long REST_MILLIS = 1_000;

  /**
   * Work that is held up so long is left, so that the agent can do something else. Each time twice
   * as long, up to {@link #HOLD_DOUBLINGS_MAX} times: what is begun again begins from the start.
   */
  static final long HOLD_MILLIS = 60_000;

  static final int HOLD_DOUBLINGS_MAX = 3;

  /** How much is worked on between two looks at the clock. */
  static final int LOOK_EVERY_BYTES = 256 << 10;

  private static final long MILLIS_PER_SECOND = 1_000;
  private static final long PERCENT_MICROS_PER_MILLI = 10;

  private final BackgroundLimits limits;
  private final Sensors sensors;
  private final LongSupplier clockMillis;
  private final LongConsumer pause;
  private Optional<Long> pressureSinceMillis = Optional.empty();
  private int timesLeft;

  /**
   * With these.
   *
   * @param clockMillis milliseconds of a clock that only goes forward
   * @param pause waits so many milliseconds
   */
  public GivingWay(
      BackgroundLimits limits, Sensors sensors, LongSupplier clockMillis, LongConsumer pause) {
    this.limits = limits;
    this.sensors = sensors;
    this.clockMillis = clockMillis;
    this.pause = pause;
  }

  /** Other work is to be done from now on: pressure may hold it up for as long as at first. */
  public void forget() {
    pressureSinceMillis = Optional.empty();
    timesLeft = 0;
  }

  /** Why work must not begin now, if so. */
  public Optional<String> holdsWork() {
    return holdsWork(recently());
  }

  private Optional<String> holdsWork(Map<Resource, Integer> pressurePercent) {
    Optional<String> restart = holdsRestart();
    if (restart.isPresent()) {
      return restart;
    }
    Optional<String> hot = hot();
    return hot.isPresent() ? hot : pressure(pressurePercent);
  }

  /** Why nothing must be restarted now, if so. */
  public Optional<String> holdsRestart() {
    Optional<String> inhibitor = sensors.inhibitor();
    return inhibitor.isPresent() ? inhibitor : battery();
  }

  /** Lets work that begins now have its pace. */
  public Pacer pacer() {
    return new Breath()::passed;
  }

  /** Lets work that is urgent have its pace: it is held up by nothing. */
  public Pacer rateOnly() {
    return new Rate()::passed;
  }

  private Optional<String> battery() {
    return limits
        .batteryPercent()
        .flatMap(least -> sensors.batteryPercent().filter(percent -> percent < least))
        .map(percent -> "the battery is below " + limits.batteryPercent().orElse(0) + " %");
  }

  private Optional<String> hot() {
    return limits
        .celsius()
        .flatMap(most -> sensors.celsius().filter(celsius -> celsius > most))
        .map(celsius -> "the device is above " + limits.celsius().orElse(0) + " degrees");
  }

  /** The clause names the limit, not the figure: a status that changes all the time is no news. */
  private Optional<String> pressure(Map<Resource, Integer> percents) {
    for (Map.Entry<Resource, Integer> limit : limits.pressurePercent().entrySet()) {
      if (percents.getOrDefault(limit.getKey(), 0) > limit.getValue()) {
        return isPatient()
            ? Optional.of(limit.getKey().word() + " pressure is above " + limit.getValue() + " %")
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isPatient() {
    long now = clockMillis.getAsLong();
    if (!pressureSinceMillis.isPresent()) {
      pressureSinceMillis = Optional.of(now);
    }
    return now - pressureSinceMillis.get() < limits.pressureMillisMax();
  }

  private Map<Resource, Integer> recently() {
    Map<Resource, Integer> percents = new EnumMap<>(Resource.class);
    for (Resource resource : limits.pressurePercent().keySet()) {
      sensors.stall(resource).ifPresent(stall -> percents.put(resource, stall.recentPercent()));
    }
    return percents;
  }

  private Map<Resource, Long> totals() {
    Map<Resource, Long> totals = new EnumMap<>(Resource.class);
    for (Resource resource : limits.pressurePercent().keySet()) {
      sensors.stall(resource).ifPresent(stall -> totals.put(resource, stall.totalMicros()));
    }
    return totals;
  }

  /** Rests, and says how much of that time others waited for each resource. */
  private Map<Resource, Integer> whileResting() {
    Map<Resource, Long> before = totals();
    long startMillis = clockMillis.getAsLong();
    pause.accept(REST_MILLIS);
    long passedMillis = Math.max(1, clockMillis.getAsLong() - startMillis);
    Map<Resource, Integer> percents = new EnumMap<>(Resource.class);
    totals()
        .forEach(
            (resource, total) -> {
              Long first = before.get(resource);
              if (first != null) {
                percents.put(
                    resource, (int) ((total - first) / (passedMillis * PERCENT_MICROS_PER_MILLI)));
              }
            });
    return percents;
  }

  /** How fast work is. */
  private final class Rate {
    private long lookedAtMillis = clockMillis.getAsLong();
    private long bytes;

    private void passed(int more) {
      bytes += more;
      if (bytes < LOOK_EVERY_BYTES) {
        return;
      }
      if (limits.bytesPerSecond().isPresent()) {
        long now = clockMillis.getAsLong();
        // Time that was not used is lost: there is no burst after a rest.
        long dueMillis = lookedAtMillis + bytes * MILLIS_PER_SECOND / limits.bytesPerSecond().get();
        if (dueMillis > now) {
          pause.accept(dueMillis - now);
        }
        lookedAtMillis = Math.max(now, dueMillis);
      }
      bytes = 0;
    }
  }

  /** Work, and rests in it. */
  private final class Breath {
    private final Rate rate = new Rate();
    private long restedAtMillis = clockMillis.getAsLong();

    private void passed(int bytes) throws RetryableException {
      rate.passed(bytes);
      if (rate.bytes != 0 || clockMillis.getAsLong() - restedAtMillis < WORK_MILLIS) {
        return;
      }
      long startMillis = clockMillis.getAsLong();
      Optional<String> why =
          holdsWork(limits.pressurePercent().isEmpty() ? Collections.emptyMap() : whileResting());
      while (why.isPresent()) {
        long heldMillis = clockMillis.getAsLong() - startMillis;
        if (heldMillis >= HOLD_MILLIS << Math.min(timesLeft, HOLD_DOUBLINGS_MAX)) {
          timesLeft++;
          throw new RetryableException(
              FailureCode.WORK_HELD_UP,
              "rebuild: left for now, it was held up for " + heldMillis + " ms: " + why.get());
        }
        why = holdsWork(whileResting());
      }
      restedAtMillis = clockMillis.getAsLong();
    }
  }
}
