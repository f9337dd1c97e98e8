package dev.suture.link.mqtt;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps the connection and, because a thread starts in its parent's group, all
 * threads of the library.
 *
 * <p>Paho 1.2.5 wakes its sender only once when it stops. A sender that was just about to wait
 * misses that, and waits for ever: one thread more for every connection that ends so. It looks
 * again when it is interrupted. And a thread that dies of what the broker sent takes its connection
 * with it, which nobody else would notice until the keep-alive ends.
 */
final class LibraryThreads extends ThreadGroup {
  private static final Logger LOG = LoggerFactory.getLogger(LibraryThreads.class);

  private static final long LOOK_AGAIN_MILLIS = 20;

  private final Consumer<Throwable> onDeath;

  /**
   * Makes an empty group.
   *
   * @param onDeath called on a thread of the group that ends by an exception, with that exception
   */
  LibraryThreads(Consumer<Throwable> onDeath) {
    super("suture-mqtt");
    this.onDeath = onDeath;
  }

  /**
   * Interrupts every thread of the group but the calling one until they have ended, or the time is
   * over; what is left then is logged, and ended with the next connection. An interruption of the
   * caller is kept for later.
   *
   * @return whether all have ended
   */
  boolean endAllButThis(long millis) {
    long startNanos = System.nanoTime();
    boolean interrupted = false;
    Thread[] left = others();
    while (left.length > 0
        && System.nanoTime() - startNanos < TimeUnit.MILLISECONDS.toNanos(millis)) {
      for (Thread thread : left) {
        thread.interrupt();
      }
      try {
        left[0].join(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = others();
    }
    if (left.length > 0) {
      LOG.warn("mqtt: threads that do not end: {}", Arrays.toString(left));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return left.length == 0;
  }

  private Thread[] others() {
    // One more than there seem to be: a thread may start another while it ends.
    Thread[] found = new Thread[activeCount() + 8];
    int count = enumerate(found);
    return Arrays.stream(found, 0, count)
        .filter(t -> t != Thread.currentThread())
        .toArray(Thread[]::new);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable failure) {
    LOG.warn("mqtt: thread {} ended", thread.getName(), failure);
    onDeath.accept(failure);
  }
}
