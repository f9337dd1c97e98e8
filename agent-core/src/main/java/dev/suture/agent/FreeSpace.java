package dev.suture.agent;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;

/** Whether there is room for what is about to be written. */
final class FreeSpace {
  private FreeSpace() {}

  /**
   * Asks before the first byte.
   *
   * @param what names it in messages
   * @param needed bytes, those included that are to stay free
   * @param usable bytes
   * @throws RetryableException {@code DISK_FULL}
   */
  static void require(String what, long needed, long usable) throws RetryableException {
    if (usable < needed) {
      throw new RetryableException(
          FailureCode.DISK_FULL,
          "space for "
              + what
              + ": expected "
              + needed
              + " bytes, got "
              + usable
              + " (nothing was written)");
    }
  }
}
