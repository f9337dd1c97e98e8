package dev.suture.delta;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Deflate streams (RFC 1951) that a delta looks into, as there are in jars and in files of gzip: a
 * byte that changed in what such a stream holds changes everything behind it in the stream, but
 * little in its content. The <em>opened base</em> is the base, and behind it the content of its
 * opened streams; the <em>opened image</em> has content in the place of its opened streams.
 *
 * <p>Memory: {@link DeltaLimits#OPENED_BYTES} for each stream.
 */
final class OpenedStreams {
  private final long baseBytes;
  private final long imageBytes;
  private final int[] baseStarts;

  /** Where in the opened base the content of each begins, from the end of the base; one more. */
  private final int[] baseContents;

  private final int[] imageStarts;
  private final int[] imageLengths;
  private final byte[] imageLevels;

  private OpenedStreams(long baseBytes, long imageBytes, int baseCount, int imageCount) {
    this.baseBytes = baseBytes;
    this.imageBytes = imageBytes;
    baseStarts = new int[baseCount];
    baseContents = new int[baseCount + 1];
    imageStarts = new int[imageCount];
    imageLengths = new int[imageCount];
    imageLevels = new byte[imageCount];
  }

  /**
   * Reads what is opened, and checks that it lies within base and opened image.
   *
   * @param header as it is in the file
   * @throws RejectedException {@code DELTA_MALFORMED}
   */
  static OpenedStreams read(StreamInput input, DeltaHeader header)
      throws RejectedException, DeviceException {
    int baseCount = (int) number(input, "opened streams of the base", 0, DeltaLimits.OPENED_MAX);
    int imageCount = (int) number(input, "opened streams of the image", 0, DeltaLimits.OPENED_MAX);
    long imageBytes = number(input, "bytes of the opened image", 1, ImageIdentity.BYTES_MAX);
    StreamCursor[] streams =
        input.group(
            (2L * baseCount + 3L * imageCount) * Varint.BYTES_MAX,
            DeltaStream.OPENED_BASE,
            DeltaStream.OPENED_IMAGE);
    streams[0].requireNumbers(2L * baseCount);
    streams[1].requireNumbers(3L * imageCount);
    OpenedStreams opened = new OpenedStreams(header.baseBytes(), imageBytes, baseCount, imageCount);
    opened.readBase(streams[0]);
    opened.readImage(streams[1]);
    return opened;
  }

  private static long number(StreamInput input, String what, long min, long max)
      throws RejectedException, DeviceException {
    long value = input.number();
    if (value < min || value > max) {
      throw input.malformed(what + ": expected " + min + " to " + max + ", got " + value);
    }
    return value;
  }

  private void readBase(StreamCursor numbers) throws RejectedException {
    long start = 0;
    long content = 0;
    for (int i = 0; i < baseStarts.length; i++) {
      start += numbers.number();
      if (start >= baseBytes) {
        throw numbers.malformed("expected a place below " + baseBytes + ", got " + start);
      }
      baseStarts[i] = (int) start;
      long length = numbers.number();
      long max =
          Math.min(
              DeltaLimits.OPENED_CONTENT_BYTES_MAX, ImageIdentity.BYTES_MAX - baseBytes - content);
      requireLength(numbers, length, max);
      content += length;
      baseContents[i + 1] = (int) content;
    }
    numbers.requireEnd();
  }

  private void readImage(StreamCursor numbers) throws RejectedException {
    long start = 0;
    for (int i = 0; i < imageStarts.length; i++) {
      start += numbers.number();
      long length = numbers.number();
      requireLength(numbers, length, Math.min(Integer.MAX_VALUE, imageBytes - start));
      long level = numbers.number();
      if (level < Deflater.BEST_SPEED || level > Deflater.BEST_COMPRESSION) {
        throw numbers.malformed("expected a level of 1 to 9, got " + level);
      }
      imageStarts[i] = (int) start;
      imageLengths[i] = (int) length;
      imageLevels[i] = (byte) level;
      start += length;
    }
    numbers.requireEnd();
  }

  private static void requireLength(StreamCursor numbers, long length, long max)
      throws RejectedException {
    if (length < 1 || length > max) {
      throw numbers.malformed("expected content of 1 to " + max + " bytes, got " + length);
    }
  }

  /** The delta's header as if it were one for the opened base and the opened image. */
  DeltaHeader header(DeltaHeader closed) {
    return closed.opened(baseBytes + contentBytes(), imageBytes);
  }

  /** Content of all opened streams of the base together, in bytes. */
  long contentBytes() {
    return baseContents[baseStarts.length];
  }

  /** The stream of the base that has a byte of the content. */
  int ofContent(long position) {
    int found = Arrays.binarySearch(baseContents, (int) position);
    return found >= 0 ? found : -found - 2;
  }

  /** Where in the base a stream begins. */
  long baseStart(int stream) {
    return baseStarts[stream];
  }

  /** Where the content of a stream of the base begins, from the end of the base. */
  int contentStart(int stream) {
    return baseContents[stream];
  }

  /** Length of the content of a stream of the base. */
  int contentLength(int stream) {
    return baseContents[stream + 1] - baseContents[stream];
  }

  /** How many streams of the image are opened. */
  int imageCount() {
    return imageStarts.length;
  }

  /** Where in the opened image the content of a stream begins. */
  long imageStart(int stream) {
    return imageStarts[stream];
  }

  /** Length of the content of a stream of the image. */
  int imageLength(int stream) {
    return imageLengths[stream];
  }

  /** The level that zlib makes a stream of the image with: 1 to 9. */
  int imageLevel(int stream) {
    return imageLevels[stream];
  }
}
