package dev.suture.arm64.check;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds the checks in a directory: executable regular files. They are run as root, or decide what a
 * root's program does, so nobody but root may have a hand in them.
 */
final class CheckDirectory {
  /** Most checks of a directory. */
  static final int CHECKS_MAX = 32;

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

  /** In the order of their names; empty if there is no such directory. */
  List<Found> list() {
    try {
      for (Path directory : List.of(parent, path)) {
        Optional<RootOnly> attributes = ifThere(directory);
        if (!attributes.isPresent()) {
          return List.of();
        }
        Optional<String> refusal = attributes.get().directoryRefusal();
        if (refusal.isPresent()) {
          return List.of(refused(directory + ": not run, " + refusal.get()));
        }
      }
      return checks();
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(refused(path + ": expected a readable directory, got " + e));
    }
  }

  /** The one of this name; refused if it is not there. */
  Found named(String file) {
    String expected = name + "/" + file;
    List<Found> all = list();
    return all.stream()
        .filter(one -> one.name().equals(expected))
        .findFirst()
        .orElseGet(
            () ->
                all.stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElse(
                        new Found(
                            expected,
                            path.resolve(file),
                            Optional.of(
                                "expected an executable file "
                                    + path.resolve(file)
                                    + ", got none"))));
  }

  private Found refused(String why) {
    return new Found(name, path, Optional.of(why));
  }

  private List<Found> checks() throws IOException {
    List<Found> checks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        RootOnly attributes = RootOnly.of(file);
        if (!attributes.isRegular() || !attributes.isExecutable()) {
          continue;
        }
        if (checks.size() == CHECKS_MAX) {
          return List.of(refused(path + ": expected at most " + CHECKS_MAX + " checks, got more"));
        }
        checks.add(
            new Found(
                name + "/" + path.relativize(file),
                file,
                attributes.refusal().map(why -> "the check: not run, " + why)));
      }
    }
    checks.sort(Comparator.comparing(Found::name));
    return checks;
  }

  private static Optional<RootOnly> ifThere(Path directory) throws IOException {
    try {
      return Optional.of(RootOnly.of(directory));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
