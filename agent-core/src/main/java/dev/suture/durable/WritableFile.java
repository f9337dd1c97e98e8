package dev.suture.durable;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;

/** A file opened for writing. */
public interface WritableFile extends AutoCloseable {
  /** Writes at a position, growing the file when needed. Not durable on return. */
  void write(long position, byte[] source, int offset, int length)
      throws DeviceException, RetryableException;

  /**
   * Makes content and length durable. After a failure the content is unknown: write the file anew,
   * never sync again.
   */
  void sync() throws DeviceException, RetryableException;

  /** Releases the file. Says nothing about durability. */
  @Override
  void close();
}
