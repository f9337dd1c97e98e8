package dev.suture.hil;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks a device's HTTPS server again and again, and measures the longest time without an answer: a
 * client's view of an interruption. One thread of its own, until {@link #close}.
 */
public final class Availability implements AutoCloseable {
  /** So long after an answer the next question is put. */
  public static final Duration EVERY = Duration.ofMillis(50);

  private static final int ANSWER_LIMIT_MILLIS = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Device device;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile long longestMillis;
  private final AtomicInteger answers = new AtomicInteger();

  private Availability(Device device) {
    this.device = device;
    this.thread = new Thread(this::ask, "availability");
  }

  /** Begins to ask. */
  public static Availability watch(Device device) {
    Availability watching = new Availability(device);
    watching.thread.setDaemon(true);
    watching.thread.start();
    return watching;
  }

  private void ask() {
    long lastAnswer = System.nanoTime();
    while (!stopped) {
      boolean answered = isAnswered();
      long now = System.nanoTime();
      if (answered) {
        answers.incrementAndGet();
        longestMillis = Math.max(longestMillis, (now - lastAnswer) / NANOS_PER_MILLI);
        lastAnswer = now;
      }
      Await.pause(EVERY.toMillis());
    }
  }

  private boolean isAnswered() {
    try {
      return device.httpsStatus(ANSWER_LIMIT_MILLIS) == 200;
    } catch (HarnessException e) {
      return false;
    }
  }

  /** How many answers there were. */
  public int answers() {
    return answers.get();
  }

  /** Waits for another answer; an interruption that is under way is over then, and measured. */
  public void awaitAnswer(Duration limit) {
    int before = answers();
    Await.until("another HTTPS answer", limit, () -> answers() > before, () -> "");
  }

  /** The longest time between two answers until now, in milliseconds; 0 if there were none. */
  public long longestMillis() {
    return longestMillis;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
