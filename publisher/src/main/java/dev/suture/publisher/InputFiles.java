package dev.suture.publisher;

import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files that an operator named. */
public final class InputFiles {
  private InputFiles() {}

  /**
   * The whole file.
   *
   * @param what names the file's purpose in messages
   * @throws PublisherException {@code INPUT_UNREADABLE} if it is missing, longer than {@code
   *     bytesMax}, or cannot be read
   */
  public static byte[] read(String what, Path file, int bytesMax) throws PublisherException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(bytesMax + 1);
    } catch (IOException e) {
      throw new PublisherException(
          Problem.INPUT_UNREADABLE,
          new Details(
              "read " + what,
              "a readable file",
              describe(e),
              file.toString(),
              "check the path and its permissions"),
          e);
    }
    if (content.length > bytesMax) {
      throw new PublisherException(
          Problem.INPUT_UNREADABLE,
          new Details(
              "read " + what,
              "at most " + bytesMax + " bytes",
              "more",
              file.toString(),
              "check that this is the file you meant"));
    }
    return content;
  }

  /** What an I/O failure is, for people. */
  public static String describe(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    String message = e.getMessage();
    String name = e.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }
}
