package dev.suture.arm64.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a file or directory is, and whether nobody but root has a hand in it. Of a link these are
 * its own, not those of what it points to.
 *
 * @param owner number of the user
 * @param mode type and permissions, as in {@code stat(2)}
 */
public record RootOnly(int owner, int mode) {
  private static final int ROOT = 0;
  private static final int TYPE = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int PERMISSIONS = 07777;
  private static final int OTHERS_WRITE = 0022;
  private static final int EXECUTE = 0111;

  /**
   * Looks.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   * @throws IOException if it cannot be looked at
   */
  public static RootOnly of(Path path) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    if (attributes.get("uid") instanceof Integer owner
        && attributes.get("mode") instanceof Integer mode) {
      return new RootOnly(owner, mode);
    }
    throw new IOException("no owner and mode of a file on this system");
  }

  /** Whether it is a regular file. */
  public boolean isRegular() {
    return (mode & TYPE) == REGULAR;
  }

  /** Whether somebody may execute it. */
  public boolean isExecutable() {
    return (mode & EXECUTE) != 0;
  }

  /** Why it must not be trusted as a directory, if so: what was expected, and what it is. */
  public Optional<String> directoryRefusal() {
    return (mode & TYPE) == DIRECTORY
        ? refusal()
        : Optional.of("expected a directory, got something else");
  }

  /** Why it must not be trusted, if so: what was expected, and what it is. */
  public Optional<String> refusal() {
    if (owner != ROOT) {
      return Optional.of("expected root as its owner, got user " + owner);
    }
    int permissions = mode & PERMISSIONS;
    if ((permissions & OTHERS_WRITE) != 0) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "expected a mode in which only root may write, such as %04o, got %04o",
              permissions & ~OTHERS_WRITE,
              permissions));
    }
    return Optional.empty();
  }
}
