package dev.suture.delta;

import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;

/** The decompressed operations of a delta: numbers and data, in order. */
final class OperationReader {
  private final ZstdFrame frame;
  private final byte[] buffer = new byte[ZstdFrame.BUFFER_BYTES];
  private int next;
  private int limit;
  private long before;

  OperationReader(ZstdFrame frame) {
    this.frame = frame;
  }

  /** How many bytes were taken. */
  long position() {
    return before + next;
  }

  /** Takes a number. */
  long number() throws RejectedException, DeviceException {
    long value = 0;
    for (int i = 0; i < Varint.BYTES_MAX; i++) {
      byte b = octet();
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw malformed("number: expected its shortest form, got a zero at its end");
        }
        return value;
      }
    }
    throw malformed("number: expected at most " + Varint.BYTES_MAX + " bytes, got more");
  }

  /** Takes exactly this many bytes. */
  void take(byte[] target, int offset, int length) throws RejectedException, DeviceException {
    int done = 0;
    while (done < length) {
      int now = available(length - done);
      System.arraycopy(buffer, next, target, offset + done, now);
      next += now;
      done += now;
    }
  }

  /** Takes exactly this many bytes and adds each, modulo 256, to one in the target. */
  void addTo(byte[] target, int offset, int length) throws RejectedException, DeviceException {
    int done = 0;
    while (done < length) {
      int now = available(length - done);
      add(buffer, next, target, offset + done, now);
      next += now;
      done += now;
    }
  }

  /** Checks that everything was taken, and that the frame ends. */
  void requireEnd() throws RejectedException, DeviceException {
    if (next < limit) {
      throw malformed("operations: expected their end, got more bytes");
    }
    frame.requireEnd();
  }

  private RejectedException malformed(String what) {
    return new RejectedException(
        FailureCode.DELTA_MALFORMED, "delta " + what + ", at operation byte " + position());
  }

  private byte octet() throws RejectedException, DeviceException {
    available(1);
    return buffer[next++];
  }

  /** How many bytes can be taken from the buffer at once: 1 to {@code wanted}. */
  private int available(int wanted) throws RejectedException, DeviceException {
    if (next == limit) {
      before += limit;
      next = 0;
      limit = 0;
      int got = frame.read(buffer, 0, buffer.length);
      if (got < 0) {
        throw malformed("operations: expected more bytes, got their end");
      }
      limit = got;
    }
    return Math.min(wanted, limit - next);
  }

  /** A loop of its own, which the compiler vectorises. */
  private static void add(byte[] from, int fromOffset, byte[] to, int toOffset, int length) {
    for (int i = 0; i < length; i++) {
      to[toOffset + i] += from[fromOffset + i];
    }
  }
}
