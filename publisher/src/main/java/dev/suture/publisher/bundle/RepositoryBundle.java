package dev.suture.publisher.bundle;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.device.DeviceView;
import dev.suture.publisher.repository.LevelRules;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What one device without a network needs: all metadata, and the files of one level. */
public final class RepositoryBundle {
  private static final int METADATA_BYTES_MAX = 5_000_000;

  private final BundleFiles files;
  private final Published published;
  private final Optional<LevelEntry> level;

  private RepositoryBundle(BundleFiles files, Published published, Optional<LevelEntry> level) {
    this.files = files;
    this.published = published;
    this.level = level;
  }

  /**
   * Which level.
   *
   * @param level the newest one that is not withdrawn if it is not said
   * @param full whether full payloads go with the deltas
   */
  public record Choice(Baseline baseline, String model, Optional<Level> level, boolean full) {}

  /**
   * Chooses the files, and reads the metadata among them as a device does.
   *
   * @param trustedRoot a root that devices were flashed with; they have it, so only later ones are
   *     in the bundle
   * @param now what has expired by then is refused
   * @throws PublisherException {@code REPOSITORY_EMPTY}, {@code REPOSITORY_DAMAGED}, {@code
   *     SELF_CHECK_FAILED} if devices would refuse the metadata, {@code LEVEL_UNKNOWN}, {@code
   *     LEVEL_WITHDRAWN}, {@code STORAGE_FAILED}
   */
  public static RepositoryBundle of(
      Repository repository, byte[] trustedRoot, Choice choice, Instant now)
      throws PublisherException {
    if (repository.published(trustedRoot).isEmpty()) {
      throw repository.empty("make a bundle");
    }
    // Read once: a timestamp that is replaced meanwhile does not mix with what is read already.
    Map<String, byte[]> metadata = new TreeMap<>();
    Published published = readAsDevice(repository, trustedRoot, now, metadata);
    for (Map.Entry<String, MetaFile> role : published.snapshot().roles().entrySet()) {
      String name = FileNames.metadata(role.getValue().version(), role.getKey());
      if (!metadata.containsKey(name)) {
        metadata.put(name, file(repository, name));
      }
    }
    BundleFiles files = new BundleFiles();
    metadata.forEach((name, content) -> files.add(Repository.METADATA + "/" + name, content));
    Optional<LevelEntry> level = level(published, choice);
    if (level.isPresent()) {
      add(repository, level.get(), choice.full(), files);
    }
    return new RepositoryBundle(files, published, level);
  }

  private static Published readAsDevice(
      Repository repository, byte[] trustedRoot, Instant now, Map<String, byte[]> read)
      throws PublisherException {
    try {
      return Published.of(
          DeviceView.of(
              trustedRoot,
              (name, bytesMax) -> {
                Optional<byte[]> content = repository.metadata(name, bytesMax);
                content.ifPresent(bytes -> read.put(name, bytes));
                return content;
              },
              now));
    } catch (SutureException e) {
      throw new PublisherException(
          Problem.SELF_CHECK_FAILED,
          new Details(
              "read the metadata as a device does",
              "metadata that it believes at this moment",
              e.code() + ", " + e.explanation(),
              Repository.METADATA,
              "if it has expired, run \"suture-publish refresh\" first; otherwise look with"
                  + " \"suture-publish verify\""),
          e);
    }
  }

  private static byte[] file(Repository repository, String name) throws PublisherException {
    try {
      return repository
          .metadata(name, METADATA_BYTES_MAX)
          .orElseThrow(() -> missing(name, "no such file"));
    } catch (IOException e) {
      throw missing(name, InputFiles.describe(e));
    }
  }

  private static PublisherException missing(String name, String got) {
    return new PublisherException(
        Problem.REPOSITORY_DAMAGED,
        new Details(
            "make a bundle",
            "all metadata that the snapshot names",
            got,
            Repository.METADATA + "/" + name,
            "bring the file back from your backup or from a mirror"));
  }

  private static Optional<LevelEntry> level(Published published, Choice choice)
      throws PublisherException {
    if (choice.level().isPresent()) {
      return Optional.of(
          LevelRules.checkPublished(
              published, "bundle", choice.baseline(), choice.model(), choice.level().get()));
    }
    boolean known =
        published.levels().stream()
            .anyMatch(
                entry ->
                    entry.model().equals(choice.model())
                        && entry.baseline().equals(choice.baseline()));
    if (!known) {
      throw new PublisherException(
          Problem.LEVEL_UNKNOWN,
          new Details(
              "bundle the newest level of " + choice.baseline() + " for " + choice.model(),
              "a published level",
              "none of this baseline and model",
              "targets, version " + published.targets().signed().version(),
              "see what is published: suture-publish status --repository DIR"));
    }
    return published.newest(choice.model(), choice.baseline());
  }

  private static void add(Repository repository, LevelEntry level, boolean full, BundleFiles files)
      throws PublisherException {
    Manifest manifest = repository.manifest(level.manifest());
    files.add(level.manifest().path(), repository.target(level.manifest(), Manifest.BYTES_MAX));
    for (PatchComponent component : manifest.components()) {
      for (Payload payload : component.payloads()) {
        if (full || payload.kind() != Payload.Kind.FULL) {
          files.add(payload.file(), repository.file(payload.file()));
        }
      }
    }
  }

  /** What the metadata in it says. */
  public Published published() {
    return published;
  }

  /** The level in it; none if all levels are withdrawn, and the bundle only says so. */
  public Optional<LevelEntry> level() {
    return level;
  }

  /** What is in it. */
  public BundleFiles files() {
    return files;
  }

  /**
   * Writes it: aside, synced, read again, and renamed in one step. Durable on return. If power
   * fails inside, the name has what it had before, or the whole bundle; what is left beside it goes
   * away with a call an hour later.
   *
   * @param replace whether a file of that name may be replaced
   * @return its length in bytes
   * @throws PublisherException {@code FILE_EXISTS}, {@code STORAGE_FAILED}, {@code
   *     REPOSITORY_DAMAGED} if a payload or manifest is not what signed data says
   */
  public long write(Path out, boolean replace) throws PublisherException {
    requireFree(out, replace);
    try {
      // A stick has no space to give away.
      NewFile.removeAside(out, Clock.systemUTC());
      // No links and no permissions: a stick's file system may have neither.
      return NewFile.replace(
          out,
          aside -> {
            long bytes = files.write(aside);
            requireFree(out, replace); // Another run may have written it meanwhile.
            return bytes;
          });
    } catch (IOException e) {
      throw storage(out, InputFiles.describe(e), e);
    }
  }

  /**
   * Whether {@link #write} may write there.
   *
   * @throws PublisherException {@code FILE_EXISTS}
   */
  public static void requireFree(Path out, boolean replace) throws PublisherException {
    if (!replace && Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new PublisherException(
          Problem.FILE_EXISTS,
          new Details(
              "write a bundle",
              "a name that is free",
              "a file",
              out.toString(),
              "choose another --out, or say --replace"));
    }
  }

  private static PublisherException storage(Path out, String got, @Nullable Throwable cause) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "write a bundle",
            "a folder that can be written to",
            got,
            out.toString(),
            "check --out and the disk, then run the command again"),
        cause);
  }
}
