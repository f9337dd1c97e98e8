package dev.suture.arm64.daemon;

import java.util.Optional;

/**
 * Acts when a switch takes too long. One that hangs, as on a file system whose server is away,
 * would leave old services on new files, and nobody to notice: the agent's thread is the one that
 * hangs. One switch at a time; at most one thread, and none when the switch is over.
 */
final class SwitchLimit {
  private final long millis;
  private final Runnable action;
  private Optional<Thread> waiting = Optional.empty();

  /** Does this when a switch takes longer than that. */
  SwitchLimit(long millis, Runnable action) {
    this.millis = millis;
    this.action = action;
  }

  /** A switch begins; if one was under way, it counts from now on. */
  void begin() {
    end();
    Thread next = new Thread(this::await, "switch-limit");
    next.setDaemon(true);
    next.start();
    waiting = Optional.of(next);
  }

  /** It is over, or there was none. */
  void end() {
    waiting.ifPresent(Thread::interrupt);
    waiting = Optional.empty();
  }

  private void await() {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      return; // In time.
    }
    action.run();
  }
}
