package dev.suture.publisher.repository;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.device.DeviceView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A repository of The Update Framework as a folder of static files that any mirror can serve:
 *
 * <pre>
 *   metadata/timestamp.json      the only file that is replaced
 *   metadata/N.ROLE.json         root, snapshot, targets and delegated roles, by their version
 *   targets/PATH/SHA256.NAME     manifests, vendors' statements, sealed files
 *   payloads/SHA256.delta|zst    named by the manifests
 * </pre>
 *
 * All but the timestamp are written once, never changed, never deleted, and durable before the
 * timestamp stands for them; it is replaced in one step. So at any moment, power cuts included, the
 * folder is what it was before a publication or what it is after it; and a device that still reads
 * an older timestamp finds everything that follows from it.
 */
public final class Repository {
  /** Folder of the metadata. */
  public static final String METADATA = "metadata";

  static final String PAYLOADS = "payloads";
  static final String TIMESTAMP = "timestamp.json";
  static final String FIRST_ROOT = "1.root.json";

  private static final String RESTORE = "bring the file back from your backup or from a mirror";
  private static final int ROOT_BYTES_MAX = 512 << 10;

  private final Path folder;
  private final RepositoryStorage storage;

  /** The repository in this folder, which need not exist yet. */
  public static Repository at(Path folder) {
    return new Repository(folder, new DiskStorage(folder));
  }

  /** The same, but nothing that is written gets there: to see whether it would be. */
  public static Repository dry(Path folder) {
    return new Repository(folder, new DryStorage(new DiskStorage(folder)));
  }

  Repository(Path folder, RepositoryStorage storage) {
    this.folder = folder;
    this.storage = storage;
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  RepositoryStorage storage() {
    return storage;
  }

  /**
   * What is published, verified as a device does it; what has expired counts.
   *
   * @param trustedRoot a root that devices were flashed with
   * @return nothing if "init" was never finished here
   * @throws PublisherException {@code REPOSITORY_DAMAGED}, also if others signed it, or {@code
   *     STORAGE_FAILED}
   */
  public Optional<Published> published(byte[] trustedRoot) throws PublisherException {
    if (isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(Published.of(view(trustedRoot, Instant.EPOCH)));
  }

  /**
   * What is published, verified from the repository's own first root on: that shows that it is
   * whole, and not whose it is.
   *
   * @throws PublisherException as {@link #published(byte[])}
   */
  public Optional<Published> published() throws PublisherException {
    return isEmpty() ? Optional.empty() : published(firstRoot());
  }

  /**
   * The repository as a device sees it at this moment.
   *
   * @throws PublisherException {@code REPOSITORY_EXPIRED} or {@code REPOSITORY_DAMAGED} with the
   *     device's words, or {@code STORAGE_FAILED}
   */
  public DeviceView view(byte[] trustedRoot, Instant now) throws PublisherException {
    try {
      DeviceView view = DeviceView.of(trustedRoot, this::metadata, now);
      var unused = Published.of(view);
      return view;
    } catch (SutureException e) {
      if (e.getCause() instanceof IOException cause) {
        throw unreadable(METADATA, cause);
      }
      if (e.code() == FailureCode.METADATA_EXPIRED) {
        throw new PublisherException(
            Problem.REPOSITORY_EXPIRED,
            new Details(
                "read the repository as a device does",
                "metadata that holds at " + now,
                e.explanation(),
                folder().resolve(METADATA).toString(),
                "renew it: \"suture-publish refresh\" for timestamp and snapshot, with --targets or"
                    + " --root if it is one of these"),
            e);
      }
      throw damaged(
          "metadata that follows from the trusted root",
          e.code() + ", " + e.explanation(),
          METADATA,
          "use the --keys or the --trust-root that this repository was made with, or bring the files"
              + " back from your backup");
    } catch (IllegalArgumentException e) {
      throw damaged(
          "targets that this version can read",
          String.valueOf(e.getMessage()),
          METADATA,
          "use the newest suture-publish");
    }
  }

  /** The root that the repository began with. */
  public byte[] firstRoot() throws PublisherException {
    String path = METADATA + "/" + FIRST_ROOT;
    return read(path, ROOT_BYTES_MAX)
        .orElseThrow(() -> damaged("the first root", "no such file", path, RESTORE));
  }

  /** A root of the chain. */
  public byte[] root(long version) throws PublisherException {
    String path = METADATA + "/" + FileNames.metadata(version, RoleType.ROOT.word());
    return read(path, ROOT_BYTES_MAX)
        .orElseThrow(() -> damaged("root " + version, "no such file", path, RESTORE));
  }

  /** A file of metadata, for {@link DeviceView}. */
  public Optional<byte[]> metadata(String name, int bytesMax) throws IOException {
    return storage.read(METADATA + "/" + name, bytesMax);
  }

  /**
   * Whether there is no timestamp, and nothing that one stood for.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED} if there was one
   */
  private boolean isEmpty() throws PublisherException {
    try {
      if (metadata(TIMESTAMP, 0).isPresent()) {
        return false;
      }
      boolean begun =
          storage.list(METADATA).stream()
              .allMatch(name -> name.startsWith(".") || name.startsWith("1."));
      if (begun
          && storage.list(PAYLOADS).isEmpty()
          && storage.list(DurableFiles.folderOf(LevelEntry.TARGETS)).isEmpty()) {
        return true;
      }
    } catch (IOException e) {
      throw unreadable(METADATA, e);
    }
    throw damaged(
        "a timestamp",
        "metadata, targets or payloads without one",
        METADATA + "/" + TIMESTAMP,
        "bring it back from your backup or from a mirror: a new one would begin at version 1 again,"
            + " and devices never go back");
  }

  /**
   * The manifest that the metadata names, its digest checked.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED} or {@code STORAGE_FAILED}
   */
  public Manifest manifest(FileRef file) throws PublisherException {
    byte[] content = target(file, Manifest.BYTES_MAX);
    try {
      return ManifestCodec.decode(content);
    } catch (RejectedException e) {
      throw damaged(
          "a manifest that this version can read",
          e.explanation(),
          file.path(),
          "use the newest suture-publish");
    }
  }

  /**
   * A small file that signed data names, its digest checked.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED} or {@code STORAGE_FAILED}
   */
  public byte[] target(FileRef file, int bytesMax) throws PublisherException {
    byte[] content =
        read(file.path(), bytesMax)
            .orElseThrow(
                () ->
                    damaged(
                        "the file that the metadata names", "no such file", file.path(), RESTORE));
    Sha256 digest = Sha256.of(content);
    if (!digest.equals(file.sha256())) {
      throw damaged(file.sha256().brief(), digest.brief(), file.path(), RESTORE);
    }
    return content;
  }

  /** Where a file is that signed data names. */
  public Path file(FileRef file) {
    return folder.resolve(file.path());
  }

  private Optional<byte[]> read(String path, int bytesMax) throws PublisherException {
    try {
      Optional<byte[]> content = storage.read(path, bytesMax);
      if (content.isPresent() && content.get().length > bytesMax) {
        throw damaged("at most " + bytesMax + " bytes", "more", path, RESTORE);
      }
      return content;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** What is said when a file of it cannot be read. */
  public PublisherException unreadable(String path, IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "read the repository",
            "a readable file",
            InputFiles.describe(e),
            folder.resolve(path).toString(),
            "check --repository, the disk and the file's permissions"),
        e);
  }

  /** What a command says that needs what "init" makes. */
  public PublisherException empty(String attempted) {
    return new PublisherException(
        Problem.REPOSITORY_EMPTY,
        new Details(
            attempted,
            "a repository with metadata",
            "none",
            folder.resolve(METADATA).toString(),
            "make it with \"suture-publish init --keys DIR --repository DIR\", or correct"
                + " --repository"));
  }

  PublisherException damaged(String expected, String got, String path, String todo) {
    return new PublisherException(
        Problem.REPOSITORY_DAMAGED,
        new Details("read the repository", expected, got, folder.resolve(path).toString(), todo));
  }
}
