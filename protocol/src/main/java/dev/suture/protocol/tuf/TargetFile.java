package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;

/**
 * A file that is delivered.
 *
 * @param length in bytes
 * @param hashes its digests; one at least
 */
public record TargetFile(long length, Hashes hashes) {
  static TargetFile decode(Fields fields) {
    return new TargetFile(
        fields.integer("length", 0, SignedMetadata.VERSION_MAX), Hashes.decode(fields));
  }
}
