package dev.suture.publisher.explain;

import dev.suture.publisher.Folders;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.delta.account.DeltaAccount;
import java.io.IOException;
import java.nio.file.Path;

/** A folder of explanations: {@code COMPONENT.html} and {@code COMPONENT.json} of each delta. */
public record ExplanationFiles(Path folder) {
  /**
   * Makes the folder if it is missing.
   *
   * @throws PublisherException {@code STORAGE_FAILED}
   */
  public void prepare() throws PublisherException {
    try {
      Folders.make(folder);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * Writes both files of one component, over those of a delta before. Durable on return; each
   * appears whole.
   *
   * @param component a name that is a file name, too
   * @throws PublisherException {@code STORAGE_FAILED}
   */
  public void write(String component, DeltaAccount account) throws PublisherException {
    try {
      NewFile.replace(json(component), ExplanationJson.document(component, account));
      NewFile.replace(page(component), ExplanationPage.document(component, account));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Where the page of a component is. */
  public Path page(String component) {
    return folder.resolve(component + ".html");
  }

  /** Where the document of a component is. */
  public Path json(String component) {
    return folder.resolve(component + ".json");
  }

  private PublisherException failed(IOException e) {
    return new PublisherException(
        Problem.STORAGE_FAILED,
        new Details(
            "write what the delta is spent on",
            "a folder that can be written to, with space left",
            InputFiles.describe(e),
            folder.toString(),
            "choose another folder with --explain"),
        e);
  }
}
