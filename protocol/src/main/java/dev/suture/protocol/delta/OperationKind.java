package dev.suture.protocol.delta;

import java.util.Optional;

/** What an operation makes of its bytes. The numbers are written to files. */
public enum OperationKind {
  /** Bytes of the base, as they are. */
  COPY(0),
  /** Bytes of the base, to each of which a byte of the delta is added modulo 256. */
  ADD(1),
  /** Bytes of the delta. */
  INSERT(2);

  /** How many low bits of an operation's first number are its kind. */
  public static final int BITS = 2;

  private final int number;

  OperationKind(int number) {
    this.number = number;
  }

  /** The number in files; fixed for ever. */
  public int number() {
    return number;
  }

  /** An operation's first number: its length in bytes of the image, and its kind. */
  public long head(long length) {
    return length << BITS | number;
  }

  /** The kind that an operation's first number names, if there is one. */
  public static Optional<OperationKind> ofHead(long head) {
    return switch ((int) (head & ((1 << BITS) - 1))) {
      case 0 -> Optional.of(COPY);
      case 1 -> Optional.of(ADD);
      case 2 -> Optional.of(INSERT);
      default -> Optional.empty();
    };
  }
}
