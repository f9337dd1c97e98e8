package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.Rollout;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.bundle.BundleReader;
import dev.suture.publisher.device.ManifestCheck;
import dev.suture.publisher.device.SealedCheck;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.LevelRules;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.seal.SealKeyFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Publishes a level that was spread in a sealed file, and the key that opens it. */
public final class Opener {
  private final Repository repository;
  private final Authority authority;
  private final Path workParent;
  private final Progress progress;

  /**
   * A publisher at work.
   *
   * @param workParent folder for a work folder, which is removed in the end
   * @param progress takes lines for people
   */
  public Opener(Repository repository, Authority authority, Path workParent, Progress progress) {
    this.repository = repository;
    this.authority = authority;
    this.workParent = workParent;
    this.progress = progress;
  }

  /**
   * What was published.
   *
   * @param manifest the patch
   * @param entry what the metadata says of it
   * @param version of the timestamp that stands for it
   * @param warnings what a person should look at
   */
  public record Report(Manifest manifest, LevelEntry entry, long version, List<String> warnings) {
    /** Copies the list. */
    public Report {
      warnings = List.copyOf(warnings);
    }
  }

  /** What was in a sealed file. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Inside(Manifest manifest, byte[] encoded, Map<FileRef, Path> payloads) {}

  /**
   * Opens the sealed file, checks what is in it as a release does, and publishes it; durable on
   * return. If power fails inside, or an exception is thrown, nothing is published. The sealed file
   * stays listed: who does not have it yet may still fetch it.
   *
   * @param rollout who may install it; everybody if it is not said
   * @throws PublisherException {@code SEALED_UNKNOWN} if it was taken back, {@code KEYS_MALFORMED}
   *     if the key does not open it, and as {@link Releaser#release}
   */
  public Report open(SealKeyFile key, Optional<Rollout> rollout) throws PublisherException {
    Published published =
        repository
            .published(authority.trustedRoot())
            .orElseThrow(() -> repository.empty("open " + key.title()));
    check(published, key);
    authority.rehearse(published, RoleType.TARGETS);
    try (WorkFolder work = WorkFolder.make(workParent, progress)) {
      Inside inside = inside(key, published, work.path());
      progress.line(key.title() + ": the sealed file is open, manifest and payloads are right");
      try (Publication publication =
          Publication.begin(repository, authority, Publication.WAIT_MAX)) {
        Published before = publication.published();
        check(before, key);
        List<String> warnings =
            Predecessor.find(repository, before, key.baseline(), key.model())
                .check(inside.manifest());
        Vendors.of(repository, authority, before).check(inside.manifest());
        for (Map.Entry<FileRef, Path> payload : inside.payloads().entrySet()) {
          publication.addPayload(payload.getKey(), payload.getValue());
        }
        String path = LevelEntry.path(key.model(), key.baseline(), key.level());
        publication.addTarget(path, inside.encoded());
        LevelEntry entry =
            new LevelEntry(
                key.model(),
                key.baseline(),
                key.level(),
                key.manifest(),
                Optional.empty(),
                rollout,
                Optional.of(key.released()));
        Published after = publication.publish(entry);
        progress.line(key.title() + ": published, timestamp version " + after.version());
        return new Report(inside.manifest(), entry, after.version(), warnings);
      }
    }
  }

  private static void check(Published published, SealKeyFile key) throws PublisherException {
    LevelRules.checkNew(published, key.baseline(), key.model(), key.level());
    FileRef sealed = key.sealed().file();
    TargetFile listed = LevelRules.checkListed(published, "open", sealed.path());
    FileRef there = LevelEntry.reference(sealed.path(), listed, true);
    if (there.bytes() != sealed.bytes() || !there.sha256().equals(sealed.sha256())) {
      throw malformed(
          key, there.sha256().brief() + " (" + there.bytes() + " bytes)", sealed.path());
    }
  }

  private static PublisherException malformed(SealKeyFile key, String got, String where) {
    return new PublisherException(
        Problem.KEYS_MALFORMED,
        new Details(
            "open " + key.title() + " for " + key.model(),
            "the sealed file that --seal-key is of, "
                + key.sealed().file().sha256().brief()
                + ", with "
                + key.title()
                + " in it",
            got,
            where,
            "use the --seal-key file that \"release --sealed\" wrote for it, unchanged"));
  }

  private Inside inside(SealKeyFile key, Published published, Path work) throws PublisherException {
    FileRef sealed = key.sealed().file();
    TargetFile listed = LevelRules.checkListed(published, "open", sealed.path());
    Path file = repository.file(LevelEntry.reference(sealed.path(), listed, true));
    requireWhole(file, sealed);
    Path plain = work.resolve("bundle");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(plain))) {
        SealedCheck.open(file, key.sealed(), key.key(), out);
      }
      try (BundleReader bundle = BundleReader.open(plain)) {
        return inside(key, bundle, work);
      }
    } catch (SutureException e) {
      throw malformed(key, e.code() + ", " + e.explanation(), sealed.path());
    } catch (IllegalArgumentException e) {
      throw malformed(key, String.valueOf(e.getMessage()), sealed.path());
    } catch (IOException e) {
      throw WorkFolder.storage(work, e);
    }
  }

  private void requireWhole(Path file, FileRef sealed) throws PublisherException {
    String got;
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), Sha256.newDigest())) {
      in.transferTo(OutputStream.nullOutputStream());
      Sha256 digest = Sha256.ofBytes(in.getMessageDigest().digest());
      if (digest.equals(sealed.sha256())) {
        return;
      }
      got = digest.brief();
    } catch (IOException e) {
      got = InputFiles.describe(e);
    }
    throw new PublisherException(
        Problem.REPOSITORY_DAMAGED,
        new Details(
            "read a sealed file",
            sealed.sha256().brief(),
            got,
            file.toString(),
            "bring the file back from your backup or from a mirror"));
  }

  private static Inside inside(SealKeyFile key, BundleReader bundle, Path work)
      throws PublisherException, SutureException, IOException {
    byte[] encoded = bundle.read(key.manifest().path(), Manifest.BYTES_MAX);
    Manifest manifest = ManifestCodec.decode(encoded);
    if (!manifest.baseline().equals(key.baseline())
        || !manifest.model().equals(key.model())
        || !manifest.level().equals(key.level())) {
      throw new IllegalArgumentException(manifest.title() + " for " + manifest.model());
    }
    Map<ComponentName, Sha256> bases = new HashMap<>();
    manifest.components().forEach(one -> bases.put(one.name(), one.baseSha256()));
    ManifestCheck.check(encoded, key.manifest(), manifest, bases);
    Map<FileRef, Path> payloads = new LinkedHashMap<>();
    List<String> expected = new ArrayList<>(List.of(key.manifest().path()));
    for (PatchComponent component : manifest.components()) {
      for (Payload payload : component.payloads()) {
        FileRef file = payload.file();
        if (!bundle.digest(file.path()).equals(file.sha256())) {
          throw new IllegalArgumentException(file.path() + ": another digest");
        }
        Path content = work.resolve(component.name() + "." + payload.kind().word());
        try (OutputStream out = Files.newOutputStream(content)) {
          bundle.copy(file.path(), out);
        }
        payloads.put(file, content);
        expected.add(file.path());
      }
    }
    if (!expected.containsAll(bundle.names())) {
      throw new IllegalArgumentException("files that the manifest does not name");
    }
    return new Inside(manifest, encoded, payloads);
  }
}
