package dev.suture.publisher.release;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.seal.SealedFile;
import java.util.List;
import java.util.Optional;

/**
 * What was published, or spread without being published.
 *
 * @param manifest the patch
 * @param manifestFile where its manifest is; of a sealed patch, where it will be
 * @param version version of the timestamp that stands for it
 * @param costs one for each component, in the manifest's order
 * @param warnings what a person should look at
 * @param sealed the sealed file, if that is all that was published; its path is that of its target
 * @param millis how long all of it took
 */
public record ReleaseReport(
    Manifest manifest,
    FileRef manifestFile,
    long version,
    List<ComponentCost> costs,
    List<String> warnings,
    Optional<SealedFile> sealed,
    long millis) {
  /** Copies the lists. */
  public ReleaseReport {
    costs = List.copyOf(costs);
    warnings = List.copyOf(warnings);
  }
}
