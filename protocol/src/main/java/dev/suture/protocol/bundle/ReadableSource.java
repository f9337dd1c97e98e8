package dev.suture.protocol.bundle;

import dev.suture.protocol.failure.DeviceException;

/** Bytes that can be read anywhere, such as an open file. */
public interface ReadableSource {
  /** Length in bytes. */
  long size() throws DeviceException;

  /**
   * Reads up to {@code length} bytes at {@code position}.
   *
   * @return how many were read: less than {@code length} only at the end
   */
  int read(long position, byte[] target, int offset, int length) throws DeviceException;
}
