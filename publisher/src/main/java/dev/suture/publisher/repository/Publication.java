package dev.suture.publisher.repository;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.PublisherKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The right to change a repository, held until it is closed. Files are added first; {@link
 * #publish} or {@link #withdraw} then replaces the index, which is the publication.
 */
public final class Publication implements AutoCloseable {
  /** How long another publisher is waited for. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private static final String ASIDE = ".part";

  private final Repository repository;
  private final RepositoryStorage storage;
  private final PublisherKeys keys;
  private final Clock clock;
  private final PublisherLock lock;
  private ReleaseIndex index;

  private Publication(
      Repository repository,
      PublisherKeys keys,
      Clock clock,
      PublisherLock lock,
      ReleaseIndex index) {
    this.repository = repository;
    this.storage = repository.storage();
    this.keys = keys;
    this.clock = clock;
    this.lock = lock;
    this.index = index;
  }

  /**
   * Locks the repository and reads its index. A repository that does not exist yet is made, with an
   * empty index of version 1, durable on return.
   *
   * @param clock says when an index was issued
   * @param wait how long another publisher may take to finish
   * @throws PublisherException {@code REPOSITORY_BUSY}, {@code REPOSITORY_DAMAGED}, {@code
   *     STORAGE_FAILED}
   */
  public static Publication begin(
      Repository repository, PublisherKeys keys, Clock clock, Duration wait)
      throws PublisherException {
    PublisherLock lock = PublisherLock.take(repository.folder(), wait);
    boolean begun = false;
    try {
      Optional<ReleaseIndex> published = repository.index(keys.trustRoot());
      ReleaseIndex index = published.orElseGet(() -> new ReleaseIndex(1, now(clock), List.of()));
      Publication publication = new Publication(repository, keys, clock, lock, index);
      if (published.isEmpty()) {
        publication.replaceIndex(index);
      }
      begun = true;
      return publication;
    } finally {
      if (!begun) {
        lock.close();
      }
    }
  }

  /** What is published now. */
  public ReleaseIndex index() {
    return index;
  }

  /**
   * Copies a payload into the repository, under its digest; durable on return. If one with this
   * digest is there, nothing is written.
   *
   * @param content its digest and length are those of {@code file}
   * @throws PublisherException {@code SELF_CHECK_FAILED} if they are not, {@code STORAGE_FAILED}
   */
  public void addPayload(FileRef file, Path content) throws PublisherException {
    try {
      add(Repository.PAYLOADS, file, () -> Files.newInputStream(content));
    } catch (IOException e) {
      throw unwritable(file.path(), e);
    }
  }

  /** Adds a manifest under its digest; durable on return. */
  public FileRef addManifest(byte[] content) throws PublisherException {
    Sha256 digest = Sha256.of(content);
    FileRef file =
        new FileRef(Repository.MANIFESTS + "/" + digest.hex() + ".json", content.length, digest);
    try {
      add(Repository.MANIFESTS, file, () -> new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw unwritable(file.path(), e);
    }
    return file;
  }

  /** Where a payload with this digest is in every repository. */
  public static FileRef payloadFile(Sha256 digest, long bytes, String suffix) {
    return new FileRef(Repository.PAYLOADS + "/" + digest.hex() + "." + suffix, bytes, digest);
  }

  /**
   * Publishes a level whose files were added. Durable on return; if power fails inside, it is
   * published or it is not.
   *
   * @return the new index
   * @throws PublisherException as {@link LevelRules#checkNew}, {@code STORAGE_FAILED}
   */
  public ReleaseIndex publish(ReleaseIndex.Entry entry) throws PublisherException {
    LevelRules.checkNew(index, entry.baseline(), entry.model(), entry.level());
    List<ReleaseIndex.Entry> entries = new ArrayList<>(index.entries());
    entries.add(entry);
    return advance(entries);
  }

  /**
   * Withdraws a level: devices go back to base, or to a level that is left. Durability as with
   * {@link #publish}. No file is removed.
   *
   * @return the new index
   * @throws PublisherException as {@link LevelRules#checkPublished}, {@code STORAGE_FAILED}
   */
  public ReleaseIndex withdraw(Baseline baseline, String model, Level level)
      throws PublisherException {
    ReleaseIndex.Entry published = LevelRules.checkPublished(index, baseline, model, level);
    List<ReleaseIndex.Entry> entries = new ArrayList<>(index.entries());
    entries.set(
        entries.indexOf(published),
        new ReleaseIndex.Entry(
            published.baseline(),
            published.model(),
            published.level(),
            published.manifest(),
            true));
    return advance(entries);
  }

  private ReleaseIndex advance(List<ReleaseIndex.Entry> entries) throws PublisherException {
    ReleaseIndex next = new ReleaseIndex(index.version() + 1, now(clock), entries);
    replaceIndex(next);
    index = next;
    return next;
  }

  private void replaceIndex(ReleaseIndex next) throws PublisherException {
    byte[] document = next.encode();
    if (document.length > ReleaseIndex.BYTES_MAX) {
      throw LevelRules.full("an index of at most " + ReleaseIndex.BYTES_MAX + " bytes");
    }
    byte[] envelope = keys.sign(Envelope.INDEX_TYPE, document).encode();
    try {
      String aside = "." + Repository.INDEX + ASIDE;
      storage.write(aside, new ByteArrayInputStream(envelope));
      storage.sync(aside);
      storage.rename(aside, Repository.INDEX);
      storage.syncDirectory("");
    } catch (IOException e) {
      throw unwritable(Repository.INDEX, e);
    }
  }

  /** Opens what is to be written, from its start. */
  @FunctionalInterface
  private interface Source {
    InputStream open() throws IOException;
  }

  private void add(String directory, FileRef file, Source source)
      throws IOException, PublisherException {
    if (isThere(file)) {
      // It may be there without being durable: left by a publication that lost its power.
      storage.sync(file.path());
      storage.syncDirectory(directory);
      return;
    }
    storage.makeDirectory(directory);
    String aside = directory + "/." + file.sha256().hex() + ASIDE;
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = new DigestInputStream(source.open(), digest)) {
      storage.write(aside, in);
    }
    Sha256 written = Sha256.ofBytes(digest.digest());
    if (!written.equals(file.sha256())) {
      throw new PublisherException(
          Problem.SELF_CHECK_FAILED,
          new Details(
              "copy a file into the repository",
              file.sha256().brief(),
              written.brief(),
              file.path(),
              "something else wrote to the work folder: run the command again"));
    }
    storage.sync(aside);
    storage.rename(aside, file.path());
    storage.syncDirectory(directory);
  }

  private boolean isThere(FileRef file) throws IOException {
    Optional<InputStream> there = storage.open(file.path());
    if (there.isEmpty()) {
      return false;
    }
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = new DigestInputStream(there.get(), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Sha256.ofBytes(digest.digest()).equals(file.sha256());
  }

  private PublisherException unwritable(String path, IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "write to the repository",
            "a folder that can be written to, with space left",
            InputFiles.describe(e),
            repository.folder().resolve(path).toString(),
            "check --repository, the disk and the folder's owner, then run the command again: what"
                + " was written is used"),
        e);
  }

  private static String now(Clock clock) {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  @Override
  public void close() throws PublisherException {
    lock.close();
  }
}
