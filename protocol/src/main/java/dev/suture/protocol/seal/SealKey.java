package dev.suture.protocol.seal;

import dev.suture.protocol.Hex;
import java.security.MessageDigest;

/** What opens one sealed file. Does not show itself in texts. */
public final class SealKey {
  /** Length of a key. */
  public static final int BYTES = 32;

  private final byte[] bytes;

  private SealKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Copies a key.
   *
   * @param bytes {@link #BYTES} bytes, which stay the caller's
   */
  public static SealKey ofBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "seal key: expected " + BYTES + " bytes, got " + bytes.length);
    }
    return new SealKey(bytes.clone());
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException unless it has 64 lower-case hexadecimal digits; of what it
   *     has, at most one character is said
   */
  public static SealKey ofHex(String hex) {
    return new SealKey(Hex.decode("seal key", hex, BYTES));
  }

  /** The text form: 64 lower-case hexadecimal digits. A secret until it is released. */
  public String toHex() {
    return Hex.encode(bytes);
  }

  /** A copy of the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** In a time that does not depend on the content. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SealKey key && MessageDigest.isEqual(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return SealKey.class.hashCode();
  }

  @Override
  public String toString() {
    return "seal key";
  }
}
