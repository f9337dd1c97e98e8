package dev.suture.publisher.release;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.manifest.Manifest;
import java.util.List;

/**
 * What was published.
 *
 * @param manifest the patch
 * @param manifestFile where its manifest is
 * @param indexVersion version of the index that lists it
 * @param costs one for each component, in the manifest's order
 * @param warnings what a person should look at
 * @param millis how long all of it took
 */
public record ReleaseReport(
    Manifest manifest,
    FileRef manifestFile,
    long indexVersion,
    List<ComponentCost> costs,
    List<String> warnings,
    long millis) {
  /** Copies the lists. */
  public ReleaseReport {
    costs = List.copyOf(costs);
    warnings = List.copyOf(warnings);
  }
}
