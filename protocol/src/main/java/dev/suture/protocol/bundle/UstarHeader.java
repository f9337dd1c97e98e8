package dev.suture.protocol.bundle;

import dev.suture.protocol.FileRef;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The header of one regular file in POSIX.1-1988's ustar. Of all the headers that a name and a
 * length can have, one is ours: everything else in it is fixed, so the header says nothing that
 * anybody could use for something else. {@code docs/bundle-format.md} has the byte table.
 *
 * @param name segments of {@code A-Z a-z 0-9 . + - _ %} that do not begin with a dot, joined by
 *     {@code /}; at most {@link #NAME_CHARS_MAX} characters, and so that ustar can hold it
 * @param length of the file in bytes: 0 to {@link FileRef#BYTES_MAX}
 */
record UstarHeader(String name, long length) {
  /** Length of a header, and of the blocks in which everything is counted. */
  static final int BYTES = 512;

  static final int NAME_CHARS_MAX = 200;

  /** A field: where it is, and for messages what it is. */
  private enum Field {
    NAME(0, 100),
    MODE(100, 8),
    UID(108, 8),
    GID(116, 8),
    SIZE(124, 12),
    MTIME(136, 12),
    CHECKSUM(148, 8),
    TYPE(156, 1),
    LINK(157, 100),
    MAGIC(257, 8),
    OWNER(265, 32),
    GROUP(297, 32),
    DEVICE(329, 16),
    PREFIX(345, 155),
    RESERVED(500, 12);

    private final int at;
    private final int bytes;

    Field(int at, int bytes) {
      this.at = at;
      this.bytes = bytes;
    }

    /** ASCII; the rest of the field stays as it is. */
    void put(byte[] header, String text) {
      for (int i = 0; i < text.length(); i++) {
        header[at + i] = (byte) text.charAt(i);
      }
    }

    /** Up to the first NUL. */
    String text(byte[] header) {
      int end = at;
      while (end < at + bytes && header[end] != 0) {
        end++;
      }
      return new String(header, at, end - at, StandardCharsets.ISO_8859_1);
    }
  }

  /** Everybody may read; only the owner may write. */
  private static final String MODE_TEXT = "0000644";

  private static final String NUMBER_ZERO = "0000000";
  private static final String TIME_ZERO = "00000000000";
  private static final String REGULAR_FILE = "0";
  private static final String MAGIC_AND_VERSION = "ustar\00000";
  private static final int SIZE_DIGITS = 11;
  private static final int CHECKSUM_DIGITS = 6;
  private static final int OCTAL = 8;

  /** Checks name and length. */
  UstarHeader {
    checkName(name);
    checkLength(length);
  }

  static void checkLength(long length) {
    if (length < 0 || length > FileRef.BYTES_MAX) {
      throw new IllegalArgumentException(
          "size: expected 0 to " + FileRef.BYTES_MAX + " bytes, got " + length);
    }
  }

  private static void checkName(String name) {
    if (name.isEmpty() || name.length() > NAME_CHARS_MAX) {
      throw new IllegalArgumentException(
          "name: expected 1 to " + NAME_CHARS_MAX + " characters, got " + name.length());
    }
    char before = '/';
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      boolean segmentBegins = before == '/';
      if (!alphanumeric && (segmentBegins ? "+-_%" : ".+-_%/").indexOf(c) < 0) {
        throw new IllegalArgumentException(
            "name: expected segments of letters, digits and . + - _ % (no dot first), got"
                + " character "
                + (int) c
                + " at "
                + i);
      }
      before = c;
    }
    if (before == '/') {
      throw new IllegalArgumentException("name: expected a file, got / at its end");
    }
    if (slash(name) < 0) {
      throw new IllegalArgumentException(
          "name: expected a / that leaves at most "
              + Field.NAME.bytes
              + " characters behind it, got none in "
              + name);
    }
  }

  /**
   * Where a name is divided: 0 if it is not, otherwise the first slash that leaves few enough
   * characters behind it; -1 if there is none. What is before it always fits.
   */
  private static int slash(String name) {
    if (name.length() <= Field.NAME.bytes) {
      return 0;
    }
    int first = name.indexOf('/', name.length() - Field.NAME.bytes - 1);
    return first <= Field.PREFIX.bytes ? first : -1;
  }

  /** The bytes of the header. */
  byte[] encode() {
    byte[] header = new byte[BYTES];
    int slash = slash(name);
    if (slash > 0) {
      Field.PREFIX.put(header, name.substring(0, slash));
    }
    Field.NAME.put(header, slash > 0 ? name.substring(slash + 1) : name);
    Field.MODE.put(header, MODE_TEXT);
    Field.UID.put(header, NUMBER_ZERO);
    Field.GID.put(header, NUMBER_ZERO);
    Field.SIZE.put(header, octal(length, SIZE_DIGITS));
    Field.MTIME.put(header, TIME_ZERO);
    Field.TYPE.put(header, REGULAR_FILE);
    Field.MAGIC.put(header, MAGIC_AND_VERSION);
    Field.DEVICE.put(header, NUMBER_ZERO + "\0" + NUMBER_ZERO);
    // The sum is taken with spaces in its own place, and ends in NUL and space.
    Field.CHECKSUM.put(header, "        ");
    int sum = 0;
    for (byte one : header) {
      sum += one & 0xff;
    }
    Field.CHECKSUM.put(header, octal(sum, CHECKSUM_DIGITS) + "\0 ");
    return header;
  }

  /**
   * Reads a header.
   *
   * @param header {@link #BYTES} bytes, which stay the caller's
   * @throws IllegalArgumentException if it is not exactly what {@link #encode} gives, with the
   *     field that differs
   */
  static UstarHeader decode(byte[] header) {
    String magic = new String(header, Field.MAGIC.at, Field.MAGIC.bytes, StandardCharsets.US_ASCII);
    if (!magic.equals(MAGIC_AND_VERSION)) {
      throw new IllegalArgumentException("magic: expected ustar version 00, got other bytes");
    }
    String prefix = Field.PREFIX.text(header);
    String rest = Field.NAME.text(header);
    UstarHeader read = new UstarHeader(prefix.isEmpty() ? rest : prefix + "/" + rest, size(header));
    byte[] expected = read.encode();
    // The checksum depends on the others: it is to blame only if they are right.
    for (Field field : Field.values()) {
      if (field != Field.CHECKSUM) {
        requireSame(field, expected, header);
      }
    }
    requireSame(Field.CHECKSUM, expected, header);
    return read;
  }

  private static void requireSame(Field field, byte[] expected, byte[] header) {
    int end = field.at + field.bytes;
    if (!Arrays.equals(
        Arrays.copyOfRange(expected, field.at, end), Arrays.copyOfRange(header, field.at, end))) {
      throw new IllegalArgumentException(
          field.name().toLowerCase(Locale.ROOT)
              + ": expected \""
              + field.text(expected)
              + "\" and zeros, got \""
              + field.text(header)
              + "\" or something behind it");
    }
  }

  private static long size(byte[] header) {
    long size = 0;
    for (int i = 0; i < SIZE_DIGITS; i++) {
      int digit = header[Field.SIZE.at + i] - '0';
      if (digit < 0 || digit >= OCTAL) {
        throw new IllegalArgumentException(
            "size: expected " + SIZE_DIGITS + " octal digits, got another character at " + i);
      }
      size = size * OCTAL + digit;
    }
    return size;
  }

  private static String octal(long value, int digits) {
    String text = Long.toOctalString(value);
    StringBuilder padded = new StringBuilder();
    for (int i = text.length(); i < digits; i++) {
      padded.append('0');
    }
    return padded.append(text).toString();
  }
}
