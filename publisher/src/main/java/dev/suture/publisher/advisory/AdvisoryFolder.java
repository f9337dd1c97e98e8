package dev.suture.publisher.advisory;

import dev.suture.publisher.Folders;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Where documents are written. What was published under a name is not silently something else. */
public final class AdvisoryFolder {
  private static final int DOCUMENT_BYTES_MAX = 64 << 20;

  private final Path folder;

  /** What became of a file. */
  public enum State {
    /** It was not there. */
    NEW("new"),
    /** It was there with these bytes. */
    UNCHANGED("unchanged"),
    /** It was there with other bytes. */
    REPLACED("replaced");

    private final String word;

    State(String word) {
      this.word = word;
    }

    /** The word in the output. */
    public String word() {
      return word;
    }
  }

  /** Documents in this folder, which is made when it is needed. */
  public AdvisoryFolder(Path folder) {
    this.folder = folder;
  }

  /** Where a document is, or would be. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /**
   * What writing would do.
   *
   * @throws PublisherException {@code ADVISORY_EXISTS} if other bytes are there and they are not to
   *     be replaced; {@code INPUT_UNREADABLE}
   */
  public State check(String name, byte[] content, boolean replace) throws PublisherException {
    Path file = file(name);
    if (!Files.exists(file)) {
      return State.NEW;
    }
    if (Arrays.equals(InputFiles.read("the document before", file, DOCUMENT_BYTES_MAX), content)) {
      return State.UNCHANGED;
    }
    if (replace) {
      return State.REPLACED;
    }
    throw new PublisherException(
        Problem.ADVISORY_EXISTS,
        new Details(
            "write the advisory",
            "no file, or the same document",
            "another document",
            file.toString(),
            "give the --date of the document that is there to get the same bytes, or another"
                + " --tracking-id, or --replace if it was never published"));
  }

  /**
   * Writes a document; durable on return. If power fails inside, the file is as before or whole.
   *
   * @throws PublisherException {@code STORAGE_FAILED}
   */
  public void write(String name, byte[] content) throws PublisherException {
    try {
      Folders.make(folder);
      NewFile.replace(file(name), content);
    } catch (IOException e) {
      throw new PublisherException(
          Problem.STORAGE_FAILED,
          new Details(
              "write the advisory",
              "a folder that can be written",
              InputFiles.describe(e),
              file(name).toString(),
              "check --out, the disk and the folder's permissions"),
          e);
    }
  }
}
