package dev.suture.publisher.delta.account;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.publisher.image.RandomBytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Where the bytes of an image are once its deflate streams are opened, as a delta says. */
final class OpenedImage {
  private static final int PIECE_BYTES = 16 << 10;

  private final DeltaHeader header;
  private final long formatBytes;

  /** Where in the image each stream begins and ends. */
  private final long[] starts;

  private final long[] ends;

  /** Where in the opened image its content begins, and how long that is. */
  private final long[] openedStarts;

  private final long[] contentBytes;
  private final double[] costs;

  private OpenedImage(DeltaHeader header, long formatBytes, int count) {
    this.header = header;
    this.formatBytes = formatBytes;
    starts = new long[count];
    ends = new long[count];
    openedStarts = new long[count];
    contentBytes = new long[count];
    costs = new double[count];
  }

  /**
   * Reads what a delta says behind its header.
   *
   * @param image the image that it rebuilds
   */
  static OpenedImage read(DeltaInput input, DeltaHeader header, RandomBytes image)
      throws IOException, RejectedException {
    if (!header.opensStreams()) {
      return new OpenedImage(header, 0, 0);
    }
    long before = input.done();
    int baseCount = (int) number(input, 0, DeltaLimits.OPENED_MAX);
    int imageCount = (int) number(input, 0, DeltaLimits.OPENED_MAX);
    long openedBytes = number(input, 1, ImageIdentity.BYTES_MAX);
    Numbers[] streams = input.group(2, (2L * baseCount + 3L * imageCount) * Varint.BYTES_MAX);
    long format = input.done() - before - streams[0].codedBytes() - streams[1].codedBytes();
    long baseBytes = header.baseBytes();
    for (int i = 0; i < baseCount; i++) {
      streams[0].number();
      baseBytes += streams[0].number();
    }
    if (baseBytes > ImageIdentity.BYTES_MAX) {
      throw Numbers.malformed("expected an opened base of at most 2^31 bytes, got " + baseBytes);
    }
    OpenedImage opened = new OpenedImage(header.opened(baseBytes, openedBytes), format, imageCount);
    opened.readStreams(streams[1], image);
    if (imageCount > 0) {
      // Those of the base are opened for those of the image.
      double each = streams[0].charge() / imageCount;
      Arrays.setAll(opened.costs, i -> opened.costs[i] + each);
    }
    streams[0].requireEnd();
    streams[1].requireEnd();
    return opened;
  }

  private static long number(DeltaInput input, long min, long max)
      throws IOException, RejectedException {
    long value = input.number();
    if (value < min || value > max) {
      throw Numbers.malformed("expected a number of " + min + " to " + max + ", got " + value);
    }
    return value;
  }

  private void readStreams(Numbers numbers, RandomBytes image)
      throws IOException, RejectedException {
    long closed = 0;
    long opened = 0;
    for (int i = 0; i < starts.length; i++) {
      long gap = numbers.number();
      starts[i] = closed + gap;
      openedStarts[i] = opened + gap;
      contentBytes[i] = numbers.number();
      numbers.number();
      costs[i] = numbers.charge();
      closed = starts[i] + streamBytes(image, starts[i], contentBytes[i]);
      ends[i] = closed;
      opened = openedStarts[i] + contentBytes[i];
    }
  }

  /** Length of the stream that begins at a place of the image and has so much content. */
  private static long streamBytes(RandomBytes image, long start, long contentBytes)
      throws IOException, RejectedException {
    Inflater inflater = new Inflater(true);
    try {
      byte[] piece = new byte[PIECE_BYTES];
      byte[] content = new byte[PIECE_BYTES];
      long next = start;
      while (!inflater.finished() && inflater.getBytesWritten() <= contentBytes) {
        if (inflater.needsInput()) {
          int now = (int) Math.min(piece.length, image.bytes() - next);
          if (now <= 0) {
            break;
          }
          image.read(next, piece, 0, now);
          inflater.setInput(piece, 0, now);
          next += now;
        }
        inflater.inflate(content);
      }
      if (inflater.finished() && inflater.getBytesWritten() == contentBytes) {
        return inflater.getBytesRead();
      }
    } catch (DataFormatException e) {
      throw Numbers.malformed("expected a deflate stream at " + start + " of the image: " + e);
    } finally {
      inflater.end();
    }
    throw Numbers.malformed(
        "expected a deflate stream of " + contentBytes + " bytes at " + start + " of the image");
  }

  /** The delta's header, as if it were one for the opened base and the opened image. */
  DeltaHeader header() {
    return header;
  }

  /** Bytes of the delta in front of the streams that say what is opened. */
  long formatBytes() {
    return formatBytes;
  }

  /** How many streams are opened. */
  int count() {
    return starts.length;
  }

  /** Where in the opened image the content of a stream begins. */
  long openedStart(int stream) {
    return openedStarts[stream];
  }

  /** Bytes of the delta that say that a stream is opened. */
  double cost(int stream) {
    return costs[stream];
  }

  /** Where a position of the image is in the opened one; within a stream, as far as that goes. */
  long moved(long position) {
    int found = Arrays.binarySearch(starts, position);
    int stream = found >= 0 ? found : -found - 2;
    if (stream < 0) {
      return position;
    }
    return position >= ends[stream]
        ? position - ends[stream] + openedStarts[stream] + contentBytes[stream]
        : openedStarts[stream] + Math.min(position - starts[stream], contentBytes[stream]);
  }
}
