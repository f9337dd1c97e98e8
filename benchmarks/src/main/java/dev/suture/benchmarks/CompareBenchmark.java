package dev.suture.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Compares the deltas of pairs of images with what other tools make of them: bytes, and what making
 * and rebuilding takes. Whatever was made is rebuilt and compared byte for byte.
 */
public final class CompareBenchmark {
  private static final long WARM_UP_NANOS_MIN = TimeUnit.SECONDS.toNanos(3);
  private static final int ARGUMENTS = 7;

  private CompareBenchmark() {}

  /**
   * Arguments: rounds, the list of pairs, the folder of their images, a folder to work in, the CSV
   * file, the SVG file, names of tools separated by commas. CSV and SVG are written anew after each
   * pair.
   */
  public static void main(String[] args) throws Exception {
    if (args.length != ARGUMENTS) {
      System.err.println(
          "expected: ROUNDS LIST FOLDER WORK CSV SVG TOOL,...; run benchmarks/compare");
      System.exit(2);
    }
    int rounds = Integer.parseInt(args[0]);
    List<ComparedPair> pairs = ComparedPair.read(Path.of(args[1]));
    Set<Tool> tools = Tool.parse(args[6]);
    List<Comparison> comparisons = new ArrayList<>();
    for (ComparedPair pair : pairs) {
      if (pair.complete()) {
        Path images = Path.of(args[2], pair.name());
        Workbench bench =
            new Workbench(
                images.resolve("old.img"),
                images.resolve("new.img"),
                Path.of(args[3], pair.name()));
        removeAll(bench.folder());
        Files.createDirectories(bench.folder());
        comparisons.add(measure(pair, bench, tools, rounds));
        removeAll(bench.folder());
        Files.writeString(Path.of(args[4]), ComparisonReport.csv(comparisons));
        Files.writeString(
            Path.of(args[5]), ComparisonChart.svg(comparisons), StandardCharsets.UTF_8);
      }
    }
    System.out.println("Pairs");
    for (ComparedPair pair : pairs) {
      System.out.println("  " + pair.name() + ": " + pair.versions());
    }
    if (!comparisons.isEmpty()) {
      System.out.println();
      System.out.print(ComparisonReport.tables(comparisons));
      System.out.println();
      System.out.println(
          "Averaged are pairs that are mostly ELF files"
              + (tools.contains(Tool.BSDIFF)
                  ? ", unless bsdiff's patch is below " + Comparison.BSDIFF_BYTES_MIN + " bytes."
                  : "; bsdiff did not run."));
      System.out.println(args[4]);
      System.out.println(args[5]);
    }
  }

  private static Comparison measure(ComparedPair pair, Workbench bench, Set<Tool> tools, int rounds)
      throws Exception {
    Map<Tool, Made> made = new EnumMap<>(Tool.class);
    for (Tool tool : tools) {
      progress(pair, tool.column());
      made.put(tool, tool.make(bench));
    }
    Made bsdiff = made.get(Tool.BSDIFF);
    Made recoded = made.get(Tool.BSDIFF_XZ);
    if (bsdiff != null && recoded != null) {
      made.put(
          Tool.BSDIFF_XZ,
          new Made(recoded.bytes(), recoded.nanos() + bsdiff.nanos(), recoded.peakKib()));
    }
    RebuildTimes times =
        RebuildTimes.measure(
            bench.base(),
            bench.image(),
            PeerTools.sutureDelta(bench),
            bench.file("slot"),
            bench.file("copy"),
            rounds,
            WARM_UP_NANOS_MIN,
            what -> progress(pair, what));
    return new Comparison(pair, Files.size(bench.base()), Files.size(bench.image()), made, times);
  }

  private static void progress(ComparedPair pair, String what) {
    System.err.println("compare: " + pair.name() + ": " + what);
  }

  private static void removeAll(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
