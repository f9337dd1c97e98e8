package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one file of metadata says about another one.
 *
 * @param version the version that it must have
 * @param length in bytes, if it is said
 * @param hashes its digests; {@link Hashes#NONE} if they are not said
 */
public record MetaFile(long version, OptionalLong length, Hashes hashes) {
  static MetaFile decode(Fields fields) {
    return new MetaFile(
        fields.integer("version", 1, SignedMetadata.VERSION_MAX),
        fields.optionalInteger("length", 0, SignedMetadata.VERSION_MAX),
        fields.has("hashes") ? Hashes.decode(fields) : Hashes.NONE);
  }

  /** What is to be said about this file: version, length and SHA-256. */
  public static MetaFile of(long version, byte[] bytes) {
    return new MetaFile(version, OptionalLong.of(bytes.length), Hashes.of(bytes));
  }

  /** What is wrong with these bytes as that file. */
  public Optional<String> complaint(byte[] bytes) {
    if (length.isPresent() && length.getAsLong() != bytes.length) {
      return Optional.of("length: expected " + length.getAsLong() + " bytes, got " + bytes.length);
    }
    return hashes.complaint(bytes);
  }
}
