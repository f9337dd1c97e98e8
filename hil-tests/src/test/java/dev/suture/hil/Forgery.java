package dev.suture.hil;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.workspace.Settings;
import dev.suture.publisher.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes what the publisher's program never would: a repository with any manifest under any level,
 * signed by the true publisher or by a stranger.
 */
final class Forgery {
  private static final int ROOT_BYTES_MAX = 512 << 10;
  private static final int DAYS = 7;

  private final Path repository;
  private final Authority publisher;
  private final Authority stranger;
  private long version;

  /**
   * A repository that has payloads already, or none.
   *
   * @param keys of the true publisher
   */
  Forgery(Path repository, Path keys) {
    this.repository = repository;
    try {
      this.publisher = authority(keys);
      Path others = Files.createTempDirectory("stranger").resolve("keys");
      new Workspace(others)
          .init(Settings.DEFAULT, Optional.empty(), Forgery::noPassphrase, Clock.systemUTC());
      this.stranger = authority(others);
    } catch (PublisherException | IOException e) {
      throw new HarnessException("publisher's keys " + keys + ": cannot be used", e);
    }
  }

  private static Authority authority(Path keys) throws PublisherException {
    return new Workspace(keys).authority(Forgery::noPassphrase, Clock.systemUTC());
  }

  private static dev.suture.publisher.keys.role.Passphrase noPassphrase(String what) {
    throw new HarnessException("the keys of tests are not encrypted, but asked for " + what);
  }

  /** Writes a manifest of these bytes, and metadata of the next version that lists it alone. */
  long publish(String level, byte[] manifest) throws IOException {
    return publish(level, manifest, publisher, ++version);
  }

  /** As {@link #publish(String, byte[])}, but signed with keys that no device believes. */
  long publishAsStranger(String level, byte[] manifest) throws IOException {
    return publish(level, manifest, stranger, ++version);
  }

  /** As {@link #publish(String, byte[])}, but with the version of metadata from before. */
  long publishOlder(String level, byte[] manifest) throws IOException {
    publish(level, manifest, publisher, Math.max(1, version - 1));
    return version;
  }

  private long publish(String level, byte[] manifest, Authority signer, long edition)
      throws IOException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Header header = new Header(edition, now.plus(DAYS, ChronoUnit.DAYS));
    String path =
        LevelEntry.path(Publisher.MODEL, new Baseline(Publisher.BASELINE), new Level(level));
    TargetFile file =
        new TargetFile(manifest.length, new Hashes(Map.of("sha256", Sha256.of(manifest).hex())));
    Path target = repository.resolve(LevelEntry.reference(path, file, true).path());
    Files.createDirectories(target.getParent());
    Files.write(target, manifest);
    byte[] targets =
        write(
            signer,
            RoleType.TARGETS,
            edition,
            MetadataWriter.targets(header, Map.of(path, new TargetEntry(file)), List.of()));
    byte[] snapshot =
        write(
            signer,
            RoleType.SNAPSHOT,
            edition,
            MetadataWriter.snapshot(header, Map.of("targets", MetaFile.of(edition, targets))));
    byte[] timestamp =
        signed(
            signer,
            RoleType.TIMESTAMP,
            MetadataWriter.timestamp(
                new Header(edition, header.expires(), Map.of(TimestampMetadata.ISSUED, now)),
                MetaFile.of(edition, snapshot)));
    Files.write(repository.resolve("metadata").resolve(FileNames.metadata("timestamp")), timestamp);
    return edition;
  }

  private byte[] write(Authority signer, RoleType role, long edition, DraftMetadata draft)
      throws IOException {
    byte[] file = signed(signer, role, draft);
    Path metadata = repository.resolve("metadata");
    Files.createDirectories(metadata);
    Files.write(metadata.resolve(FileNames.metadata(edition, role.word())), file);
    return file;
  }

  private static byte[] signed(Authority signer, RoleType role, DraftMetadata draft) {
    RootMetadata root =
        new RootMetadata(
            SignedMetadata.decode(RoleType.ROOT, "root", signer.trustedRoot(), ROOT_BYTES_MAX));
    try {
      SigningRequest request = new SigningRequest(role.word(), draft, List.of(root.keysOf(role)));
      return draft.file(signer.signing().sign(List.of(request)).get(0));
    } catch (PublisherException e) {
      throw new HarnessException("metadata of " + role.word() + ": cannot be signed", e);
    }
  }
}
