package dev.suture.delta;

import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.LZMAInputStream;

/**
 * Reads groups of streams from a delta: a table of their lengths, then each of them, decompressed
 * into memory whole. What the table declares is refused before memory is given for it.
 *
 * <p>Memory: the streams of the longest group so far and one dictionary, both rounded up to a power
 * of two if they are of a part.
 */
final class StreamInput {
  private static final int BUFFER_BYTES = 16 << 10;

  /** First byte behind a stream's length: this, or LZMA's properties and one. */
  private static final int STORED = 0;

  private static final int LZMA_PROPERTIES_MAX = (4 * 5 + 4) * 9 + 8;

  /** Of what a literal is coded by, LZMA2's bound: else its tables had millions of entries. */
  private static final int LITERAL_BITS_MAX = 4;

  private final PayloadInput payload;
  private final byte[] one = new byte[1];
  private final byte[] coded = new byte[BUFFER_BYTES];
  private final Dictionary dictionary = new Dictionary();
  private byte[] content = new byte[0];

  StreamInput(PayloadInput payload) {
    this.payload = payload;
  }

  /** A number of the delta itself, outside all streams. */
  long number() throws RejectedException, DeviceException {
    long value = 0;
    for (int i = 0; i < Varint.BYTES_MAX; i++) {
      byte b = octet();
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw payload.malformed("number: expected its shortest form, got a zero at its end");
        }
        return value;
      }
    }
    throw payload.malformed("number: expected at most " + Varint.BYTES_MAX + " bytes, got more");
  }

  /** A complaint about what was read last. */
  RejectedException malformed(String what) {
    return payload.malformed(what);
  }

  /**
   * Reads a group, in the place of the one before it: that one's streams are gone.
   *
   * @param bytesMax all streams together have at most this length
   * @return the streams, in the order asked for
   */
  StreamCursor[] group(long bytesMax, DeltaStream... streams)
      throws RejectedException, DeviceException {
    int[] lengths = new int[streams.length];
    int[] codecs = new int[streams.length];
    long[] codedLengths = new long[streams.length];
    long left = bytesMax;
    for (int i = 0; i < streams.length; i++) {
      long length = number();
      if (length > left) {
        throw payload.malformed(
            "stream " + streams[i] + ": expected at most " + left + " bytes, got " + length);
      }
      left -= length;
      lengths[i] = (int) length;
      if (length > 0) {
        codecs[i] = octet() & 0xff;
        if (codecs[i] != STORED && !isAllowed(codecs[i] - 1)) {
          throw payload.malformed(
              "stream "
                  + streams[i]
                  + " codec: expected 0, or LZMA properties with lc + lp of at most 4, and one, got "
                  + codecs[i]);
        }
        codedLengths[i] = codecs[i] == STORED ? length : number();
        if (codedLengths[i] > payload.remaining()) {
          throw payload.malformed(
              "stream "
                  + streams[i]
                  + ": expected at most "
                  + payload.remaining()
                  + " compressed bytes, got "
                  + codedLengths[i]);
        }
      }
    }
    content = atLeast(content, (int) (bytesMax - left));
    StreamCursor[] read = new StreamCursor[streams.length];
    int at = 0;
    for (int i = 0; i < streams.length; i++) {
      if (codecs[i] == STORED) {
        payload.readFully(content, at, lengths[i]);
      } else {
        expand(streams[i], at, lengths[i], codecs[i] - 1, codedLengths[i]);
      }
      read[i] = new StreamCursor(streams[i], content, at, lengths[i]);
      at += lengths[i];
    }
    return read;
  }

  /** Gives up the streams of the last group and their memory. */
  void forget() {
    content = new byte[0];
  }

  /** The same bytes, or more if they are too few: as for a part, so that they seldom are. */
  static byte[] atLeast(byte[] bytes, int length) {
    if (length <= bytes.length) {
      return bytes;
    }
    int roundedUp = Integer.highestOneBit(2 * length - 1);
    return new byte[Math.max(length, Math.min(roundedUp, DeltaLimits.PART_STREAM_BYTES_MAX))];
  }

  private static boolean isAllowed(int properties) {
    return properties <= LZMA_PROPERTIES_MAX
        && properties % 9 + properties / 9 % 5 <= LITERAL_BITS_MAX;
  }

  private void expand(DeltaStream stream, int at, int length, int properties, long codedBytes)
      throws RejectedException, DeviceException {
    Coded source = new Coded(codedBytes);
    try (LZMAInputStream lzma =
        new LZMAInputStream(
            source,
            length,
            (byte) properties,
            DeltaLimits.dictionaryBytes(length),
            null,
            dictionary)) {
      int done = 0;
      while (done < length) {
        int got = lzma.read(content, at + done, length - done);
        if (got <= 0) {
          throw payload.malformed(
              "stream " + stream + ": expected " + length + " bytes, got " + done);
        }
        done += got;
      }
      if (lzma.read() >= 0) {
        throw payload.malformed("stream " + stream + ": expected its end, got more");
      }
    } catch (Failure e) {
      throw e.unwrapped();
    } catch (IOException e) {
      throw payload.malformed("stream " + stream + ": damaged (" + e + ")", e);
    }
    if (source.left() > 0) {
      throw payload.malformed(
          "stream "
              + stream
              + ": expected its end, got "
              + source.left()
              + " more compressed bytes");
    }
  }

  private byte octet() throws RejectedException, DeviceException {
    payload.readFully(one, 0, 1);
    return one[0];
  }

  /** Carries what the payload throws through the library. */
  private static final class Failure extends IOException {
    private static final long serialVersionUID = 1;

    Failure(Exception cause) {
      super(cause);
    }

    RejectedException unwrapped() throws DeviceException {
      if (getCause() instanceof DeviceException) {
        throw (DeviceException) getCause();
      }
      return getCause() instanceof RejectedException
          ? (RejectedException) getCause()
          : new RejectedException(FailureCode.DELTA_MALFORMED, "delta: " + getCause());
    }
  }

  /** The next bytes of the payload, for the library, which reads byte by byte. */
  private final class Coded extends InputStream {
    private long unread;
    private int next;
    private int limit;

    Coded(long bytes) {
      unread = bytes;
    }

    /** How many bytes were not taken. */
    long left() {
      return unread + limit - next;
    }

    @Override
    public int read() throws IOException {
      return available(1) == 0 ? -1 : coded[next++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int now = available(length);
      System.arraycopy(coded, next, target, offset, now);
      next += now;
      return now == 0 && length > 0 ? -1 : now;
    }

    /** How many bytes can be taken from the buffer at once: 0 at the end. */
    private int available(int wanted) throws IOException {
      if (next == limit && unread > 0) {
        try {
          limit = payload.readSome(coded, 0, (int) Math.min(coded.length, unread));
        } catch (RejectedException | DeviceException e) {
          throw new Failure(e);
        }
        next = 0;
        unread -= limit;
      }
      return Math.min(wanted, limit - next);
    }
  }
}
