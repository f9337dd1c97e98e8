package dev.suture.protocol.tuf;

/** Which snapshot is the newest. */
public final class TimestampMetadata {
  private final SignedMetadata signed;
  private final MetaFile snapshot;

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if the snapshot is missing or malformed
   */
  public TimestampMetadata(SignedMetadata signed) {
    this.signed = signed;
    this.snapshot = MetaFile.decode(signed.signed().object("meta").object("snapshot.json"));
  }

  /** The file. */
  public SignedMetadata signed() {
    return signed;
  }

  /** The newest snapshot. */
  public MetaFile snapshot() {
    return snapshot;
  }
}
