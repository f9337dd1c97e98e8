package dev.suture.hil;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for what another process does: bounded, and by looking, never by hoping. */
public final class Await {
  private static final int POLL_MILLIS = 100;

  private Await() {}

  /**
   * Looks again and again until the condition holds.
   *
   * @param what is awaited, for the message
   * @param limit at most this long
   * @param context asked for more text when the limit has passed
   * @throws HarnessException if it did not hold in time
   */
  public static void until(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> context) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline >= 0) {
        throw new HarnessException(
            what
                + ": expected within "
                + limit.toSeconds()
                + " s, did not happen; "
                + context.get());
      }
      pause(POLL_MILLIS);
    }
  }

  /** Lets other processes run for a moment. */
  static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException("interrupted while waiting", e);
    }
  }
}
