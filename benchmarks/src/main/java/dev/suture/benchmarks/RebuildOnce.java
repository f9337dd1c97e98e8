package dev.suture.benchmarks;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.file.Path;
import java.util.List;

/** One rebuild in a fresh virtual machine, which then says how much memory it had at most. */
final class RebuildOnce {
  /** How an agent's virtual machine is bounded: as its jvm.options say. */
  static final List<String> JVM_OPTIONS =
      List.of(
          "-Xmx24m",
          "-Xms8m",
          "-Xmn3m",
          "-Xss512k",
          "-XX:+UseSerialGC",
          "-XX:MinHeapFreeRatio=20",
          "-XX:MaxHeapFreeRatio=30",
          "-XX:-ShrinkHeapInSteps",
          "-XX:ReservedCodeCacheSize=24m",
          "-XX:MaxMetaspaceSize=48m",
          "-XX:Tier4InvocationThreshold=50000",
          "-XX:Tier4MinInvocationThreshold=6000",
          "-XX:Tier4CompileThreshold=150000",
          "-XX:Tier4BackEdgeThreshold=400000",
          "-XX:MaxNodeLimit=20000",
          "-XX:NodeLimitFudgeFactor=500",
          "-XX:-UsePerfData");

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
