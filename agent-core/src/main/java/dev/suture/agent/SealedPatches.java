package dev.suture.agent;

import dev.suture.attempt.Patch;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.ReadableFile;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SealedPatch;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.store.PayloadCache;
import dev.suture.trust.seal.Unsealer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Patches that are spread before anybody can read them: fetched and kept as ciphertext, opened with
 * a key that comes in signed metadata, dropped when the metadata does not list them any more.
 */
final class SealedPatches {
  /** Where sealed files are. */
  static final String DIRECTORY = "sealed";

  private static final Logger LOG = LoggerFactory.getLogger(SealedPatches.class);
  private static final String OPENED = DIRECTORY + "/opened";

  /** Free space that sealed files leave to patches and to the rest of the device. */
  private static final long SPARE_BYTES = 16 << 20;

  private final DurableFiles files;
  private final Metadata metadata;
  private final Mirror mirror;
  private final PayloadCache cache;

  SealedPatches(DurableFiles files, PayloadCache cache, Metadata metadata, Mirror mirror) {
    this.files = files;
    this.cache = cache;
    this.metadata = metadata;
    this.mirror = mirror;
  }

  /** Whether a listed file is not here. */
  boolean isMissing() {
    try {
      for (SpreadFile sealed : metadata.sealed()) {
        if (!cache.has(sealed.file())) {
          return true;
        }
      }
    } catch (SutureException e) {
      LOG.warn("sealed files: {}", e.getMessage());
    }
    return false;
  }

  /** Fetches every listed file that is not here; durable on return. */
  void fetchMissing() throws SutureException {
    keepListed();
    for (SpreadFile sealed : metadata.sealed()) {
      if (!cache.has(sealed.file())) {
        requireSpace(sealed.file().bytes());
        mirror.fetch(sealed.file(), cache);
        LOG.info("a sealed file is here: {} bytes", sealed.file().bytes());
      }
    }
  }

  private void requireSpace(long bytes) throws DeviceException, RetryableException {
    FreeSpace.require("a sealed file", bytes + SPARE_BYTES, files.usableBytes());
  }

  /**
   * Drops what is not listed any more, and what was opened; durable on return. Metadata that is not
   * whole says of nothing that it is not listed.
   */
  void keepListed() throws DeviceException, RetryableException {
    mirror.withoutOpened();
    if (!metadata.isWhole()) {
      return;
    }
    Set<FileRef> listed = new HashSet<>();
    for (SpreadFile sealed : metadata.sealed()) {
      listed.add(sealed.file());
    }
    cache.keepOnly(listed);
  }

  /**
   * Opens the sealed file of a patch, if it has one that is here: from then on the mirror is not
   * asked for what is in it. A key that does not fit is said, and the mirror is asked.
   */
  void open(Patch patch) throws SutureException {
    Optional<SealedPatch> sealed = metadata.entry(patch).flatMap(LevelEntry::sealed);
    if (!sealed.isPresent() || mirror.hasOpened() || !cache.has(sealed.get().file())) {
      return;
    }
    try {
      requireSpace(sealed.get().plainBytes());
      unseal(sealed.get());
      mirror.opened(BundleFile.open(files, OPENED));
      LOG.info("{}: its sealed file is open", patch.title());
    } catch (RejectedException e) {
      LOG.error("{}: its sealed file stays closed: {}", patch.title(), e.getMessage());
      files.delete(OPENED);
    }
  }

  /** Its digest is compared again: what is opened is what was verified. */
  private void unseal(SealedPatch sealed) throws SutureException {
    long[] position = {0};
    try (ReadableFile closed = cache.open(sealed.file());
        WritableFile open = files.create(OPENED)) {
      Unsealer.open(
          new SealedFile(sealed.file(), sealed.plainBytes()),
          SealKey.ofHex(sealed.keyHex()),
          new ReadableFileStream(closed),
          (bytes, offset, length) -> {
            open.write(position[0], bytes, offset, length);
            position[0] += length;
          });
    } catch (IllegalArgumentException e) {
      throw new RejectedException(FailureCode.SEAL_INVALID, String.valueOf(e.getMessage()), e);
    }
  }
}
