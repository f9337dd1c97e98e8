package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Makes an image of an opened one: deflates the content of its opened streams again, to the bytes
 * that zlib makes of it. A deflate library that makes others is found before a byte is written; in
 * any case the image's digest decides.
 *
 * <p>Memory: one of zlib's compressors (less than 300 KiB) and a buffer.
 */
public final class ClosingSink implements ImageSink, AutoCloseable {
  private static final int PIECE_BYTES = 16 << 10;
  private static final int SAMPLE_BYTES = 96 << 10;

  /** CRC-32 of what zlib makes of {@link #sample} at level 1 to 9. */
  private static final int[] ZLIB = {
    0xdd624c30,
    0xc3c93ba2,
    0xe4f72a6c,
    0xf2e782f0,
    0x48e74601,
    0x77599b2b,
    0x4defe722,
    0x6db9f567,
    0x6db9f567
  };

  private final OpenedStreams streams;
  private final ImageSink out;
  private final byte[] piece = new byte[PIECE_BYTES];
  private final long imageBytes;
  private @Nullable Deflater deflater;
  private int level;
  private int stream;
  private long done;
  private long made;

  /**
   * Begins an image.
   *
   * @param imageBytes length of the image
   * @param out gets the image, and never more
   * @throws RejectedException {@code DELTA_MALFORMED} if this machine deflates otherwise than zlib
   *     at a level that is needed
   */
  ClosingSink(OpenedStreams streams, long imageBytes, ImageSink out) throws RejectedException {
    this.streams = streams;
    this.imageBytes = imageBytes;
    this.out = out;
    boolean[] isKnown = new boolean[ZLIB.length];
    for (int i = 0; i < streams.imageCount(); i++) {
      int needed = streams.imageLevel(i);
      if (!isKnown[needed - 1]) {
        requireZlib(needed);
        isKnown[needed - 1] = true;
      }
    }
  }

  @Override
  public void write(byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    int at = 0;
    while (at < length) {
      boolean isLast = stream == streams.imageCount();
      long start = isLast ? Long.MAX_VALUE : streams.imageStart(stream);
      if (done < start) {
        int now = (int) Math.min(length - at, start - done);
        pass(source, offset + at, now);
        done += now;
        at += now;
      } else {
        long end = start + streams.imageLength(stream);
        int now = (int) Math.min(length - at, end - done);
        if (done == start) {
          begin(streams.imageLevel(stream));
        }
        deflate(Objects.requireNonNull(deflater), source, offset + at, now, done + now == end);
        done += now;
        at += now;
        stream += done == end ? 1 : 0;
      }
    }
  }

  private void deflate(Deflater to, byte[] source, int offset, int length, boolean isLast)
      throws DeviceException, RetryableException {
    to.setInput(source, offset, length);
    if (isLast) {
      to.finish();
    }
    while (isLast ? !to.finished() : !to.needsInput()) {
      pass(piece, 0, to.deflate(piece, 0, piece.length));
    }
  }

  /** What is more than the image is counted, and goes nowhere. */
  private void pass(byte[] source, int offset, int length)
      throws DeviceException, RetryableException {
    int now = (int) Math.max(0, Math.min(length, imageBytes - made));
    if (now > 0) {
      out.write(source, offset, now);
    }
    made += length;
  }

  /**
   * Checks that the image's length came.
   *
   * @throws RejectedException {@code DELTA_MALFORMED}
   */
  void requireEnd() throws RejectedException {
    if (made != imageBytes) {
      throw new RejectedException(
          FailureCode.DELTA_MALFORMED,
          "delta: expected an image of " + imageBytes + " bytes of its opened one, got " + made);
    }
  }

  private void begin(int wanted) {
    if (deflater != null && wanted == level) {
      deflater.reset();
    } else {
      close();
      deflater = new Deflater(wanted, true);
      level = wanted;
    }
  }

  /** Whether this machine makes of content what zlib does: so that streams can be opened here. */
  public static boolean deflatesLikeZlib(int level) {
    return checksum(level) == ZLIB[level - 1];
  }

  private static void requireZlib(int level) throws RejectedException {
    if (!deflatesLikeZlib(level)) {
      throw new RejectedException(
          FailureCode.DELTA_MALFORMED,
          String.format(
              Locale.ROOT,
              "deflate at level %d: expected what zlib makes (CRC-32 %08x), got %08x: this"
                  + " machine's library cannot rebuild the image's deflate streams",
              level,
              ZLIB[level - 1],
              checksum(level)));
    }
  }

  private static int checksum(int level) {
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(sample());
      deflater.finish();
      byte[] coded = new byte[2 * SAMPLE_BYTES];
      CRC32 crc = new CRC32();
      while (!deflater.finished()) {
        crc.update(coded, 0, deflater.deflate(coded));
      }
      return (int) crc.getValue();
    } finally {
      deflater.end();
    }
  }

  /** Words that come again, near and far, as in text, with noise between them. */
  private static byte[] sample() {
    byte[] sample = new byte[SAMPLE_BYTES];
    int state = 1;
    for (int at = 0; at < sample.length; ) {
      state = state * 1103515245 + 12345;
      int from = (state >>> 8) % (at + 1);
      int length = Math.min(sample.length - at, 1 + (state >>> 4) % 24);
      boolean isAgain = (state >>> 28) > 2 && from + length <= at;
      for (int i = 0; i < length; i++) {
        sample[at + i] = isAgain ? sample[from + i] : (byte) ('a' + (state >>> (i + 1)) % 26);
      }
      at += length;
    }
    return sample;
  }

  /** Gives up the compressor's memory. */
  @Override
  public void close() {
    if (deflater != null) {
      deflater.end();
    }
  }
}
