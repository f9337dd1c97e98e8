package dev.suture.sim;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a condition, never for a time: the limit only says when a test has failed. */
public final class Await {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private Await() {}

  /** A condition that may fail while it is looked at. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it holds now. */
    boolean holds() throws Exception;
  }

  /**
   * Returns as soon as the condition holds.
   *
   * @throws AssertionError naming {@code what} if it does not hold within the limit, with the last
   *     failure of looking as its cause
   */
  public static void until(String what, long limitMillis, Condition condition) {
    until(what, limitMillis, condition, () -> "");
  }

  /** As above; {@code explanation} is asked for only when the limit is reached. */
  public static void until(
      String what, long limitMillis, Condition condition, Supplier<String> explanation) {
    long startNanos = System.nanoTime();
    while (true) {
      Exception trouble;
      try {
        if (condition.holds()) {
          return;
        }
        trouble = null;
      } catch (Exception e) {
        trouble = e;
      }
      if (System.nanoTime() - startNanos > TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
        throw new AssertionError(
            what + ": expected within " + limitMillis + " ms, did not happen " + explanation.get(),
            trouble);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new AssertionError(what + ": interrupted while waiting");
      }
    }
  }
}
