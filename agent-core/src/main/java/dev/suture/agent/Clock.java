package dev.suture.agent;

import java.time.Instant;
import java.util.Optional;

/** Time. */
@FunctionalInterface
public interface Clock {
  /** Milliseconds since some fixed moment of this boot; only goes forward. */
  long monotonicMillis();

  /** Waits, for a moment: nothing else is done meanwhile. */
  default void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The date, if there is reason to believe it: somebody keeps the clock right. */
  default Optional<Instant> trustworthyNow() {
    return Optional.empty();
  }
}
