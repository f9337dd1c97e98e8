package dev.suture.link.mqtt;

import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Notices between the broker's thread and the agent's: the newest few, never more. */
final class Inbox {
  /** Notices that are kept; each only says "look", so an old one is worth nothing. */
  static final int NOTICES_MAX = 16;

  private final ArrayDeque<byte[]> notices = new ArrayDeque<>(NOTICES_MAX);
  private long dropped;

  /** Keeps a notice, at the cost of the oldest if there are too many. */
  synchronized void offer(byte[] notice) {
    if (notices.size() == NOTICES_MAX) {
      notices.removeFirst();
      dropped++;
    }
    notices.addLast(notice);
  }

  /** Counts a notice that was not even kept. */
  synchronized void refuse() {
    dropped++;
  }

  /** The newest, or nothing. */
  synchronized Optional<byte[]> take() {
    byte @Nullable [] newest = notices.pollLast();
    return Optional.ofNullable(newest);
  }

  /** How many were not kept. */
  synchronized long dropped() {
    return dropped;
  }
}
