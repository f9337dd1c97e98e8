package dev.suture.delta;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The file of a payload, read to exactly its signed length. That it cannot be read is the device's
 * failure, not the payload's.
 */
final class PayloadInput {
  private final String name;
  private final InputStream in;
  private final long bytes;
  private long position;

  /**
   * @param name what the payload is, for messages
   * @param in belongs to the caller
   * @param bytes signed length
   */
  PayloadInput(String name, InputStream in, long bytes) {
    this.name = name;
    this.in = in;
    this.bytes = bytes;
  }

  /** How many bytes were read. */
  long position() {
    return position;
  }

  /** How many bytes are left. */
  long remaining() {
    return bytes - position;
  }

  /**
   * Reads what comes at once, at least a byte.
   *
   * @param length more than 0
   * @return how many bytes were read
   * @throws RejectedException if the payload is at its end
   */
  int readSome(byte[] target, int offset, int length) throws RejectedException, DeviceException {
    int wanted = (int) Math.min(length, remaining());
    int got = wanted == 0 ? -1 : read(target, offset, wanted);
    if (got <= 0) {
      throw malformed("length: expected more than " + position + " bytes, got its end");
    }
    position += got;
    return got;
  }

  /** Reads exactly this many bytes. */
  void readFully(byte[] target, int offset, int length) throws RejectedException, DeviceException {
    int done = 0;
    while (done < length) {
      done += readSome(target, offset + done, length - done);
    }
  }

  /** Checks that the signed length was read, and that the file ends there. */
  void requireEnd() throws RejectedException, DeviceException {
    if (remaining() > 0) {
      throw malformed("end: expected it, got " + remaining() + " more bytes");
    }
    if (read(new byte[1], 0, 1) > 0) {
      throw malformed("length: expected " + bytes + " bytes, got more");
    }
  }

  /** A complaint about this payload: {@code what}, then where it was read. */
  RejectedException malformed(String what) {
    return new RejectedException(FailureCode.DELTA_MALFORMED, located(what));
  }

  /** The same, found by a library. */
  RejectedException malformed(String what, Throwable cause) {
    return new RejectedException(FailureCode.DELTA_MALFORMED, located(what), cause);
  }

  private String located(String what) {
    return name + " " + what + ", at byte " + position + " of " + bytes;
  }

  private int read(byte[] target, int offset, int length) throws DeviceException {
    try {
      return in.read(target, offset, length);
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          name + " file: could not be read at byte " + position + " of " + bytes + ": " + e,
          e);
    }
  }
}
