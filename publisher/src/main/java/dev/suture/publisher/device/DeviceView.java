package dev.suture.publisher.device;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SnapshotMetadata;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.trust.tuf.TufClient;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** What a device with this root believes of a repository, found out by the device's own client. */
public final class DeviceView {
  private final MemoryMetadata believed;
  private final TufClient client;

  private DeviceView(MemoryMetadata believed, TufClient client) {
    this.believed = believed;
    this.client = client;
  }

  /** The metadata of a repository. */
  @FunctionalInterface
  public interface Files {
    /** The file's bytes, at most {@code bytesMax + 1} of them; nothing if there is none. */
    Optional<byte[]> read(String name, int bytesMax) throws IOException;
  }

  /**
   * Refreshes a device that knows nothing but its root.
   *
   * @param trustedRoot as in the device image
   * @param now {@link Instant#EPOCH} if it does not matter what has expired
   * @throws RejectedException a device refuses this repository
   * @throws RetryableException a file is missing, or cannot be read
   */
  public static DeviceView of(byte[] trustedRoot, Files files, Instant now) throws SutureException {
    MemoryMetadata believed = new MemoryMetadata();
    TufClient.initialize(believed, trustedRoot);
    return new DeviceView(
        believed,
        TufClient.refreshed(believed, (name, bytesMax) -> fetch(files, name, bytesMax), now));
  }

  private static Optional<byte[]> fetch(Files files, String name, int bytesMax)
      throws RejectedException, RetryableException {
    Optional<byte[]> bytes;
    try {
      bytes = files.read(name, bytesMax);
    } catch (IOException e) {
      throw new RetryableException(
          FailureCode.SERVER_NOT_FOUND, name + ": expected a readable file, got " + e, e);
    }
    if (bytes.isPresent() && bytes.get().length > bytesMax) {
      throw new RejectedException(
          FailureCode.METADATA_TOO_LARGE, name + ": expected at most " + bytesMax + " bytes");
    }
    return bytes;
  }

  /** The newest root. */
  public RootMetadata root() {
    return new RootMetadata(metadata(RoleType.ROOT));
  }

  /** The timestamp. */
  public TimestampMetadata timestamp() {
    return new TimestampMetadata(metadata(RoleType.TIMESTAMP));
  }

  /** The snapshot. */
  public SnapshotMetadata snapshot() {
    return new SnapshotMetadata(metadata(RoleType.SNAPSHOT));
  }

  /** The top-level targets. */
  public TargetsMetadata targets() {
    return new TargetsMetadata(metadata(RoleType.TARGETS));
  }

  /**
   * What the responsible role says about a target, delegations followed.
   *
   * @throws RejectedException a device refuses the role that is responsible
   * @throws RetryableException its file is missing
   */
  public Optional<TargetFile> target(String path) throws SutureException {
    return client.target(path);
  }

  /** A delegated role, if {@link #target} has asked it. */
  public Optional<TargetsMetadata> asked(String role) {
    return believed
        .load(FileNames.metadata(role), Integer.MAX_VALUE)
        .map(
            bytes ->
                new TargetsMetadata(
                    SignedMetadata.decode(RoleType.TARGETS, role, bytes, bytes.length)));
  }

  private SignedMetadata metadata(RoleType role) {
    byte[] bytes =
        believed
            .load(FileNames.metadata(role.word()), Integer.MAX_VALUE)
            .orElseThrow(() -> new IllegalStateException("a refreshed device has " + role));
    return SignedMetadata.decode(role, role.word(), bytes, bytes.length);
  }
}
