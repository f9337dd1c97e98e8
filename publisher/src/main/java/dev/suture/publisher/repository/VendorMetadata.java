package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;

/** Reads what the owner of a delegated role signed. */
final class VendorMetadata {
  private static final int BYTES_MAX = 1 << 20;

  private VendorMetadata() {}

  /**
   * Reads it; that enough of the owner's keys have signed is found out by the device's own code.
   *
   * @throws PublisherException {@code INPUT_MALFORMED} if it is no targets metadata, or names a
   *     target that the role is not responsible for
   */
  static TargetsMetadata read(DelegatedRole role, byte[] metadata) throws PublisherException {
    try {
      TargetsMetadata read =
          new TargetsMetadata(
              SignedMetadata.decode(RoleType.TARGETS, role.name(), metadata, BYTES_MAX));
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
              "targets metadata of the delegated role",
              String.valueOf(e.getMessage()),
              role.name(),
              "ask its owner for what \"suture-publish patch sign\" wrote"),
          e);
    }
  }
}
