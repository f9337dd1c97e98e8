package dev.suture.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Inputs, for people and for tests. */
public final class Bytes {
  private static final int SHOWN_MAX = 4_096;

  private Bytes() {}

  /** The UTF-8 bytes of a text. */
  public static byte[] of(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** As hexadecimal digits, in whole unless it is very long. */
  static String shown(byte[] bytes) {
    return bytes.length <= SHOWN_MAX
        ? bytes.length + " bytes " + HexFormat.of().formatHex(bytes)
        : bytes.length + " bytes " + HexFormat.of().formatHex(bytes, 0, SHOWN_MAX) + "…";
  }

  /** A copy with {@code length} bytes at {@code at} replaced by a number. */
  public static byte[] with(byte[] bytes, int at, int length, long value, boolean bigEndian) {
    byte[] copy = bytes.clone();
    for (int i = 0; i < length; i++) {
      int shift = 8 * (bigEndian ? length - 1 - i : i);
      copy[at + i] = (byte) (value >>> shift);
    }
    return copy;
  }
}
