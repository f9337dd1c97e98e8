package dev.suture.trust.tuf;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SnapshotMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rules by which one file of metadata leads to the next. No files, no network, no clock: bytes
 * in, believed metadata out, or a {@link RejectedException} that says which rule was broken.
 */
final class TrustedMetadata {
  static final int ROOT_BYTES_MAX = 512 << 10;
  static final int TIMESTAMP_BYTES_MAX = 16 << 10;
  static final int SNAPSHOT_BYTES_MAX = 2_000_000;
  static final int TARGETS_BYTES_MAX = 5_000_000;

  private final Instant now;
  private final CheckedSignatures checked;

  /** Judges by this moment, for the whole of one refresh (5.1). */
  TrustedMetadata(Instant now, CheckedSignatures checked) {
    this.now = now;
    this.checked = checked;
  }

  /** A root that was delivered out of band, or believed before (5.2). It signs itself. */
  RootMetadata root(byte[] bytes) throws RejectedException {
    RootMetadata root = decode(RoleType.ROOT, "root", bytes, ROOT_BYTES_MAX, RootMetadata::new);
    Threshold.require(checked, root.signed(), "root", root.keysOf(RoleType.ROOT), "its own");
    return root;
  }

  /** The root behind this one (5.3.4, 5.3.5): signed by both, and the very next version. */
  RootMetadata nextRoot(byte[] bytes, RootMetadata before) throws RejectedException {
    RootMetadata root = decode(RoleType.ROOT, "root", bytes, ROOT_BYTES_MAX, RootMetadata::new);
    Threshold.require(
        checked, root.signed(), "root", before.keysOf(RoleType.ROOT), "the root before");
    Threshold.require(checked, root.signed(), "root", root.keysOf(RoleType.ROOT), "its own");
    long expected = before.signed().version() + 1;
    if (root.signed().version() != expected) {
      throw new RejectedException(
          FailureCode.METADATA_ROLLED_BACK,
          "root version: expected " + expected + ", got " + root.signed().version());
    }
    return root;
  }

  /** A timestamp that was believed before: only its signatures can have become invalid. */
  TimestampMetadata localTimestamp(byte[] bytes, RootMetadata root) throws RejectedException {
    TimestampMetadata timestamp =
        decode(RoleType.TIMESTAMP, "timestamp", bytes, TIMESTAMP_BYTES_MAX, TimestampMetadata::new);
    Threshold.require(
        checked, timestamp.signed(), "timestamp", root.keysOf(RoleType.TIMESTAMP), "the root");
    return timestamp;
  }

  /**
   * A timestamp from the mirror (5.4.2 to 5.4.4).
   *
   * @param before what was believed before, expired or not
   */
  TimestampMetadata timestamp(byte[] bytes, RootMetadata root, Optional<TimestampMetadata> before)
      throws RejectedException {
    TimestampMetadata timestamp = localTimestamp(bytes, root);
    if (before.isPresent()) {
      requireNotOlder("timestamp", before.get().signed().version(), timestamp.signed().version());
      if (timestamp.signed().version() == before.get().signed().version()) {
        timestamp = before.get(); // The same version with another content changes nothing.
      }
      requireNotOlder(
          "snapshot in timestamp",
          before.get().snapshot().version(),
          timestamp.snapshot().version());
    }
    requireNotExpired("timestamp", timestamp.signed());
    return timestamp;
  }

  /** A snapshot that was believed before. */
  SnapshotMetadata localSnapshot(byte[] bytes, RootMetadata root) throws RejectedException {
    SnapshotMetadata snapshot =
        decode(RoleType.SNAPSHOT, "snapshot", bytes, SNAPSHOT_BYTES_MAX, SnapshotMetadata::new);
    Threshold.require(
        checked, snapshot.signed(), "snapshot", root.keysOf(RoleType.SNAPSHOT), "the root");
    return snapshot;
  }

  /**
   * A snapshot from the mirror (5.5.2 to 5.5.6).
   *
   * @param before what was believed before, expired or not
   */
  SnapshotMetadata snapshot(
      byte[] bytes,
      RootMetadata root,
      TimestampMetadata timestamp,
      Optional<SnapshotMetadata> before)
      throws RejectedException {
    requireFile("snapshot", timestamp.snapshot(), bytes);
    SnapshotMetadata snapshot = localSnapshot(bytes, root);
    requireVersion("snapshot", timestamp.snapshot(), snapshot.signed());
    if (before.isPresent()) {
      for (Map.Entry<String, MetaFile> old : before.get().roles().entrySet()) {
        MetaFile file =
            snapshot
                .role(old.getKey())
                .orElseThrow(
                    () ->
                        new RejectedException(
                            FailureCode.METADATA_ROLLED_BACK,
                            "snapshot: expected " + old.getKey() + " as before, got nothing"));
        requireNotOlder(old.getKey() + " in snapshot", old.getValue().version(), file.version());
      }
    }
    requireNotExpired("snapshot", snapshot.signed());
    return snapshot;
  }

  /**
   * A targets role's metadata, from the mirror or believed before (5.6.2 to 5.6.5).
   *
   * @param keys of who delegates to it: the root, or another targets role
   */
  TargetsMetadata targets(String role, byte[] bytes, RoleKeys keys, MetaFile file)
      throws RejectedException {
    requireFile(role, file, bytes);
    TargetsMetadata targets =
        decode(RoleType.TARGETS, role, bytes, TARGETS_BYTES_MAX, TargetsMetadata::new);
    Threshold.require(checked, targets.signed(), role, keys, "who delegates to it");
    requireVersion(role, file, targets.signed());
    requireNotExpired(role, targets.signed());
    return targets;
  }

  /** Whether it holds now (5.3.10, 5.4.4, 5.5.6, 5.6.5: against a freeze). */
  void requireNotExpired(String what, SignedMetadata metadata) throws RejectedException {
    if (metadata.isExpired(now)) {
      throw new RejectedException(
          FailureCode.METADATA_EXPIRED,
          what
              + " "
              + metadata.version()
              + ": expected to expire after "
              + now
              + ", got "
              + metadata.expires());
    }
  }

  private static void requireNotOlder(String what, long before, long got) throws RejectedException {
    if (got < before) {
      throw new RejectedException(
          FailureCode.METADATA_ROLLED_BACK,
          what + " version: expected " + before + " or more, got " + got);
    }
  }

  private static void requireFile(String what, MetaFile file, byte[] bytes)
      throws RejectedException {
    Optional<String> complaint = file.complaint(bytes);
    if (complaint.isPresent()) {
      throw new RejectedException(FailureCode.METADATA_MISMATCH, what + " " + complaint.get());
    }
  }

  private static void requireVersion(String what, MetaFile file, SignedMetadata metadata)
      throws RejectedException {
    if (metadata.version() != file.version()) {
      throw new RejectedException(
          FailureCode.METADATA_MISMATCH,
          what + " version: expected " + file.version() + ", got " + metadata.version());
    }
  }

  private static <T> T decode(
      RoleType type, String what, byte[] bytes, int bytesMax, Function<SignedMetadata, T> read)
      throws RejectedException {
    try {
      return read.apply(SignedMetadata.decode(type, what, bytes, bytesMax));
    } catch (IllegalArgumentException e) {
      throw new RejectedException(
          FailureCode.METADATA_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }
}
