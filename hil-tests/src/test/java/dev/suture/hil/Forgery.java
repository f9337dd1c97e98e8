package dev.suture.hil;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.KeyFolder;
import dev.suture.publisher.keys.PublisherKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes what the publisher's program never would: a repository with any manifest under any level,
 * signed by the true publisher or by a stranger.
 */
final class Forgery {
  private final Path repository;
  private final PublisherKeys publisher;
  private final PublisherKeys stranger = PublisherKeys.generate();
  private long version;

  /**
   * A repository that has payloads already, or none.
   *
   * @param keys of the true publisher
   */
  Forgery(Path repository, Path keys) {
    this.repository = repository;
    try {
      this.publisher = new KeyFolder(keys).load();
    } catch (PublisherException e) {
      throw new HarnessException("publisher's keys " + keys + ": cannot be read", e);
    }
  }

  /** Writes a manifest of these bytes, and an index of the next version that lists it alone. */
  long publish(String level, byte[] manifest) throws IOException {
    return publish(level, manifest, publisher, ++version);
  }

  /** As {@link #publish(String, byte[])}, but signed with a key that no device believes. */
  long publishAsStranger(String level, byte[] manifest) throws IOException {
    return publish(level, manifest, stranger, ++version);
  }

  /** As {@link #publish(String, byte[])}, but with the version of an index from before. */
  long publishOlder(String level, byte[] manifest) throws IOException {
    publish(level, manifest, publisher, Math.max(1, version - 1));
    return version;
  }

  private long publish(String level, byte[] manifest, PublisherKeys signer, long indexVersion)
      throws IOException {
    Sha256 digest = Sha256.of(manifest);
    FileRef file = new FileRef("manifests/" + digest.hex() + ".json", manifest.length, digest);
    Files.createDirectories(repository.resolve("manifests"));
    Files.write(repository.resolve(file.path()), manifest);
    ReleaseIndex index =
        new ReleaseIndex(
            indexVersion,
            "2026-01-01T00:00:00Z",
            List.of(
                new ReleaseIndex.Entry(
                    new Baseline(Publisher.BASELINE),
                    Publisher.MODEL,
                    new Level(level),
                    file,
                    false)));
    Files.write(
        repository.resolve("index.json"),
        signer.sign(Envelope.INDEX_TYPE, index.encode()).encode());
    return indexVersion;
  }
}
