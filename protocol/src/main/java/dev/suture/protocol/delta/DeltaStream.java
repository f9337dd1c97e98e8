package dev.suture.protocol.delta;

/** The streams of a delta, in their order in the file. Each has one kind of numbers or bytes. */
public enum DeltaStream {
  /** For each copy: bytes of the image since the one before it, which are new. */
  NEW_LENGTHS(false),
  /** For each copy: its length in bytes. */
  COPY_LENGTHS(false),
  /** For each copy: where in the base it begins, from the end of the one before it; zigzag. */
  BASE_PLACES(false),
  /** Segments of files that have addresses: seven numbers each. */
  SEGMENTS(false),
  /** Ranges of the base in which addresses are predicted: three numbers each. */
  SPANS(false),
  /** For each surprise: copied bytes since the one before it, which were predicted. */
  SURPRISE_GAPS(true),
  /** For each surprise: its length in bytes. */
  SURPRISE_LENGTHS(true),
  /** For each byte of a surprise: what is added to the predicted one, modulo 256. */
  SURPRISES(true),
  /** New bytes. */
  NEW_BYTES(true);

  private final boolean inParts;

  DeltaStream(boolean inParts) {
    this.inParts = inParts;
  }

  /** Whether each part has a stream of this kind; otherwise it precedes all parts. */
  public boolean inParts() {
    return inParts;
  }
}
