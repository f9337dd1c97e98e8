package dev.suture.publisher.repository;

import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How long a file is that is to be published. */
final class InputLength {
  private InputLength() {}

  static long of(Path file) throws PublisherException {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new PublisherException(
          Problem.INPUT_UNREADABLE,
          new Details(
              "read what is to be published",
              "a readable file",
              InputFiles.describe(e),
              file.toString(),
              "check the disk, then run the command again"),
          e);
    }
  }
}
