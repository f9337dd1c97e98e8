package dev.suture.arm64.daemon;

import dev.suture.arm64.device.Watchdog;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes the agent's thread from any other. */
final class Wakeup {
  private final Semaphore signals = new Semaphore(0);
  private final Watchdog watchdog;

  /**
   * For one thread that waits.
   *
   * @param watchdog gets its beats from that thread before, behind and during each wait: to have
   *     nothing to do is no reason to be ended
   */
  Wakeup(Watchdog watchdog) {
    this.watchdog = watchdog;
  }

  /** Something happened. Does not wait. */
  void signal() {
    signals.release();
  }

  /** Waits until something happened since the last call, or the time is over. */
  void await(long millis) {
    watchdog.beat();
    try {
      long leftMillis = millis;
      boolean happened = false;
      while (!happened && leftMillis >= 0) {
        long pieceMillis = Math.min(leftMillis, watchdog.everyMillis());
        happened = signals.tryAcquire(pieceMillis, TimeUnit.MILLISECONDS);
        leftMillis = leftMillis == pieceMillis ? -1 : leftMillis - pieceMillis;
        watchdog.beat();
      }
      if (happened) {
        signals.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("nobody interrupts the agent's thread", e);
    }
  }
}
