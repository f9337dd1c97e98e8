package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.util.Optional;

/**
 * A file that is delivered.
 *
 * @param length in bytes
 * @param hashes its digests; one at least
 * @param custom what else is signed about it (specification, section 4.5), for whom it concerns
 */
public record TargetFile(long length, Hashes hashes, Optional<Fields> custom) {
  /** A file about which nothing else is signed. */
  public TargetFile(long length, Hashes hashes) {
    this(length, hashes, Optional.empty());
  }

  static TargetFile decode(Fields fields) {
    return new TargetFile(
        fields.integer("length", 0, SignedMetadata.VERSION_MAX),
        Hashes.decode(fields),
        fields.optionalObject("custom"));
  }
}
