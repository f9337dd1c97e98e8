package dev.suture.publisher.release;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.bundle.BundleFiles;
import dev.suture.publisher.device.SealedCheck;
import dev.suture.publisher.release.PayloadWorkshop.Finished;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.seal.SealKeyFile;
import dev.suture.publisher.seal.Sealer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * A level in a sealed file: a bundle of its manifest and payloads, under the names that they will
 * have on the mirror. The file's own name is random, so that it says nothing, and its path is
 * authenticated with it.
 *
 * @param key what opens it
 * @param name last part of its path
 * @param file the sealed bytes, in the work folder
 */
record SealedRelease(SealKeyFile key, String name, Path file) {
  private static final int NAME_BYTES = 16;
  private static final String ENDING = ".sealed";

  /**
   * Seals a level, and opens it again with the device's own code.
   *
   * @throws PublisherException {@code STORAGE_FAILED}, {@code SELF_CHECK_FAILED}, {@code
   *     INPUT_MALFORMED} if it is longer than devices read
   */
  static SealedRelease make(Manifest manifest, byte[] encoded, List<Finished> finished, Path work)
      throws PublisherException {
    byte[] random = new byte[NAME_BYTES];
    new SecureRandom().nextBytes(random);
    String name = HexFormat.of().formatHex(random) + ENDING;
    String path = LevelEntry.path(manifest.model(), manifest.baseline(), manifest.level());
    TargetFile target = Publication.targetFile(encoded);
    BundleFiles files = new BundleFiles();
    files.add(LevelEntry.reference(path, target, true).path(), encoded);
    for (Finished component : finished) {
      files.add(component.delta().payload().file(), component.delta().content());
      files.add(component.full().payload().file(), component.full().content());
    }
    Path plain = work.resolve("bundle");
    files.write(plain);
    Path file = work.resolve("bundle" + ENDING);
    Sealer.Sealed sealed =
        Sealer.seal(plain, SpreadFile.path(manifest.model(), manifest.baseline(), name), file);
    SealKeyFile key =
        new SealKeyFile(
            manifest.model(),
            manifest.baseline(),
            manifest.level(),
            LevelEntry.reference(path, target, true),
            sealed.file(),
            sealed.key());
    selfCheck(file, key, plain, work.resolve("opened"));
    return new SealedRelease(key, name, file);
  }

  private static void selfCheck(Path file, SealKeyFile key, Path plain, Path opened)
      throws PublisherException {
    String got;
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(opened))) {
        SealedCheck.open(file, key.sealed(), key.key(), out);
      }
      if (Files.mismatch(plain, opened) < 0) {
        return;
      }
      got = "other bytes";
    } catch (SutureException e) {
      got = e.code() + ", " + e.explanation();
    } catch (IOException e) {
      throw WorkFolder.storage(opened, e);
    }
    throw new PublisherException(
        Problem.SELF_CHECK_FAILED,
        new Details(
            "open the sealed file as a device does",
            "what was sealed",
            got,
            file.toString(),
            "something else wrote to the work folder: run the command again; nothing was"
                + " published"));
  }

  /**
   * Lists the sealed file; before that, the key is durable. Durable on return.
   *
   * @param dryRun whether the key is not written
   */
  Published publish(Publication publication, Path keyFile, boolean dryRun)
      throws PublisherException {
    Sha256 sha256 = key.sealed().file().sha256();
    TargetFile listed = publication.addTarget(key.sealed().file().path(), sha256, file);
    if (!dryRun) {
      key.store(keyFile);
    }
    return publication.spread(key.model(), key.baseline(), name, listed);
  }
}
