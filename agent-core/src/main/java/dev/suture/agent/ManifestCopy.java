package dev.suture.agent;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.Manifest;

/** The manifest of the attempt under way, byte for byte; verified again whenever it is used. */
final class ManifestCopy {
  static final String DIRECTORY = "attempt";

  private static final String FILE = DIRECTORY + "/manifest.json";

  private final DurableFiles files;

  ManifestCopy(DurableFiles files) {
    this.files = files;
  }

  /** Replaces the copy. Durable on return. */
  void store(byte[] manifest) throws DeviceException, RetryableException {
    AtomicFiles.replace(files, FILE, manifest);
  }

  /**
   * The copy.
   *
   * @throws RetryableException {@code MANIFEST_DIGEST_MISMATCH} if it is gone
   */
  byte[] load() throws DeviceException, RetryableException {
    return files
        .read(FILE, Manifest.BYTES_MAX)
        .orElseThrow(
            () ->
                new RetryableException(
                    FailureCode.MANIFEST_DIGEST_MISMATCH,
                    "manifest copy: expected " + FILE + ", it is gone"));
  }
}
