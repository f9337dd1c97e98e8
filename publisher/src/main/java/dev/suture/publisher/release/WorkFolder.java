package dev.suture.publisher.release;

import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A folder for its owner alone, which is removed with the files in it when it is closed. */
record WorkFolder(Path path, Progress progress) implements AutoCloseable {
  /**
   * Makes one.
   *
   * @throws PublisherException {@code STORAGE_FAILED}
   */
  static WorkFolder make(Path parent, Progress progress) throws PublisherException {
    try {
      return new WorkFolder(Files.createTempDirectory(parent, "suture-publish-"), progress);
    } catch (IOException e) {
      throw storage(parent, e);
    }
  }

  /** What is said when a work folder cannot be used. */
  static PublisherException storage(Path where, IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "use a work folder",
            "a folder that can be written to, with space left",
            InputFiles.describe(e),
            where.toString(),
            "choose another one with --work"),
        e);
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The outcome of the release stands; what is left costs space only, so it is said.
      progress.line("left behind: " + path + " (" + InputFiles.describe(e) + ")");
    }
  }
}
