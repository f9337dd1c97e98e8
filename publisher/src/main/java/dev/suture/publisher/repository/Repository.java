package dev.suture.publisher.repository;

import dev.suture.protocol.Envelope;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.TrustRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A folder of static files that any mirror can serve:
 *
 * <pre>
 *   index.json                 signed envelope of the release index; the only file that is replaced
 *   manifests/SHA256.json      named by their digest; written once, never changed, never deleted
 *   payloads/SHA256.delta|zst  likewise
 * </pre>
 *
 * Files are durable before the index names them, and the index is replaced in one step. So at any
 * moment, power cuts included, the folder is what it was before a publication or what it is after
 * it; and a device that still reads an older index finds everything that it names.
 */
public final class Repository {
  /** Name of the signed index. */
  public static final String INDEX = "index.json";

  static final String MANIFESTS = "manifests";
  static final String PAYLOADS = "payloads";

  private final Path folder;
  private final RepositoryStorage storage;

  /** The repository in this folder, which need not exist yet. */
  public static Repository at(Path folder) {
    return new Repository(folder, new DiskStorage(folder));
  }

  Repository(Path folder, RepositoryStorage storage) {
    this.folder = folder;
    this.storage = storage;
  }

  Path folder() {
    return folder;
  }

  RepositoryStorage storage() {
    return storage;
  }

  /**
   * The published index, its signature not checked.
   *
   * @return nothing if nothing was ever published here
   * @throws PublisherException {@code REPOSITORY_DAMAGED} or {@code STORAGE_FAILED}
   */
  public Optional<ReleaseIndex> unverifiedIndex() throws PublisherException {
    Optional<Envelope> envelope = envelope();
    return envelope.isPresent() ? Optional.of(decode(envelope.get())) : Optional.empty();
  }

  /**
   * The published index, signed by these keys.
   *
   * @return nothing if nothing was ever published here
   * @throws PublisherException {@code REPOSITORY_DAMAGED}, also if others signed it, or {@code
   *     STORAGE_FAILED}
   */
  public Optional<ReleaseIndex> index(TrustRoot trustRoot) throws PublisherException {
    Optional<Envelope> envelope = envelope();
    if (envelope.isEmpty()) {
      return Optional.empty();
    }
    if (!trustRoot.accepts(envelope.get())) {
      throw damaged(
          "an index signed by " + trustRoot.keys().get(0).keyId().brief(),
          signers(envelope.get()),
          INDEX,
          "use the --keys that this repository was published with, or bring the index back from"
              + " your backup");
    }
    return Optional.of(decode(envelope.get()));
  }

  /**
   * The manifest that an index names, its digest checked.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED} or {@code STORAGE_FAILED}
   */
  public Manifest manifest(FileRef file) throws PublisherException {
    byte[] content =
        read(file.path(), Manifest.BYTES_MAX)
            .orElseThrow(
                () ->
                    damaged(
                        "the manifest that the index names",
                        "no such file",
                        file.path(),
                        "bring the file back from your backup or from a mirror"));
    Sha256 digest = Sha256.of(content);
    if (!digest.equals(file.sha256())) {
      throw damaged(
          "the manifest " + file.sha256().brief(),
          digest.brief(),
          file.path(),
          "bring the file back from your backup or from a mirror");
    }
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

  /** Where a file is that signed data names. */
  public Path file(FileRef file) {
    return folder.resolve(file.path());
  }

  private Optional<Envelope> envelope() throws PublisherException {
    Optional<byte[]> content = read(INDEX, Envelope.BYTES_MAX);
    if (content.isEmpty()) {
      if (hasFiles(MANIFESTS) || hasFiles(PAYLOADS)) {
        // A new repository gets an index before anything else, so this one had one.
        throw damaged(
            "an index",
            "manifests or payloads without one",
            INDEX,
            "bring the index back from your backup or from a mirror: a new one would begin at"
                + " version 1 again, and devices never go back");
      }
      return Optional.empty();
    }
    try {
      return Optional.of(Envelope.decode(content.get()));
    } catch (RejectedException e) {
      throw damaged(
          "a signed index",
          e.explanation(),
          INDEX,
          "bring the index back from your backup or from a mirror");
    }
  }

  private ReleaseIndex decode(Envelope envelope) throws PublisherException {
    if (!envelope.payloadType().equals(Envelope.INDEX_TYPE)) {
      throw damaged(
          Envelope.INDEX_TYPE,
          "a document of another type",
          INDEX,
          "bring the index back from your backup or from a mirror");
    }
    try {
      return ReleaseIndex.decode(envelope.payload());
    } catch (RejectedException e) {
      throw damaged(
          "a release index",
          e.explanation(),
          INDEX,
          "bring the index back from your backup or from a mirror");
    }
  }

  private static String signers(Envelope envelope) {
    if (envelope.signatures().isEmpty()) {
      return "one without signatures";
    }
    return "no valid signature of it (signed by "
        + envelope.signatures().get(0).keyId().brief()
        + ")";
  }

  private Optional<byte[]> read(String path, int bytesMax) throws PublisherException {
    try {
      Optional<byte[]> content = storage.read(path, bytesMax);
      if (content.isPresent() && content.get().length > bytesMax) {
        throw damaged(
            "at most " + bytesMax + " bytes", "more", path, "bring the file back from your backup");
      }
      return content;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private boolean hasFiles(String directory) throws PublisherException {
    try {
      return storage.hasFiles(directory);
    } catch (IOException e) {
      throw unreadable(directory, e);
    }
  }

  private PublisherException unreadable(String path, IOException e) {
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

  PublisherException damaged(String expected, String got, String path, String todo) {
    return new PublisherException(
        Problem.REPOSITORY_DAMAGED,
        new Details("read the repository", expected, got, folder.resolve(path).toString(), todo));
  }
}
