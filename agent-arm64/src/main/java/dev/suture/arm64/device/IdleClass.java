package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.background.BackgroundClass;
import dev.suture.protocol.failure.SutureException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Idle classes of processor and disk, for a thread of the work's own, which ends with it. So there
 * is no class that would have to be lifted again, and no way to fail at that: the agent's thread
 * was never in it.
 */
public final class IdleClass implements BackgroundClass {
  private static final Logger LOG = LoggerFactory.getLogger(IdleClass.class);

  private boolean isFailureLogged;

  /** Waits for the thread. A kernel that refuses a class does not stop the work; it is logged. */
  @Override
  public <T> T run(Work<T> work) throws SutureException {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              enter();
              return work.run();
            });
    Thread thread = new Thread(task, "background");
    thread.setDaemon(true);
    thread.start();
    try {
      T result = task.get();
      thread.join();
      return result;
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
