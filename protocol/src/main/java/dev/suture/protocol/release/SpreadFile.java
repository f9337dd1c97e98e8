package dev.suture.protocol.release;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.tuf.TargetFile;
import java.util.Optional;

/**
 * A sealed file that is spread ahead of its key: a target {@code sealed/MODEL/BASELINE/NAME}.
 * Nothing is said about what is in it but its size.
 *
 * @param model the device model that it is for
 * @param baseline the OS release that it is for
 * @param file the ciphertext, as the mirror has it
 */
public record SpreadFile(String model, Baseline baseline, FileRef file) {
  /** What the paths of sealed files begin with. */
  public static final String SEALED = "sealed/";

  /** Most sealed files that a device keeps. */
  public static final int FILES_MAX = 4;

  private static final int SEGMENTS = 4;

  /** Path of a sealed file's target. */
  public static String path(String model, Baseline baseline, String name) {
    return SEALED + model + "/" + baseline.version() + "/" + name;
  }

  /**
   * Reads a target.
   *
   * @param path its path; one that does not begin with {@link #SEALED} is not a sealed file
   * @param consistentSnapshot whether names of files carry their digest
   * @throws IllegalArgumentException if it is one, but malformed
   */
  public static Optional<SpreadFile> read(
      String path, TargetFile file, boolean consistentSnapshot) {
    if (!path.startsWith(SEALED)) {
      return Optional.empty();
    }
    String[] segments = path.split("/", -1);
    if (segments.length != SEGMENTS) {
      throw new IllegalArgumentException(
          "target: expected sealed/MODEL/BASELINE/NAME, got " + segments.length + " parts");
    }
    return Optional.of(
        new SpreadFile(
            segments[1],
            new Baseline(segments[2]),
            LevelEntry.reference(path, file, consistentSnapshot)));
  }
}
