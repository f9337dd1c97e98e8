package dev.suture.publisher.delta;

import dev.suture.protocol.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A deflate stream (RFC 1951) in an image: of a member of a zip file (so of a jar, and of an
 * Android package), or of a gzip file (RFC 1952).
 *
 * @param start where in the image it begins, behind the header of the member or file
 * @param bytes its length
 * @param contentBytes length of what it holds
 * @param sha256 of the stream's bytes
 */
record DeflateStream(long start, int bytes, int contentBytes, Sha256 sha256) {
  /** A shorter stream is not worth a mention. */
  private static final int BYTES_MIN = 48;

  private static final int ZIP = 0x04034b50;
  private static final int ZIP_HEADER_BYTES = 30;
  private static final int ZIP_METHOD_AT = 8;
  private static final int ZIP_NAME_BYTES_AT = 26;
  private static final int ZIP_EXTRA_BYTES_AT = 28;
  private static final int DEFLATED = 8;

  private static final int GZIP = 0x088b1f;
  private static final int GZIP_HEADER_BYTES = 10;
  private static final int GZIP_FLAGS_AT = 3;
  private static final int GZIP_HEADER_CRC = 2;
  private static final int GZIP_EXTRA = 4;
  private static final int GZIP_NAME = 8;
  private static final int GZIP_COMMENT = 16;
  private static final int GZIP_FLAGS = 0x1f;

  private static final int PIECE_BYTES = 64 << 10;

  /** The levels that zlib makes streams with, those that are used most first. */
  private static final int[] LEVELS = {6, 9, 1, 5, 8, 7, 4, 3, 2};

  /** Where in the image it ends. */
  long end() {
    return start + bytes;
  }

  /**
   * Finds the streams of an image, in its order; none lies in another. Headers are looked for
   * everywhere: a file lies in one piece in an image, and needs no list of files to be found.
   */
  static List<DeflateStream> find(MappedImage image) {
    List<DeflateStream> found = new ArrayList<>();
    Inflater inflater = new Inflater(true);
    try {
      for (long at = 0; at + Long.BYTES <= image.bytes(); at++) {
        byte first = image.at(at);
        if (first != 'P' && first != 0x1f) {
          continue;
        }
        Cancelled.check("looking for deflate streams");
        int magic = (int) image.word(at);
        long start = -1;
        if (magic == ZIP) {
          start = behindZipHeader(image, at);
        } else if ((magic & 0xffffff) == GZIP) {
          start = behindGzipHeader(image, at);
        }
        DeflateStream stream = start < 0 ? null : at(image, start, inflater);
        if (stream != null) {
          found.add(stream);
          at = stream.end() - 1;
        }
      }
    } finally {
      inflater.end();
    }
    return found;
  }

  private static long behindZipHeader(MappedImage image, long at) {
    if (at + ZIP_HEADER_BYTES > image.bytes() || number(image, at + ZIP_METHOD_AT) != DEFLATED) {
      return -1;
    }
    return at
        + ZIP_HEADER_BYTES
        + number(image, at + ZIP_NAME_BYTES_AT)
        + number(image, at + ZIP_EXTRA_BYTES_AT);
  }

  private static long behindGzipHeader(MappedImage image, long at) {
    if (at + GZIP_HEADER_BYTES > image.bytes()) {
      return -1;
    }
    int flags = image.at(at + GZIP_FLAGS_AT);
    if ((flags & ~GZIP_FLAGS) != 0) {
      return -1;
    }
    long end = at + GZIP_HEADER_BYTES;
    if ((flags & GZIP_EXTRA) != 0) {
      if (end + Short.BYTES > image.bytes()) {
        return -1;
      }
      end += Short.BYTES + number(image, end);
    }
    for (int text = flags & (GZIP_NAME | GZIP_COMMENT); text != 0; text &= text - 1) {
      while (end < image.bytes() && image.at(end) != 0) {
        end++;
      }
      end++;
    }
    return end + ((flags & GZIP_HEADER_CRC) != 0 ? Short.BYTES : 0);
  }

  private static int number(MappedImage image, long at) {
    return image.at(at) & 0xff | (image.at(at + 1) & 0xff) << Byte.SIZE;
  }

  private static @Nullable DeflateStream at(MappedImage image, long start, Inflater inflater) {
    try {
      inflater.reset();
      long contentBytes = inflate(image, start, inflater, (piece, length) -> true);
      long bytes = inflater.getBytesRead();
      boolean isOne =
          inflater.finished()
              && bytes >= BYTES_MIN
              && bytes <= Integer.MAX_VALUE
              && contentBytes > 0
              && contentBytes <= Integer.MAX_VALUE;
      return isOne
          ? new DeflateStream(start, (int) bytes, (int) contentBytes, image.sha256(start, bytes))
          : null;
    } catch (DataFormatException e) {
      return null; // What looked like a header is none.
    }
  }

  /** Takes content piece by piece. */
  @FunctionalInterface
  private interface Pieces {
    /** Whether more is wanted. */
    boolean take(byte[] piece, int length);
  }

  /** Inflates up to the stream's end, or that of the image; how many bytes of content came. */
  private static long inflate(MappedImage image, long start, Inflater inflater, Pieces pieces)
      throws DataFormatException {
    byte[] coded = new byte[PIECE_BYTES];
    byte[] content = new byte[PIECE_BYTES];
    long next = start;
    while (!inflater.finished() && !inflater.needsDictionary()) {
      if (inflater.needsInput()) {
        int now = (int) Math.min(coded.length, image.bytes() - next);
        if (now <= 0) {
          break;
        }
        image.read(next, coded, 0, now);
        inflater.setInput(coded, 0, now);
        next += now;
      }
      Cancelled.check("opening deflate streams");
      int got = inflater.inflate(content);
      if (got > 0 && !pieces.take(content, got)) {
        break;
      }
    }
    return inflater.getBytesWritten();
  }

  /** Writes what it holds. */
  void writeContent(MappedImage image, OutputStream out) throws IOException {
    Inflater inflater = new Inflater(true);
    try {
      long got =
          inflate(
              image,
              start,
              inflater,
              (piece, length) -> {
                try {
                  out.write(piece, 0, length);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                return true;
              });
      if (got != contentBytes) {
        throw new DataFormatException("expected " + contentBytes + " bytes, got " + got);
      }
    } catch (DataFormatException e) {
      throw new IOException("deflate stream at " + start + ": the image changed", e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      inflater.end();
    }
  }

  /** The level at which zlib makes exactly this stream of its content, if there is one. */
  OptionalInt level(MappedImage image) {
    for (int level : LEVELS) {
      if (isMadeAt(level, image)) {
        return OptionalInt.of(level);
      }
    }
    return OptionalInt.empty();
  }

  private boolean isMadeAt(int level, MappedImage image) {
    Inflater inflater = new Inflater(true);
    Deflater deflater = new Deflater(level, true);
    try {
      Comparison comparison = new Comparison(image, deflater);
      inflate(image, start, inflater, comparison);
      return comparison.isEqualToTheEnd();
    } catch (DataFormatException e) {
      throw new IllegalStateException("deflate stream at " + start + ": the image changed", e);
    } finally {
      inflater.end();
      deflater.end();
    }
  }

  /** Deflates content again, and compares with the stream. */
  private final class Comparison implements Pieces {
    private final MappedImage image;
    private final Deflater deflater;
    private final byte[] made = new byte[PIECE_BYTES];
    private final byte[] wanted = new byte[PIECE_BYTES];
    private long done;
    private boolean differs;

    Comparison(MappedImage image, Deflater deflater) {
      this.image = image;
      this.deflater = deflater;
    }

    @Override
    public boolean take(byte[] piece, int length) {
      deflater.setInput(piece, 0, length);
      while (!deflater.needsInput()) {
        if (!isNextEqual()) {
          return false;
        }
      }
      return true;
    }

    boolean isEqualToTheEnd() {
      if (differs || deflater.getBytesRead() != contentBytes) {
        return false;
      }
      deflater.finish();
      while (!deflater.finished()) {
        if (!isNextEqual()) {
          return false;
        }
      }
      return done == bytes;
    }

    private boolean isNextEqual() {
      int got = deflater.deflate(made);
      differs = got > bytes - done;
      if (!differs) {
        image.read(start + done, wanted, 0, got);
        done += got;
        differs = !Arrays.equals(made, 0, got, wanted, 0, got);
      }
      return !differs;
    }
  }
}
