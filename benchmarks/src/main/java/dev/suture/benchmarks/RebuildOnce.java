package dev.suture.benchmarks;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.file.Path;

/** One rebuild in a fresh virtual machine, which then says how much memory it had at most. */
final class RebuildOnce {
  private RebuildOnce() {}

  /**
   * Arguments: base, its SHA-256, delta, slot, the image's bytes, SHA-256, root and salt. Prints
   * nanoseconds and the highest resident memory in KiB.
   */
  public static void main(String[] args) throws Exception {
    ImageIdentity image =
        new ImageIdentity(
            Long.parseLong(args[4]),
            Sha256.ofHex(args[5]),
            Sha256.ofHex(args[6]),
            Sha256.ofHex(args[7]));
    long nanos =
        Rebuild.run(
            Path.of(args[0]), Sha256.ofHex(args[1]), Path.of(args[2]), image, Path.of(args[3]));
    System.out.println(nanos + " " + ResidentMemory.peakKib());
  }
}
