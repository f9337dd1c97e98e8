package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;

/** Keeps other programs from changing what is read, changed and written back. */
@FunctionalInterface
public interface RecordLock {
  /** Where nobody else writes. */
  RecordLock NONE = () -> () -> {};

  /**
   * Waits until nobody else holds it, but not for ever.
   *
   * @throws DeviceException {@code STORAGE_IO} if somebody does for too long, or it cannot be had
   */
  Held acquire() throws DeviceException;

  /** It is held until this is closed. */
  @FunctionalInterface
  interface Held {
    /** Gives it back. */
    void close();
  }
}
