package dev.suture.protocol.delta;

/** The streams of a delta, in their order in the file. Each has one kind of numbers or bytes. */
public enum DeltaStream {
  /** For each opened deflate stream of the base: where it begins, and the length of its content. */
  OPENED_BASE(Group.OPENED),
  /** For each opened deflate stream of the image: three numbers. */
  OPENED_IMAGE(Group.OPENED),
  /** For each copy: bytes of the image since the one before it, which are new. */
  NEW_LENGTHS(Group.MAP),
  /** For each copy: its length in bytes. */
  COPY_LENGTHS(Group.MAP),
  /** For each copy: where in the base it begins, from the end of the one before it; zigzag. */
  BASE_PLACES(Group.MAP),
  /** Segments of files that have addresses: seven numbers each. */
  SEGMENTS(Group.MAP),
  /** Ranges of the base in which addresses are predicted: three numbers each. */
  SPANS(Group.MAP),
  /** For each surprise: copied bytes since the one before it, which were predicted. */
  SURPRISE_GAPS(Group.PART),
  /** For each surprise: its length in bytes. */
  SURPRISE_LENGTHS(Group.PART),
  /** For each byte of a surprise: what is added to the predicted one, modulo 256. */
  SURPRISES(Group.PART),
  /** New bytes. */
  NEW_BYTES(Group.PART);

  /** Streams that are one behind the other in a delta. */
  public enum Group {
    /** Of deltas that open deflate streams. */
    OPENED,
    /** Before all parts. */
    MAP,
    /** One for each part. */
    PART
  }

  private final Group group;

  DeltaStream(Group group) {
    this.group = group;
  }

  /** Which group it is in. */
  public Group group() {
    return group;
  }
}
