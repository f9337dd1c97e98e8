package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SignatureCollection;
import java.time.Instant;

/** Reads what the owner of a delegated role signed. */
final class VendorMetadata {
  private static final int BYTES_MAX = 1 << 20;

  private VendorMetadata() {}

  /**
   * Reads it, if its owner has signed it. Nothing that it names may be looked at before.
   *
   * @throws PublisherException {@code INPUT_MALFORMED} if it is no targets metadata, not signed by
   *     enough of the owner's keys, expired, empty, or names a target that the role is not
   *     responsible for
   */
  static TargetsMetadata verified(DelegatedRole role, byte[] metadata, Instant now)
      throws PublisherException {
    try {
      SignedMetadata signed =
          SignedMetadata.decode(RoleType.TARGETS, role.name(), metadata, BYTES_MAX);
      int missing = SignatureCollection.missing(role.keys(), signed);
      if (missing > 0) {
        throw new IllegalArgumentException(
            "signatures: expected "
                + role.keys().threshold()
                + " of "
                + role.keys().keys().size()
                + " keys, got "
                + missing
                + " fewer");
      }
      if (signed.isExpired(now)) {
        throw new IllegalArgumentException(
            "expires: expected a time after " + now + ", got " + signed.expires());
      }
      TargetsMetadata read = new TargetsMetadata(signed);
      if (read.targets().isEmpty()) {
        throw new IllegalArgumentException("targets: expected a statement, got none");
      }
      for (String path : read.targets().keySet()) {
        if (!role.isFor(path)) {
          throw new IllegalArgumentException(
              "targets: expected paths that are delegated to " + role.name() + ", got " + path);
        }
      }
      return read;
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "take over the metadata of " + role.name(),
              "targets metadata of the delegated role, signed by its owner",
              String.valueOf(e.getMessage()),
              role.name(),
              "ask its owner for what \"suture-publish patch sign\" wrote"),
          e);
    }
  }
}
