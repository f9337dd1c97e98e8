package dev.suture.arm64.daemon;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes the agent's thread from any other. */
final class Wakeup {
  private final Semaphore signals = new Semaphore(0);

  /** Something happened. Does not wait. */
  void signal() {
    signals.release();
  }

  /** Waits until something happened since the last call, or the time is over. */
  void await(long millis) {
    try {
      if (signals.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
        signals.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("nobody interrupts the agent's thread", e);
    }
  }
}
