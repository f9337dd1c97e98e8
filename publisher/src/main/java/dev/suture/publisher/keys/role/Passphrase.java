package dev.suture.publisher.keys.role;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A passphrase or PIN, as long as it is needed. */
public final class Passphrase implements AutoCloseable {
  /** Longest one, in bytes of UTF-8. */
  public static final int BYTES_MAX = 1_024;

  private final byte[] utf8;

  private Passphrase(byte[] utf8) {
    this.utf8 = utf8;
  }

  /**
   * From text; one newline at its end does not belong to it.
   *
   * @param utf8 copied
   * @throws IllegalArgumentException if it is empty or too long; the message does not quote it
   */
  public static Passphrase of(byte[] utf8) {
    return of(utf8, utf8.length);
  }

  private static Passphrase of(byte[] utf8, int length) {
    int end = length;
    if (end > 0 && utf8[end - 1] == '\n') {
      end--;
    }
    if (end > 0 && utf8[end - 1] == '\r') {
      end--;
    }
    if (end == 0 || end > BYTES_MAX) {
      throw new IllegalArgumentException("expected 1 to " + BYTES_MAX + " bytes, got " + end);
    }
    return new Passphrase(Arrays.copyOf(utf8, end));
  }

  /** From what a terminal gives. */
  public static Passphrase of(char[] characters) {
    byte[] utf8 = new byte[3 * characters.length + 1];
    ByteBuffer encoded = ByteBuffer.wrap(utf8);
    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(characters), encoded, true);
    try {
      return of(utf8, encoded.position());
    } finally {
      Arrays.fill(utf8, (byte) 0);
    }
  }

  /** Not a copy. */
  byte[] utf8() {
    return utf8;
  }

  /** A copy; who gets it wipes it. */
  char[] characters() {
    CharBuffer decoded = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(utf8));
    char[] characters = new char[decoded.remaining()];
    decoded.get(characters);
    Arrays.fill(decoded.array(), '\0');
    return characters;
  }

  /** Wipes it. */
  @Override
  public void close() {
    Arrays.fill(utf8, (byte) 0);
  }

  /** Nothing about it. */
  @Override
  public String toString() {
    return "a passphrase";
  }
}
