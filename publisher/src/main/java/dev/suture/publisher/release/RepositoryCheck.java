package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SealedPatch;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.device.ManifestCheck;
import dev.suture.publisher.device.SealedCheck;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at all of a repository as devices would: metadata, manifests, payloads, statements. */
public final class RepositoryCheck {
  private final Repository repository;
  private final Authority authority;
  private final Progress progress;
  private final Set<FileRef> checked = new HashSet<>();

  /**
   * A check.
   *
   * @param authority whose root and clock count; nothing is signed
   */
  public RepositoryCheck(Repository repository, Authority authority, Progress progress) {
    this.repository = repository;
    this.authority = authority;
    this.progress = progress;
  }

  /**
   * What was looked at.
   *
   * @param published the metadata
   * @param levels how many manifests
   * @param files how many payloads and sealed files
   */
  public record Report(Published published, int levels, int files) {}

  /**
   * Looks at everything; ends with the first fault.
   *
   * @throws PublisherException {@code REPOSITORY_DAMAGED}, {@code REPOSITORY_EXPIRED}, {@code
   *     REPOSITORY_EMPTY}, {@code SELF_CHECK_FAILED}, {@code VENDOR_DISAGREES}, {@code
   *     STORAGE_FAILED}
   */
  public Report check() throws PublisherException {
    Published published =
        repository
            .published(authority.trustedRoot())
            .orElseThrow(() -> repository.empty("check the repository"));
    // Once more, with the eyes of a device that knows what time it is.
    var unused = repository.view(authority.trustedRoot(), authority.clock().instant());
    progress.line(
        "metadata: root "
            + published.root().signed().version()
            + ", timestamp "
            + published.version()
            + ", a device believes it");
    Vendors vendors = Vendors.of(repository, authority, published);
    for (LevelEntry level : published.levels()) {
      check(published, level, vendors);
    }
    for (SpreadFile sealed : published.sealed()) {
      check(sealed.file());
      progress.line("sealed file for " + sealed.baseline() + ": its digest is right");
    }
    return new Report(published, published.levels().size(), checked.size());
  }

  /**
   * Looks at what targets that are not published yet name and the published ones do not: perhaps
   * days have gone by since its files were added.
   *
   * @return how many files
   * @throws PublisherException as {@link #check()}, and {@code INPUT_MALFORMED} if a target is a
   *     level or a sealed file, but malformed
   */
  int checkNew(Published before, TargetsMetadata next) throws PublisherException {
    Published would;
    List<FileRef> added = new ArrayList<>();
    try {
      would = before.with(next);
      for (Map.Entry<String, TargetFile> target : next.targets().entrySet()) {
        TargetFile known = before.targets().targets().get(target.getKey());
        TargetFile file = target.getValue();
        if (known == null
            || known.length() != file.length()
            || !known.hashes().equals(file.hashes())) {
          added.add(LevelEntry.reference(target.getKey(), file, true));
        }
      }
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "read targets " + next.signed().version() + ", which were signed elsewhere",
              "targets that this version can read",
              String.valueOf(e.getMessage()),
              "the request",
              "use the suture-publish that made the request"),
          e);
    }
    for (FileRef file : added) {
      check(file);
    }
    Vendors vendors = Vendors.of(repository, authority, would);
    for (LevelEntry level : would.levels()) {
      if (added.contains(level.manifest())) {
        check(would, level, vendors);
      }
    }
    return checked.size();
  }

  private void check(Published published, LevelEntry level, Vendors vendors)
      throws PublisherException {
    Manifest manifest = repository.manifest(level.manifest());
    byte[] content = repository.target(level.manifest(), Manifest.BYTES_MAX);
    Map<ComponentName, Sha256> bases = new HashMap<>();
    manifest.components().forEach(one -> bases.put(one.name(), one.baseSha256()));
    try {
      if (!manifest.level().equals(level.level())
          || !manifest.model().equals(level.model())
          || !manifest.baseline().equals(level.baseline())) {
        throw new IllegalArgumentException(
            "the manifest of " + manifest.title() + " for " + manifest.model());
      }
      ManifestCheck.check(content, level.manifest(), manifest, bases);
    } catch (SutureException e) {
      throw refused(level, e.code() + ", " + e.explanation());
    } catch (IllegalArgumentException e) {
      throw refused(level, String.valueOf(e.getMessage()));
    }
    if (level.withdrawal().isEmpty()) {
      vendors.check(manifest);
    }
    for (PatchComponent component : manifest.components()) {
      for (Payload payload : component.payloads()) {
        check(payload.file());
      }
    }
    if (level.sealed().isPresent()) {
      checkKey(published, level, level.sealed().get());
    }
    progress.line(level.title() + " for " + level.model() + ": manifest and payloads are right");
  }

  /** The key that is out opens the sealed file, as long as that is listed. */
  private void checkKey(Published published, LevelEntry level, SealedPatch sealed)
      throws PublisherException {
    String path = sealed.file().path();
    TargetFile listed = published.targets().targets().get(path);
    if (listed == null) {
      return;
    }
    FileRef file = LevelEntry.reference(path, listed, true);
    check(file);
    try {
      SealedCheck.open(
          repository.file(file),
          new SealedFile(sealed.file(), sealed.plainBytes()),
          SealKey.ofHex(sealed.keyHex()),
          OutputStream.nullOutputStream());
    } catch (SutureException e) {
      throw refused(level, e.code() + ", " + e.explanation());
    } catch (IllegalArgumentException e) {
      throw refused(level, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw repository.unreadable(file.path(), e);
    }
  }

  private static PublisherException refused(LevelEntry level, String got) {
    return new PublisherException(
        Problem.SELF_CHECK_FAILED,
        new Details(
            "read the manifest of " + level.title() + " as a device does",
            "the patch that the metadata says",
            got,
            level.manifest().path(),
            "withdraw this level and publish the patch under the next letter"));
  }

  private void check(FileRef file) throws PublisherException {
    if (!checked.add(file)) {
      return;
    }
    Path path = repository.file(file);
    MessageDigest digest = Sha256.newDigest();
    String got;
    try (InputStream in = new DigestInputStream(Files.newInputStream(path), digest)) {
      long bytes = in.transferTo(OutputStream.nullOutputStream());
      Sha256 sha256 = Sha256.ofBytes(digest.digest());
      if (bytes == file.bytes() && sha256.equals(file.sha256())) {
        return;
      }
      got = sha256.brief() + " (" + bytes + " bytes)";
    } catch (IOException e) {
      got = InputFiles.describe(e);
    }
    throw new PublisherException(
        Problem.REPOSITORY_DAMAGED,
        new Details(
            "check a file that signed data names",
            file.sha256().brief() + " (" + file.bytes() + " bytes)",
            got,
            path.toString(),
            "bring the file back from your backup or from a mirror"));
  }
}
