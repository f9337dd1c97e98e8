package dev.suture.benchmarks;

import dev.suture.publisher.delta.DeltaGenerator;
import dev.suture.publisher.delta.Matching;
import dev.suture.publisher.delta.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One delta in a fresh virtual machine, which then says how much memory it had at most. */
final class GenerateOnce {
  private GenerateOnce() {}

  /** How {@code suture-publish} starts its virtual machine. */
  static List<String> jvmOptions() {
    List<String> options =
        new ArrayList<>(List.of("-XX:MaxRAMPercentage=50", "-XX:+UseParallelGC"));
    String own = System.getenv().getOrDefault("SUTURE_PUBLISH_JAVA_OPTS", "").trim();
    if (!own.isEmpty()) {
      options.addAll(List.of(own.split("\\s+")));
    }
    return options;
  }

  /**
   * Arguments: base, image, delta. Prints nanoseconds and the highest resident memory in KiB, in
   * which the mapped images are.
   */
  public static void main(String[] args) throws Exception {
    Path base = Path.of(args[0]);
    long begin = System.nanoTime();
    DeltaGenerator.generate(
        base,
        Path.of(args[1]),
        Path.of(args[2]),
        Matching.of(Files.size(base), false),
        Progress.NONE);
    System.out.println(System.nanoTime() - begin + " " + ResidentMemory.peakKib());
  }
}
