package dev.suture.protocol;

/** Lower-case hexadecimal. */
public final class Hex {
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private Hex() {}

  /** Two digits for each byte. */
  public static String encode(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length * 2);
    for (byte b : bytes) {
      text.append(DIGITS[(b >> 4) & 0xf]).append(DIGITS[b & 0xf]);
    }
    return text.toString();
  }

  /**
   * Reads lower-case hexadecimal.
   *
   * @throws IllegalArgumentException if the text is not exactly {@code 2 * length} lower-case
   *     digits; {@code what} names it
   */
  public static byte[] decode(String what, String text, int length) {
    if (text.length() != 2 * length) {
      throw new IllegalArgumentException(
          what + ": expected " + 2 * length + " hexadecimal digits, got " + text.length());
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (digit(what, text, 2 * i) << 4 | digit(what, text, 2 * i + 1));
    }
    return bytes;
  }

  private static int digit(String what, String text, int index) {
    char c = text.charAt(index);
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    throw new IllegalArgumentException(
        what
            + ": expected lower-case hexadecimal digits, got character "
            + (int) c
            + " at "
            + index);
  }
}
