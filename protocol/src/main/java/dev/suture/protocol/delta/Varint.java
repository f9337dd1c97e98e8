package dev.suture.protocol.delta;

/**
 * The numbers of a stream: little-endian groups of seven bits, the highest bit of a byte saying
 * that another one follows; the last byte of several is not zero. At most {@link #BYTES_MAX} bytes.
 */
public final class Varint {
  /** Longest number. */
  public static final int BYTES_MAX = 5;

  /** Largest number. */
  public static final long VALUE_MAX = (1L << (7 * BYTES_MAX)) - 1;

  private Varint() {}

  /** How many bytes a number of 0 to {@link #VALUE_MAX} takes. */
  public static int length(long value) {
    int length = 1;
    for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
      length++;
    }
    return length;
  }

  /**
   * Writes a number of 0 to {@link #VALUE_MAX}.
   *
   * @return how many bytes it took
   */
  public static int write(long value, byte[] target, int offset) {
    if (value < 0 || value > VALUE_MAX) {
      throw new IllegalArgumentException("varint: expected 0 to " + VALUE_MAX + ", got " + value);
    }
    int length = 0;
    long rest = value;
    while (rest > 0x7f) {
      target[offset + length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[offset + length++] = (byte) rest;
    return length;
  }

  /** A signed number as an unsigned one: 0, -1, 1, -2 … become 0, 1, 2, 3 … */
  public static long zigzag(long signed) {
    return (signed << 1) ^ (signed >> 63);
  }

  /** The signed number of an unsigned one. */
  public static long unzigzag(long unsigned) {
    return (unsigned >>> 1) ^ -(unsigned & 1);
  }
}
