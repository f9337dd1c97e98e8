package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;

/**
 * Reads the base image with a little read-ahead: most operations are short and continue where the
 * one before ended, and each must not be a read of the device.
 */
final class BaseReader {
  /** Reads of this length or more go straight to the base. */
  static final int READ_AHEAD_BYTES = 16 << 10;

  private final BaseImage base;
  private final byte[] ahead = new byte[READ_AHEAD_BYTES];
  private long aheadAt;
  private int aheadBytes;

  BaseReader(BaseImage base) {
    this.base = base;
  }

  /** Length of the base in bytes. */
  long bytes() {
    return base.bytes();
  }

  /** Reads a range that lies within the base. */
  void read(long position, byte[] target, int offset, int length) throws DeviceException {
    if (length >= READ_AHEAD_BYTES) {
      base.read(position, target, offset, length);
      return;
    }
    if (position < aheadAt || position + length > aheadAt + aheadBytes) {
      long end = Math.max(position + length, base.readAheadEnd(position));
      int now = (int) Math.min(READ_AHEAD_BYTES, end - position);
      aheadBytes = 0;
      base.read(position, ahead, 0, now);
      aheadAt = position;
      aheadBytes = now;
    }
    System.arraycopy(ahead, (int) (position - aheadAt), target, offset, length);
  }
}
