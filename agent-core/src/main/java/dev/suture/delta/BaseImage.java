package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;

/** The base image of a component, read at random; never written. */
public interface BaseImage extends AutoCloseable {
  /** Length in bytes. */
  long bytes();

  /**
   * Reads exactly {@code length} bytes at {@code position}; the range lies within the image.
   *
   * @throws DeviceException {@code BASE_UNREADABLE}
   */
  void read(long position, byte[] target, int offset, int length) throws DeviceException;

  /**
   * Up to where reading ahead is cheap: a position behind {@code position}, at most the image's
   * end.
   */
  default long readAheadEnd(long position) {
    return bytes();
  }

  @Override
  void close();
}
