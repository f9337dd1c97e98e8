package dev.suture.trustcli;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.NioFiles;
import dev.suture.durable.ReadableFile;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.TargetFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Delivered files as files of one folder, under their percent-encoded paths. A file has its name
 * only once it is whole, verified and durable.
 */
final class TargetFolder {
  private static final int CHUNK_BYTES = 16 * 1024;

  private final DurableFiles files;

  /** An existing folder. */
  TargetFolder(Path folder) {
    this.files = new NioFiles(folder);
  }

  /**
   * Brings a file there, unless it is there already.
   *
   * @throws RejectedException {@code PAYLOAD_DIGEST_MISMATCH} or {@code METADATA_TOO_LARGE}: the
   *     mirror has other bytes than were signed; nothing has the name then that had it not before
   */
  void deliver(String path, TargetFile file, HttpMirror mirror, boolean consistentSnapshot)
      throws SutureException {
    String name = FileNames.encoded(path);
    if (isThere(name, file)) {
      return;
    }
    String aside = name + AtomicFiles.ASIDE;
    try {
      Hashes.Check check = file.hashes().check();
      try (WritableFile target = files.create(aside)) {
        long[] position = {0};
        boolean isFound =
            mirror.fetch(
                FileNames.target(path, file, consistentSnapshot),
                file.length(),
                (buffer, offset, length) -> {
                  check.update(buffer, offset, length);
                  target.write(position[0], buffer, offset, length);
                  position[0] += length;
                });
        if (!isFound) {
          throw new RetryableException(
              FailureCode.SERVER_NOT_FOUND, path + ": expected a file, got none");
        }
        requireAll(path, file, position[0], check);
        target.sync();
      }
      files.rename(aside, name);
    } finally {
      files.delete(aside);
      files.syncDirectory("");
    }
  }

  private static void requireAll(String path, TargetFile file, long got, Hashes.Check check)
      throws RejectedException {
    Optional<String> complaint =
        got == file.length()
            ? check.complaint()
            : Optional.of("length: expected " + file.length() + " bytes, got " + got);
    if (complaint.isPresent()) {
      throw new RejectedException(
          FailureCode.PAYLOAD_DIGEST_MISMATCH, path + " " + complaint.get());
    }
  }

  private boolean isThere(String name, TargetFile file) throws SutureException {
    if (files.size(name) != file.length()) {
      return false;
    }
    Hashes.Check check = file.hashes().check();
    byte[] chunk = new byte[CHUNK_BYTES];
    try (ReadableFile existing = files.open(name)) {
      for (long at = 0; at < file.length(); ) {
        int length = existing.read(at, chunk, 0, (int) Math.min(chunk.length, file.length() - at));
        if (length <= 0) {
          return false;
        }
        check.update(chunk, 0, length);
        at += length;
      }
    }
    return !check.complaint().isPresent();
  }
}
