package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;

/**
 * Bytes that are predicted at once: within one span, one copy, and one buffer.
 *
 * @param segment of the base, in which they are
 * @param spanStart where in the base their span begins
 * @param spanEnd where it ends
 * @param from where in the base they begin
 * @param imageAddress the address that the first of them has in the image
 * @param length how many
 * @param bytes gets them
 * @param offset where in {@code bytes}
 */
record Piece(
    int segment,
    long spanStart,
    long spanEnd,
    long from,
    long imageAddress,
    int length,
    byte[] bytes,
    int offset) {

  /** Whether a field lies whole within the piece, given its place from the piece's beginning. */
  boolean has(int at, int count) {
    return at >= 0 && at + count <= length;
  }

  /** A little-endian number of the present content, of at most eight bytes. */
  long get(int at, int count) {
    return get(bytes, offset + at, count);
  }

  /** Puts a number of four or eight bytes, little-endian. */
  void put(int at, int count, long value) {
    put(bytes, offset + at, (int) value);
    if (count == Long.BYTES) {
      put(bytes, offset + at + Integer.BYTES, (int) (value >>> Integer.SIZE));
    }
  }

  /** Has a range of the piece corrected, unless it is empty. */
  void correct(Corrector corrector, int from, int end) throws RejectedException, DeviceException {
    if (end > from) {
      corrector.correct(bytes, offset + from, end - from);
    }
  }

  static long get(byte[] bytes, int at, int count) {
    if (count == Integer.BYTES) {
      return get(bytes, at) & 0xffff_ffffL;
    }
    if (count == Long.BYTES) {
      return get(bytes, at) & 0xffff_ffffL | (long) get(bytes, at + Integer.BYTES) << Integer.SIZE;
    }
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }

  /** Four bytes, little-endian. */
  static int get(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | bytes[at + 3] << 24;
  }

  static void put(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >>> 8);
    bytes[at + 2] = (byte) (value >>> 16);
    bytes[at + 3] = (byte) (value >>> 24);
  }
}
