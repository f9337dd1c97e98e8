package dev.suture.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits. Immutable. */
public final class Sha256 {
  /** Length of a digest in bytes. */
  public static final int BYTES = 32;

  private final byte[] bytes;

  private Sha256(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The digest with these 32 bytes, which are copied. */
  public static Sha256 ofBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "sha256: expected " + BYTES + " bytes, got " + bytes.length);
    }
    return new Sha256(bytes.clone());
  }

  /**
   * The digest with this text.
   *
   * @throws IllegalArgumentException unless it is 64 lower-case hexadecimal digits
   */
  public static Sha256 ofHex(String hex) {
    return new Sha256(Hex.decode("sha256", hex, BYTES));
  }

  /** The digest of these bytes. */
  public static Sha256 of(byte[] content) {
    return new Sha256(newDigest().digest(content));
  }

  /** A fresh SHA-256 computation. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The 32 bytes, a copy. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** 64 lower-case hexadecimal digits. */
  public String hex() {
    return Hex.encode(bytes);
  }

  /** For messages: {@code sha256:} and the first 12 digits. */
  public String brief() {
    return "sha256:" + hex().substring(0, 12);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sha256 that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "sha256:" + hex();
  }
}
