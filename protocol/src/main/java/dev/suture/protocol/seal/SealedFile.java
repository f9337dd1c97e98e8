package dev.suture.protocol.seal;

import dev.suture.protocol.FileRef;
import java.nio.charset.StandardCharsets;

/**
 * A sealed file as signed data names it: the file as it lies on the mirror, and how long it is when
 * it is opened. {@code docs/sealed-format.md} says what is in it.
 *
 * @param file the sealed bytes: path, length and digest; the length is {@link #sealedBytes} of
 *     {@code plainBytes}
 * @param plainBytes length of what is inside: 0 to {@link FileRef#BYTES_MAX}
 */
public record SealedFile(FileRef file, long plainBytes) {
  /** Name of the key derivation: HMAC with SHA-256. */
  public static final String KEY_DERIVATION = "HmacSha256";

  /** Length of the derived AES key. */
  public static final int CIPHER_KEY_BYTES = 32;

  /** Length of every segment but the last, tag included; the first holds the header too. */
  public static final int SEGMENT_BYTES = 64 << 10;

  /** The header: its own length in a byte, salt as long as the AES key, nonce prefix. */
  public static final int HEADER_BYTES = 1 + CIPHER_KEY_BYTES + 7;

  /** What every segment is longer than the plain bytes in it. */
  public static final int TAG_BYTES = 16;

  private static final String CONTEXT = "suture sealed file 1";

  /** Checks the lengths against each other. */
  public SealedFile {
    long expected = sealedBytes(plainBytes);
    if (file.bytes() != expected) {
      throw new IllegalArgumentException(
          "sealed file "
              + file.path()
              + ": expected "
              + expected
              + " bytes for "
              + plainBytes
              + " inside, got "
              + file.bytes());
    }
  }

  /** How long a file is when it is sealed. */
  public static long sealedBytes(long plainBytes) {
    if (plainBytes < 0 || plainBytes > FileRef.BYTES_MAX) {
      throw new IllegalArgumentException(
          "plain bytes: expected 0 to " + FileRef.BYTES_MAX + ", got " + plainBytes);
    }
    long content = HEADER_BYTES + plainBytes;
    long inSegment = SEGMENT_BYTES - TAG_BYTES;
    long segments = (content + inSegment - 1) / inSegment;
    return content + segments * TAG_BYTES;
  }

  /** What is authenticated together with every byte, see {@link #associatedData(String, long)}. */
  public byte[] associatedData() {
    return associatedData(file.path(), plainBytes);
  }

  /**
   * What is authenticated together with every byte, though it is not in the file: three lines of
   * ASCII, each with its newline. They are {@code suture sealed file 1}, the path, and the length
   * of what is inside in decimal digits. So a file cannot be opened as another one, nor as one of
   * another length.
   *
   * @param path of the sealed file, as in {@link FileRef}
   */
  public static byte[] associatedData(String path, long plainBytes) {
    return (CONTEXT + "\n" + path + "\n" + plainBytes + "\n").getBytes(StandardCharsets.US_ASCII);
  }
}
