package dev.suture.publisher.delta.account;

import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;

/** A stream of numbers or bytes, and what they cost. */
final class Numbers {
  private final byte[] content;
  private final StreamCosts costs;
  private int next;
  private int charged;

  Numbers(byte[] content, StreamCosts costs) {
    this.content = content;
    this.costs = costs;
  }

  /** How many bytes of the delta it takes, without its entry in the table. */
  long codedBytes() {
    return costs.all();
  }

  boolean atEnd() {
    return next == content.length;
  }

  /** Takes bytes that are no numbers; what they cost. */
  double skip(long bytes) throws RejectedException {
    if (bytes > content.length - next) {
      throw malformed("expected " + bytes + " bytes of a stream, got " + (content.length - next));
    }
    next += (int) bytes;
    return charge();
  }

  /** Refuses what is left over: it would be in no account. */
  void requireEnd() throws RejectedException {
    if (!atEnd()) {
      throw malformed("expected the end of a stream, got " + (content.length - next) + " bytes");
    }
  }

  long number() throws RejectedException {
    long value = 0;
    for (int i = 0; i < Varint.BYTES_MAX && next < content.length; i++) {
      byte b = content[next++];
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("expected a number, got its beginning");
  }

  long signed() throws RejectedException {
    return Varint.unzigzag(number());
  }

  /** Bytes of the delta for what was taken since this was asked last. */
  double charge() {
    double cost = costs.upTo(next) - costs.upTo(charged);
    charged = next;
    return cost;
  }

  static RejectedException malformed(String what) {
    return new RejectedException(FailureCode.DELTA_MALFORMED, "delta: " + what);
  }
}
