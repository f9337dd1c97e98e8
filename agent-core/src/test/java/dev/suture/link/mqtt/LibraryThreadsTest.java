package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No thread of a connection outlives it. */
@Timeout(60)
class LibraryThreadsTest {
  private final List<Throwable> deaths = Collections.synchronizedList(new ArrayList<>());
  private final LibraryThreads threads = new LibraryThreads(deaths::add);

  private Thread start(Runnable body) {
    Thread thread = new Thread(threads, body, "library");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void threadThatMissedItsWakeUp_isEnded() {
    Object queueLock = new Object();
    AtomicBoolean connected = new AtomicBoolean(true);
    // As the library's sender does it: it waits first, and looks whether there is a connection
    // after that; nobody notifies it any more.
    Thread sender =
        start(
            () -> {
              synchronized (queueLock) {
                while (connected.get()) {
                  try {
                    queueLock.wait();
                  } catch (InterruptedException e) {
                    // Looks again.
                  }
                }
              }
            });
    connected.set(false);

    assertThat(threads.endAllButThis(20_000)).isTrue();
    assertThat(sender.isAlive()).isFalse();
  }

  @Test
  void threadThatDoesNotEnd_isNotWaitedForLongerThanAsked_andEndedNextTime() {
    CountDownLatch mayEnd = new CountDownLatch(1);
    Thread stubborn =
        start(
            () -> {
              while (mayEnd.getCount() > 0) {
                try {
                  mayEnd.await();
                } catch (InterruptedException e) {
                  // Stubborn.
                }
              }
            });

    assertThat(threads.endAllButThis(100)).isFalse();
    assertThat(stubborn.isAlive()).isTrue();
    mayEnd.countDown();
    assertThat(threads.endAllButThis(20_000)).isTrue();
  }

  @Test
  void callerOfTheGroup_isSparedAndKeepsItsInterruption() throws Exception {
    AtomicBoolean all = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread keeper =
        start(
            () -> {
              start(
                  () -> {
                    try {
                      Thread.sleep(60_000);
                    } catch (InterruptedException e) {
                      // Ends.
                    }
                  });
              Thread.currentThread().interrupt();
              all.set(threads.endAllButThis(20_000));
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    keeper.join();

    assertThat(all).isTrue();
    assertThat(interrupted).isTrue();
  }

  @Test
  void threadThatDies_isTold() throws Exception {
    RuntimeException failure = new IllegalStateException("of what the broker sent");
    start(
            () -> {
              throw failure;
            })
        .join();

    assertThat(deaths).containsExactly(failure);
  }
}
