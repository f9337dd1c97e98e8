package dev.suture.delta;

import dev.suture.protocol.delta.DeltaStream;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;

/** A decompressed stream, taken from its beginning to its end. */
final class StreamCursor {
  private final DeltaStream stream;
  private final byte[] content;
  private final int start;
  private final int end;
  private int next;

  /** Takes a stream that is part of {@code content}, which stays its owner's. */
  StreamCursor(DeltaStream stream, byte[] content, int start, int length) {
    this.stream = stream;
    this.content = content;
    this.start = start;
    end = start + length;
    next = start;
  }

  /** Whether everything was taken. */
  boolean atEnd() {
    return next == end;
  }

  /** Takes a number. */
  long number() throws RejectedException {
    long value = 0;
    for (int i = 0; i < Varint.BYTES_MAX; i++) {
      if (atEnd()) {
        throw malformed("expected a number, got the end");
      }
      byte b = content[next++];
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw malformed("expected the shortest form of a number, got a zero at its end");
        }
        return value;
      }
    }
    throw malformed("expected a number of at most " + Varint.BYTES_MAX + " bytes, got more");
  }

  /** Takes a number that may be negative. */
  long signed() throws RejectedException {
    return Varint.unzigzag(number());
  }

  /** Takes exactly this many bytes. */
  void take(byte[] target, int offset, int length) throws RejectedException {
    require(length);
    System.arraycopy(content, next, target, offset, length);
    next += length;
  }

  /** Takes exactly this many bytes and adds each, modulo 256, to one in the target. */
  void addTo(byte[] target, int offset, int length) throws RejectedException {
    require(length);
    for (int i = 0; i < length; i++) {
      target[offset + i] += content[next + i];
    }
    next += length;
  }

  /** Checks that this many numbers can be taken, before memory is given for them. */
  void requireNumbers(long count) throws RejectedException {
    if (count > end - next) {
      throw malformed("expected " + count + " numbers, got " + (end - next) + " bytes");
    }
  }

  /** Checks that everything was taken. */
  void requireEnd() throws RejectedException {
    if (!atEnd()) {
      throw malformed("expected its end, got " + (end - next) + " more bytes");
    }
  }

  /** A complaint about this stream. */
  RejectedException malformed(String what) {
    return new RejectedException(
        FailureCode.DELTA_MALFORMED,
        "delta stream "
            + stream
            + ": "
            + what
            + ", at its byte "
            + (next - start)
            + " of "
            + (end - start));
  }

  private void require(int length) throws RejectedException {
    if (length > end - next) {
      throw malformed("expected " + length + " more bytes, got " + (end - next));
    }
  }
}
