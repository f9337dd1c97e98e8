package dev.suture.arm64.check;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the checks in a directory: executable regular files. They are run as root, or decide what a
 * root's program does, so nobody but root may have a hand in them.
 */
final class CheckDirectory {
  /** Most checks of a directory. */
  static final int CHECKS_MAX = 32;

  private static final int ROOT = 0;
  private static final int TYPE = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int PERMISSIONS = 07777;
  private static final int OTHERS_WRITE = 0022;
  private static final int EXECUTE = 0111;

  private final Path parent;
  private final Path path;
  private final String name;

  /** The directory of this name below {@code parent}. */
  CheckDirectory(Path parent, String name) {
    this.parent = parent;
    this.path = parent.resolve(name);
    this.name = name;
  }

  /**
   * A check, or something that stands in the place of checks.
   *
   * @param name the file's, behind that of its directory
   * @param file what would be run
   * @param refused why it must not be
   */
  record Found(String name, Path file, Optional<String> refused) {}

  private record Attributes(int owner, int mode) {
    boolean is(int type) {
      return (mode & TYPE) == type;
    }
  }

  /** In the order of their names; empty if there is no such directory. */
  List<Found> list() {
    try {
      for (Path directory : List.of(parent, path)) {
        Optional<Attributes> attributes = ifThere(directory);
        if (!attributes.isPresent()) {
          return List.of();
        }
        Optional<String> refusal = refusal(directory, attributes.get());
        if (refusal.isPresent()) {
          return List.of(refused(refusal.get()));
        }
      }
      return checks();
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(refused(path + ": expected a readable directory, got " + e));
    }
  }

  private Found refused(String why) {
    return new Found(name, path, Optional.of(why));
  }

  private List<Found> checks() throws IOException {
    List<Found> checks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        Attributes attributes = attributes(file);
        if (!attributes.is(REGULAR) || (attributes.mode() & EXECUTE) == 0) {
          continue;
        }
        if (checks.size() == CHECKS_MAX) {
          return List.of(refused(path + ": expected at most " + CHECKS_MAX + " checks, got more"));
        }
        checks.add(
            new Found(name + "/" + path.relativize(file), file, refusal("the check", attributes)));
      }
    }
    checks.sort(Comparator.comparing(Found::name));
    return checks;
  }

  private static Optional<Attributes> ifThere(Path directory) throws IOException {
    try {
      return Optional.of(attributes(directory));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> refusal(Path directory, Attributes attributes) {
    return attributes.is(DIRECTORY)
        ? refusal(directory.toString(), attributes)
        : Optional.of(directory + ": expected a directory, got something else");
  }

  private static Optional<String> refusal(String what, Attributes attributes) {
    if (attributes.owner() != ROOT) {
      return Optional.of(
          what + ": not run, expected root as its owner, got user " + attributes.owner());
    }
    int mode = attributes.mode() & PERMISSIONS;
    if ((mode & OTHERS_WRITE) != 0) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%s: not run, expected a mode in which only root may write, such as %04o, got %04o",
              what,
              mode & ~OTHERS_WRITE,
              mode));
    }
    return Optional.empty();
  }

  /** Of a link they are its own, not those of what it points to. */
  private static Attributes attributes(Path path) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    if (attributes.get("uid") instanceof Integer owner
        && attributes.get("mode") instanceof Integer mode) {
      return new Attributes(owner, mode);
    }
    throw new IOException("no owner and mode of a file on this system");
  }
}
