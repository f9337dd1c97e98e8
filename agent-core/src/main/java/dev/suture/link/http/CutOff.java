package dev.suture.link.http;

import java.util.concurrent.TimeUnit;

/**
 * Ends a blocked call from outside. A socket's own time limit begins again with every byte, so one
 * read of a TLS record, or of a head, can be stretched without end; this one does not begin again.
 */
final class CutOff implements AutoCloseable {
  /** How often the limit is looked at; it may be exceeded by as much. */
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Runnable cut;
  private boolean armed;
  private long deadlineNanos;
  private boolean done;
  private boolean fired;

  /** Not armed yet. {@code cut} makes a blocked call fail; it runs on another thread, once. */
  CutOff(Runnable cut) {
    this.cut = cut;
    Thread thread = new Thread(this::watch, "suture-cut-off");
    thread.setDaemon(true);
    thread.start();
  }

  /** What happens from now on has to end within the limit. */
  synchronized void arm(long limitMillis) {
    deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    armed = true;
  }

  /** What happens from now on may take its time. */
  synchronized void disarm() {
    armed = false;
  }

  /** Whether it has cut. */
  synchronized boolean fired() {
    return fired;
  }

  private void watch() {
    synchronized (this) {
      while (!done && !(armed && deadlineNanos - System.nanoTime() <= 0)) {
        long leftNanos = armed ? deadlineNanos - System.nanoTime() : TICK_NANOS;
        try {
          TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, Math.min(TICK_NANOS, leftNanos)));
        } catch (InterruptedException e) {
          return;
        }
      }
      if (done) {
        return;
      }
      fired = true;
    }
    cut.run();
  }

  /** Nothing is cut any more. */
  @Override
  public synchronized void close() {
    done = true;
    notifyAll();
  }
}
