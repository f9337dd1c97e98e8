package dev.suture.protocol.tuf;

import dev.suture.protocol.SignedTime;
import java.time.Instant;
import java.util.Optional;

/** Which snapshot is the newest. */
public final class TimestampMetadata {
  /** Our own member of what is signed: when it was issued. Others ignore it. */
  public static final String ISSUED = "issued";

  private final SignedMetadata signed;
  private final MetaFile snapshot;
  private final Optional<Instant> issued;

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if the snapshot is missing or malformed, or it was issued
   *     after it expires
   */
  public TimestampMetadata(SignedMetadata signed) {
    this.signed = signed;
    this.snapshot = MetaFile.decode(signed.signed().object("meta").object("snapshot.json"));
    this.issued =
        signed.signed().has(ISSUED)
            ? Optional.of(signed.signed().parsed(ISSUED, SignedTime::parse))
            : Optional.empty();
    if (issued.isPresent() && issued.get().isAfter(signed.expires())) {
      throw new IllegalArgumentException(
          "timestamp.issued: expected a time before " + signed.expires() + ", got " + issued.get());
    }
  }

  /** The file. */
  public SignedMetadata signed() {
    return signed;
  }

  /** The newest snapshot. */
  public MetaFile snapshot() {
    return snapshot;
  }

  /** When it was signed, if it says so: a clock that only the publisher can move. */
  public Optional<Instant> issued() {
    return issued;
  }
}
