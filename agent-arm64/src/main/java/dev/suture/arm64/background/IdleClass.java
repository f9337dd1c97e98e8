package dev.suture.arm64.background;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.background.BackgroundClass;
import dev.suture.protocol.failure.SutureException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Idle classes of processor and disk, for a thread of the work's own, which ends with it. So there
 * is no class that would have to be lifted again, and no way to fail at that: the agent's thread
 * was never in it.
 *
 * <p>A device whose processors are all wanted for ever would never get its patch, and the agent
 * would hear nobody meanwhile. So after a time the work gets its share like any other.
 */
public final class IdleClass implements BackgroundClass {
  private static final Logger LOG = LoggerFactory.getLogger(IdleClass.class);

  /** What is not done within this time by what others leave over is done like theirs. */
  private static final long IDLE_MILLIS_MAX = 30 * 60_000;

  private final long idleMillisMax;
  private volatile boolean isFailureLogged;

  /** As on a device: half an hour of work is in the idle class of the processor. */
  public IdleClass() {
    this(IDLE_MILLIS_MAX);
  }

  IdleClass(long idleMillisMax) {
    this.idleMillisMax = idleMillisMax;
  }

  /** Waits for the thread. A kernel that refuses a class does not stop the work; it is logged. */
  @Override
  public <T> T run(Work<T> work) throws SutureException {
    CompletableFuture<Integer> number = new CompletableFuture<>();
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              try {
                enter();
              } finally {
                number.complete(Linux.threadId()); // Now, so that what is left was entered.
              }
              return work.run();
            });
    Thread thread = new Thread(task, "background");
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(idleMillisMax);
      if (thread.isAlive()) {
        leave(number.get());
      }
      thread.join();
      return task.get();
    } catch (ExecutionException e) {
      throw thrown(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("nobody interrupts the agent's thread", e);
    }
  }

  private static RuntimeException thrown(ExecutionException e) throws SutureException {
    Throwable cause = e.getCause();
    if (cause instanceof SutureException known) {
      throw known;
    }
    if (cause instanceof RuntimeException unexpected) {
      throw unexpected;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("work throws no other exception", e);
  }

  private void leave(int thread) {
    LOG.info("work in the background goes on like any other after {} ms", idleMillisMax);
    try {
      Linux.setNormalProcessorClass(thread);
      Linux.setNormalDiskClass(thread);
    } catch (LinuxException e) {
      LOG.warn("{}", e.getMessage()); // It has ended just now, or goes on as before.
    }
  }

  private void enter() {
    try {
      Linux.setIdleProcessorClass();
      Linux.setIdleDiskClass();
    } catch (LinuxException e) {
      if (!isFailureLogged) {
        isFailureLogged = true;
        LOG.warn("work in the background is not in the idle class: {}", e.getMessage());
      }
    }
  }
}
