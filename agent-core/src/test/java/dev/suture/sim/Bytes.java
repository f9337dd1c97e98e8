package dev.suture.sim;

import java.util.Arrays;
import java.util.zip.CRC32C;

/** Bytes that never change, and compare fast. */
final class Bytes {
  static final Bytes NONE = new Bytes(new byte[0]);

  private static final int LOW_BITS = 32;

  private final byte[] array;
  private long print;

  /** Takes the array over; nobody changes it from now on. */
  Bytes(byte[] array) {
    this.array = array;
  }

  /** Not to be changed. */
  byte[] array() {
    return array;
  }

  /** Different bytes have the same one by an accident of 1 to 2^63. */
  long print() {
    if (print == 0) {
      CRC32C crc = new CRC32C();
      crc.update(array);
      print =
          crc.getValue() << LOW_BITS ^ (Arrays.hashCode(array) & 0xffff_ffffL) ^ array.length | 1;
    }
    return print;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Bytes bytes
            && array.length == bytes.array.length
            && print() == bytes.print();
  }

  @Override
  public int hashCode() {
    return Long.hashCode(print());
  }
}
