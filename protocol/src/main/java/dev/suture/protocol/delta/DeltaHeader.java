package dev.suture.protocol.delta;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a delta says about itself before its first stream: how much there is of everything, and both
 * digests. Nothing of it is believed until it was compared with the signed manifest. {@code
 * docs/patch-format.md} has the byte table.
 *
 * <p>Counts and log together are bounded by {@link DeltaLimits#MAP_BYTES_MAX}.
 *
 * @param opensStreams whether deflate streams are opened, so that the map and what follows are
 *     about a longer base and another image: see the document, section 1.3
 * @param learnedLog the reader remembers two to the power of this of learned targets: 0 for none,
 *     to {@link DeltaLimits#LEARNED_LOG_MAX}
 * @param copies ranges of the image that are taken from the base: 0 to {@link
 *     DeltaLimits#COPIES_MAX}
 * @param segments segments of files that have addresses: 0 to {@link DeltaLimits#SEGMENTS_MAX}
 * @param spans ranges of the base in which addresses are predicted: 0 to {@link
 *     DeltaLimits#SPANS_MAX}
 * @param baseBytes length of the base image: 1 to {@link ImageIdentity#BYTES_MAX}
 * @param baseSha256 digest of the base image
 * @param imageBytes length of the rebuilt image: 1 to {@link ImageIdentity#BYTES_MAX}
 * @param imageSha256 digest of the rebuilt image
 */
public record DeltaHeader(
    boolean opensStreams,
    int learnedLog,
    int copies,
    int segments,
    int spans,
    long baseBytes,
    Sha256 baseSha256,
    long imageBytes,
    Sha256 imageSha256) {
  /** Length of the header. */
  public static final int BYTES = 104;

  /** The version that this code reads and writes. */
  public static final int VERSION = 5;

  private static final byte[] MAGIC = "SUTDELTA".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_AT = 8;
  private static final int LEARNED_LOG_AT = 10;
  private static final int FLAGS_AT = 11;
  private static final int OPENS_STREAMS = 1;
  private static final int COPIES_AT = 12;
  private static final int SEGMENTS_AT = 16;
  private static final int SPANS_AT = 20;
  private static final int BASE_BYTES_AT = 24;
  private static final int IMAGE_BYTES_AT = 32;
  private static final int BASE_SHA256_AT = 40;
  private static final int IMAGE_SHA256_AT = 72;

  /** Checks the ranges. */
  public DeltaHeader {
    check("learned targets' log", LEARNED_LOG_AT, learnedLog, 0, DeltaLimits.LEARNED_LOG_MAX);
    check("copies", COPIES_AT, copies, 0, DeltaLimits.COPIES_MAX);
    check("segments", SEGMENTS_AT, segments, 0, DeltaLimits.SEGMENTS_MAX);
    check("spans", SPANS_AT, spans, 0, DeltaLimits.SPANS_MAX);
    long mapBytes = DeltaLimits.mapBytes(learnedLog, copies, segments, spans);
    check("memory for all of these", LEARNED_LOG_AT, mapBytes, 0, DeltaLimits.MAP_BYTES_MAX);
    check("base bytes", BASE_BYTES_AT, baseBytes, 1, ImageIdentity.BYTES_MAX);
    check("image bytes", IMAGE_BYTES_AT, imageBytes, 1, ImageIdentity.BYTES_MAX);
  }

  /** The {@link #BYTES} bytes of the header. */
  public byte[] encode() {
    byte[] bytes = new byte[BYTES];
    System.arraycopy(MAGIC, 0, bytes, 0, MAGIC.length);
    put(bytes, VERSION_AT, 2, VERSION);
    put(bytes, LEARNED_LOG_AT, 1, learnedLog);
    put(bytes, FLAGS_AT, 1, opensStreams ? OPENS_STREAMS : 0);
    put(bytes, COPIES_AT, 4, copies);
    put(bytes, SEGMENTS_AT, 4, segments);
    put(bytes, SPANS_AT, 4, spans);
    put(bytes, BASE_BYTES_AT, 8, baseBytes);
    put(bytes, IMAGE_BYTES_AT, 8, imageBytes);
    System.arraycopy(baseSha256.toBytes(), 0, bytes, BASE_SHA256_AT, Sha256.BYTES);
    System.arraycopy(imageSha256.toBytes(), 0, bytes, IMAGE_SHA256_AT, Sha256.BYTES);
    return bytes;
  }

  /**
   * Reads a header.
   *
   * @param bytes {@link #BYTES} bytes, which stay the caller's
   * @throws RejectedException {@code DELTA_MALFORMED} for another format, another version, or a
   *     value out of its range
   */
  public static DeltaHeader decode(byte[] bytes) throws RejectedException {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "delta header: expected " + BYTES + " bytes, got " + bytes.length);
    }
    if (!Arrays.equals(Arrays.copyOf(bytes, MAGIC.length), MAGIC)) {
      throw new RejectedException(
          FailureCode.DELTA_MALFORMED,
          "delta magic: expected SUTDELTA, got other bytes, at byte 0");
    }
    try {
      check("version", VERSION_AT, get(bytes, VERSION_AT, 2), VERSION, VERSION);
      long flags = get(bytes, FLAGS_AT, 1);
      check("flags", FLAGS_AT, flags, 0, OPENS_STREAMS);
      return new DeltaHeader(
          flags == OPENS_STREAMS,
          (int) get(bytes, LEARNED_LOG_AT, 1),
          count(bytes, COPIES_AT),
          count(bytes, SEGMENTS_AT),
          count(bytes, SPANS_AT),
          get(bytes, BASE_BYTES_AT, 8),
          digest(bytes, BASE_SHA256_AT),
          get(bytes, IMAGE_BYTES_AT, 8),
          digest(bytes, IMAGE_SHA256_AT));
    } catch (IllegalArgumentException e) {
      throw new RejectedException(FailureCode.DELTA_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Compares with what is signed, and with the base that is there.
   *
   * @throws RejectedException {@code DELTA_MALFORMED} if the delta is for another base or makes
   *     another image
   */
  public void requireFor(long expectedBaseBytes, Sha256 expectedBaseSha256, ImageIdentity image)
      throws RejectedException {
    require("base bytes", BASE_BYTES_AT, expectedBaseBytes, baseBytes);
    require("base digest", BASE_SHA256_AT, expectedBaseSha256, baseSha256);
    require("image bytes", IMAGE_BYTES_AT, image.bytes(), imageBytes);
    require("image digest", IMAGE_SHA256_AT, image.sha256(), imageSha256);
  }

  /**
   * What the map and the parts of this delta are about once its streams are opened.
   *
   * @param openedBaseBytes length of the base with the content of its opened streams behind it
   * @param openedImageBytes length of the image with content in the place of its opened streams
   */
  public DeltaHeader opened(long openedBaseBytes, long openedImageBytes) {
    return new DeltaHeader(
        opensStreams,
        learnedLog,
        copies,
        segments,
        spans,
        openedBaseBytes,
        baseSha256,
        openedImageBytes,
        imageSha256);
  }

  private static void require(String what, int at, Object expected, Object got)
      throws RejectedException {
    if (!expected.equals(got)) {
      throw new RejectedException(
          FailureCode.DELTA_MALFORMED,
          "delta " + what + ": expected " + expected + ", got " + got + ", at byte " + at);
    }
  }

  private static void check(String what, int at, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "delta "
              + what
              + ": expected "
              + (min == max ? Long.toString(min) : min + " to " + max)
              + ", got "
              + Long.toUnsignedString(value)
              + ", at byte "
              + at);
    }
  }

  /** Four bytes; what an int cannot hold is out of any range. */
  private static int count(byte[] bytes, int at) {
    return (int) Math.min(Integer.MAX_VALUE, get(bytes, at, 4));
  }

  private static Sha256 digest(byte[] bytes, int at) {
    return Sha256.ofBytes(Arrays.copyOfRange(bytes, at, at + Sha256.BYTES));
  }

  private static void put(byte[] bytes, int at, int length, long value) {
    for (int i = 0; i < length; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
  }

  private static long get(byte[] bytes, int at, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }
}
