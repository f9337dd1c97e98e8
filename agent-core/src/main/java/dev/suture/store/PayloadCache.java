package dev.suture.store;

import dev.suture.durable.DurableFiles;
import dev.suture.durable.ReadableFile;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import java.security.MessageDigest;
import java.util.Set;

/**
 * Files from the mirror, by digest. A partial file has the ending {@code .part} and is a hint:
 * whatever is in it is checked with the digest of the whole before anybody uses it.
 */
public final class PayloadCache {
  private static final String PART = ".part";
  private static final int BUFFER_BYTES = 64 << 10;

  private final DurableFiles files;
  private final String directory;

  /** The cache in this directory below the root. */
  public PayloadCache(DurableFiles files, String directory) {
    this.files = files;
    this.directory = directory;
  }

  /** Fetches the bytes from {@code from} on into the sink; throws what the mirror did wrong. */
  @FunctionalInterface
  public interface Fetch {
    /** Fetches. */
    void into(long from, Sink sink) throws SutureException;
  }

  /** Takes what was fetched, in sequence. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the next bytes. */
    void accept(byte[] bytes, int offset, int length) throws DeviceException, RetryableException;
  }

  /** Whether the file is here, whole and verified when it was stored. */
  public boolean has(FileRef ref) throws DeviceException, RetryableException {
    return files.size(path(ref)) == ref.bytes();
  }

  /**
   * Makes sure that the file is here: what is missing is fetched, then the digest of the whole is
   * checked. Durable on return. What arrived before a failure is kept and continued from, unless
   * the digest was wrong.
   *
   * @throws RetryableException {@code PAYLOAD_DIGEST_MISMATCH}: a mirror served other bytes; they
   *     are thrown away
   */
  public void ensure(FileRef ref, Fetch fetch) throws SutureException {
    if (has(ref)) {
      return;
    }
    files.makeDirectory(directory);
    String part = path(ref) + PART;
    long have = Math.max(0, files.size(part));
    if (have > ref.bytes()) {
      files.delete(part);
      have = 0;
    }
    try (WritableFile file = files.size(part) < 0 ? files.create(part) : files.reopen(part)) {
      if (have < ref.bytes()) {
        long[] position = {have};
        fetch.into(
            have,
            (bytes, offset, length) -> {
              file.write(position[0], bytes, offset, length);
              position[0] += length;
            });
      }
      sync(file, part);
    }
    Sha256 digest = digest(part);
    if (!digest.equals(ref.sha256())) {
      files.delete(part);
      files.syncDirectory(directory);
      throw new RetryableException(
          FailureCode.PAYLOAD_DIGEST_MISMATCH,
          "payload digest: expected "
              + ref.sha256()
              + ", got "
              + digest
              + " ("
              + ref.path()
              + ", "
              + ref.bytes()
              + " bytes)");
    }
    files.rename(part, path(ref));
    files.syncDirectory(directory);
  }

  /** After a failed sync nobody knows what is on the disk: the file is fetched anew. */
  private void sync(WritableFile file, String path) throws DeviceException, RetryableException {
    try {
      file.sync();
    } catch (DeviceException | RetryableException e) {
      files.delete(path);
      throw e;
    }
  }

  /**
   * Opens a file that is here, and checks its digest again: what is used is what was verified.
   *
   * @throws RetryableException {@code PAYLOAD_DIGEST_MISMATCH}: it is gone, or was damaged since
   *     and is thrown away; {@link #ensure} fetches it again
   */
  public ReadableFile open(FileRef ref) throws DeviceException, RetryableException {
    if (files.size(path(ref)) < 0) {
      throw new RetryableException(
          FailureCode.PAYLOAD_DIGEST_MISMATCH,
          "cached payload: expected " + ref.sha256() + ", got no such file (" + ref.path() + ")");
    }
    Sha256 digest = digest(path(ref));
    if (!digest.equals(ref.sha256())) {
      files.delete(path(ref));
      files.syncDirectory(directory);
      throw new RetryableException(
          FailureCode.PAYLOAD_DIGEST_MISMATCH,
          "cached payload digest: expected "
              + ref.sha256()
              + ", got "
              + digest
              + " ("
              + ref.path()
              + ")");
    }
    return files.open(path(ref));
  }

  /** Throws away everything but these. Durable on return. */
  public void keepOnly(Set<FileRef> kept) throws DeviceException, RetryableException {
    boolean changed = false;
    for (String name : files.list(directory)) {
      boolean keep =
          kept.stream()
              .anyMatch(
                  ref -> name.equals(ref.sha256().hex()) || name.equals(ref.sha256().hex() + PART));
      if (!keep) {
        files.delete(directory + "/" + name);
        changed = true;
      }
    }
    if (changed) {
      files.syncDirectory(directory);
    }
  }

  private Sha256 digest(String path) throws DeviceException, RetryableException {
    MessageDigest digest = Sha256.newDigest();
    try (ReadableFile file = files.open(path)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      long position = 0;
      for (int n; (n = file.read(position, buffer, 0, buffer.length)) > 0; position += n) {
        digest.update(buffer, 0, n);
      }
    }
    return Sha256.ofBytes(digest.digest());
  }

  private String path(FileRef ref) {
    return directory + "/" + ref.sha256().hex();
  }
}
