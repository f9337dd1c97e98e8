package dev.suture.sim;

import dev.suture.agent.Clock;
import java.time.Instant;
import java.util.Optional;

/** Time that passes when a test says so. */
public final class SimClock implements Clock {
  private long millis = 1_000;
  private Optional<Instant> date = Optional.empty();

  @Override
  public long monotonicMillis() {
    return millis;
  }

  @Override
  public void pause(long passedMillis) {
    advance(passedMillis);
  }

  /** Lets time pass. */
  public void advance(long passedMillis) {
    millis += passedMillis;
  }

  /** What date it believes in, if any; it stands still. */
  public void date(Optional<Instant> believed) {
    date = believed;
  }

  @Override
  public Optional<Instant> trustworthyNow() {
    return date;
  }
}
