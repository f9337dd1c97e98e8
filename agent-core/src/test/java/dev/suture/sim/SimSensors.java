package dev.suture.sim;

import dev.suture.background.Resource;
import dev.suture.background.Sensors;
import dev.suture.background.Stall;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** A device that is as a test wants; it is calm at first, and has no battery. */
public final class SimSensors implements Sensors {
  private static final long MICROS_PER_MILLI_AND_PERCENT = 10;

  private final SimClock clock;
  private final Map<Resource, Waiting> waiting = new EnumMap<>(Resource.class);
  private Optional<Integer> battery = Optional.empty();
  private Optional<Integer> celsius = Optional.empty();
  private Optional<String> inhibitor = Optional.empty();
  private boolean countsStalls = true;

  /** So much of the time, since then; and what had come together before. */
  private record Waiting(int percent, long sinceMillis, long micros) {}

  /** Of a device with this clock. */
  public SimSensors(SimClock clock) {
    this.clock = clock;
  }

  /** From now on others wait so much of the time. */
  public void pressure(Resource resource, int percent) {
    long micros = total(resource);
    waiting.put(resource, new Waiting(percent, clock.monotonicMillis(), micros));
  }

  /** What is left in the battery that is being used up; empty: on mains. */
  public void battery(Optional<Integer> percent) {
    battery = percent;
  }

  /** How hot it is. */
  public void celsius(int degrees) {
    celsius = Optional.of(degrees);
  }

  /** Who wants to be left alone. */
  public void inhibitor(Optional<String> who) {
    inhibitor = who;
  }

  /** From now on nobody counts who waits. */
  public void countsNoStalls() {
    countsStalls = false;
  }

  private long total(Resource resource) {
    Waiting one = waiting.getOrDefault(resource, new Waiting(0, 0, 0));
    return one.micros
        + (clock.monotonicMillis() - one.sinceMillis) * one.percent * MICROS_PER_MILLI_AND_PERCENT;
  }

  @Override
  public Optional<Stall> stall(Resource resource) {
    Waiting one = waiting.getOrDefault(resource, new Waiting(0, 0, 0));
    return countsStalls ? Optional.of(new Stall(one.percent, total(resource))) : Optional.empty();
  }

  @Override
  public Optional<Integer> batteryPercent() {
    return battery;
  }

  @Override
  public Optional<Integer> celsius() {
    return celsius;
  }

  @Override
  public Optional<String> inhibitor() {
    return inhibitor;
  }
}
