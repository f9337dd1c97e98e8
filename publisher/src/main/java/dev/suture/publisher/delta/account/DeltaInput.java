package dev.suture.publisher.delta.account;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.RejectedException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a delta, which a device's code has accepted before, and counts its bytes. */
final class DeltaInput {
  private static final int STORED = 0;

  private final DataInputStream in;
  private long done;

  DeltaInput(InputStream in) {
    this.in = new DataInputStream(in);
  }

  /** How many bytes were read. */
  long done() {
    return done;
  }

  DeltaHeader header() throws IOException, RejectedException {
    return DeltaHeader.decode(fully(DeltaHeader.BYTES));
  }

  /** A number outside all streams. */
  long number() throws IOException, RejectedException {
    byte[] bytes = new byte[Varint.BYTES_MAX];
    int length = 0;
    do {
      bytes[length++] = fully(1)[0];
    } while (bytes[length - 1] < 0 && length < bytes.length);
    return new Numbers(bytes, StreamCosts.stored(bytes.length)).number();
  }

  /**
   * Reads a group of streams.
   *
   * @param bytesMax all together have at most this length
   */
  Numbers[] group(int streams, long bytesMax) throws IOException, RejectedException {
    int[] lengths = new int[streams];
    int[] codecs = new int[streams];
    int[] coded = new int[streams];
    long left = bytesMax;
    for (int i = 0; i < streams; i++) {
      lengths[i] = atMost(left);
      left -= lengths[i];
      if (lengths[i] > 0) {
        codecs[i] = fully(1)[0] & 0xff;
        coded[i] = codecs[i] == STORED ? lengths[i] : atMost(bytesMax);
      }
    }
    Numbers[] read = new Numbers[streams];
    for (int i = 0; i < streams; i++) {
      byte[] bytes = fully(coded[i]);
      if (codecs[i] == STORED) {
        read[i] = new Numbers(bytes, StreamCosts.stored(lengths[i]));
      } else {
        byte[] content = new byte[lengths[i]];
        read[i] = new Numbers(content, StreamCosts.expanding(bytes, codecs[i] - 1, content));
      }
    }
    return read;
  }

  /** Refuses what follows the last part. */
  void requireEnd() throws IOException, RejectedException {
    if (in.read() >= 0) {
      throw Numbers.malformed("expected its end, got more, at byte " + done);
    }
  }

  private int atMost(long max) throws IOException, RejectedException {
    long length = number();
    if (length > max) {
      throw Numbers.malformed("expected a stream of at most " + max + " bytes, got " + length);
    }
    return (int) length;
  }

  private byte[] fully(int length) throws IOException, RejectedException {
    byte[] bytes = new byte[length];
    try {
      in.readFully(bytes);
    } catch (EOFException e) {
      throw Numbers.malformed("expected " + length + " bytes at " + done + ", got the end");
    }
    done += length;
    return bytes;
  }
}
