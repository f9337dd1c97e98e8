package dev.suture.link.mqtt;

import java.util.Random;

/**
 * How long to wait before the next attempt: anything up to a ceiling that doubles with every
 * failure, so that a fleet does not come back to a restarted broker in one moment.
 */
final class Backoff {
  private final Random random;
  private final long floorMillis;
  private final long ceilingMillis;
  private int failures;

  /**
   * @param floorMillis the ceiling after the first failure, at least 1
   * @param ceilingMillis the ceiling after many
   */
  Backoff(Random random, long floorMillis, long ceilingMillis) {
    this.random = random;
    this.floorMillis = floorMillis;
    this.ceilingMillis = ceilingMillis;
  }

  /** The pause after one more failure: 0 to the ceiling, both included. */
  long nextMillis() {
    // 2^30 times the smallest floor is beyond every ceiling, and far from an overflow.
    long doubled = floorMillis << Math.min(failures, 30);
    failures++;
    long limit = Math.min(ceilingMillis, doubled);
    return (long) (random.nextDouble() * (limit + 1));
  }

  /** The other side has been well for a while: the next failure is a first one. */
  void reset() {
    failures = 0;
  }
}
