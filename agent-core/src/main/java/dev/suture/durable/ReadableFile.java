package dev.suture.durable;

import dev.suture.protocol.failure.DeviceException;

/** A file opened for reading. */
public interface ReadableFile extends AutoCloseable {
  /** Length in bytes. */
  long size() throws DeviceException;

  /**
   * Reads up to {@code length} bytes at {@code position}.
   *
   * @return how many were read: less than {@code length} only at the end of the file
   */
  int read(long position, byte[] target, int offset, int length) throws DeviceException;

  @Override
  void close();
}
