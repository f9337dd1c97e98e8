package dev.suture.sim;

import dev.suture.agent.Clock;

/** Time that passes when a test says so. */
public final class SimClock implements Clock {
  private long millis = 1_000;

  @Override
  public long monotonicMillis() {
    return millis;
  }

  /** Lets time pass. */
  public void advance(long passedMillis) {
    millis += passedMillis;
  }
}
