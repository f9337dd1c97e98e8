package dev.suture.publisher.repository;

import dev.suture.protocol.Sha256;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** Writes files of a repository so that each is there as a whole, or not at all. */
final class DurableFiles {
  private static final String ASIDE = ".part";

  private final Repository repository;
  private final RepositoryStorage storage;

  DurableFiles(Repository repository) {
    this.repository = repository;
    this.storage = repository.storage();
  }

  /** Opens what is to be written, from its start. */
  @FunctionalInterface
  interface Source {
    InputStream open() throws IOException;
  }

  /**
   * Adds a file; durable on return. If it is there with this content, nothing is written.
   *
   * @throws PublisherException {@code SELF_CHECK_FAILED} if the content has another digest, {@code
   *     STORAGE_FAILED}
   */
  void add(String path, Sha256 sha256, Source source) throws PublisherException {
    try {
      if (isThere(path, sha256)) {
        // It may be there without being durable: left by a publication that lost its power.
        storage.sync(path);
        storage.syncDirectory(folderOf(path));
        return;
      }
      storage.makeDirectory(folderOf(path));
      put(path, sha256, source);
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /** As above, with this content. */
  void add(String path, byte[] content) throws PublisherException {
    add(path, Sha256.of(content), () -> new ByteArrayInputStream(content));
  }

  /** Replaces a file in one step, in a folder that is there; durable on return. */
  void replace(String path, byte[] content) throws PublisherException {
    try {
      put(path, Sha256.of(content), () -> new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  private void put(String path, Sha256 sha256, Source source)
      throws IOException, PublisherException {
    String folder = folderOf(path);
    String aside = folder + "/." + path.substring(folder.length() + 1) + ASIDE;
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = new DigestInputStream(source.open(), digest)) {
      storage.write(aside, in);
    }
    Sha256 written = Sha256.ofBytes(digest.digest());
    if (!written.equals(sha256)) {
      throw new PublisherException(
          Problem.SELF_CHECK_FAILED,
          new Details(
              "copy a file into the repository",
              sha256.brief(),
              written.brief(),
              path,
              "something else wrote to the work folder: run the command again"));
    }
    storage.sync(aside);
    storage.rename(aside, path);
    storage.syncDirectory(folder);
  }

  private boolean isThere(String path, Sha256 sha256) throws IOException {
    Optional<InputStream> there = storage.open(path);
    if (there.isEmpty()) {
      return false;
    }
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = new DigestInputStream(there.get(), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Sha256.ofBytes(digest.digest()).equals(sha256);
  }

  static String folderOf(String path) {
    return path.substring(0, path.lastIndexOf('/'));
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
}
