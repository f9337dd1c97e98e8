package dev.suture.durable;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;

/** The one way to replace a small file: write aside, sync, rename, sync the directory. */
public final class AtomicFiles {
  /**
   * Ending of files that are being written; whatever has it after a start is left over and
   * worthless.
   */
  public static final String ASIDE = ".new";

  private AtomicFiles() {}

  /**
   * Replaces a file. On return the new content is durable under its name; if power fails inside,
   * the old content or the new is there, never a mixture.
   *
   * @param path path of the file; its directory exists
   */
  public static void replace(DurableFiles files, String path, byte[] content)
      throws DeviceException, RetryableException {
    String aside = path + ASIDE;
    try (WritableFile file = files.create(aside)) {
      file.write(0, content, 0, content.length);
      file.sync();
    }
    files.rename(aside, path);
    files.syncDirectory(directoryOf(path));
  }

  /** The directory part of a path; empty for the root. */
  public static String directoryOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }
}
