package dev.suture.background;

import dev.suture.protocol.failure.RetryableException;

/** What work in the background tells how far it is, and what lets it wait. */
@FunctionalInterface
public interface Pacer {
  /** Never waits. */
  Pacer FREE = bytes -> {};

  /**
   * So many bytes more were worked on. Returns when it is time to go on.
   *
   * @throws RetryableException {@code WORK_HELD_UP} if it is not time for long: what was begun is
   *     to be left, and begun again later
   */
  void passed(int bytes) throws RetryableException;
}
