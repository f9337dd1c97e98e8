package dev.suture.benchmarks;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.JsonText;
import dev.suture.publisher.delta.DeltaGenerator;
import dev.suture.publisher.delta.DeltaStats;
import dev.suture.publisher.delta.Matching;
import dev.suture.publisher.delta.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Rebuilds images from base and delta, next to {@code cp} and {@code sha256sum} of the same images,
 * alternating in the same run: what a device would do at least to have a checked copy. Both write
 * into the page cache. The memory is that of a fresh virtual machine, bounded as an agent's is.
 */
public final class RebuildBenchmark {
  private RebuildBenchmark() {}

  private record Result(
      String component,
      DeltaStats delta,
      long generateNanos,
      RebuildTimes times,
      long slotWritten) {}

  /**
   * Arguments: rounds, the folder of components, a folder to work in, the JSON file, components.
   */
  public static void main(String[] args) throws Exception {
    if (args.length < 5) {
      System.err.println("expected: ROUNDS FOLDER WORK JSON COMPONENT...; run benchmarks/rebuild");
      System.exit(2);
    }
    int rounds = Integer.parseInt(args[0]);
    Path work = Path.of(args[2]);
    Files.createDirectories(work);
    List<Result> results = new ArrayList<>();
    for (String component : Arrays.asList(args).subList(4, args.length)) {
      Path folder = Path.of(args[1], component);
      results.add(
          measure(component, folder.resolve("old.img"), folder.resolve("new.img"), work, rounds));
    }
    print(results, rounds);
    Files.write(Path.of(args[3]), json(results, rounds));
    System.out.println(args[3]);
  }

  private static Result measure(String component, Path base, Path target, Path work, int rounds)
      throws Exception {
    Path delta = work.resolve(component + ".delta");
    Path slot = work.resolve(component + ".slot");
    Path copy = work.resolve(component + ".copy");
    progress(component, "making the delta");
    long begin = System.nanoTime();
    DeltaStats stats =
        DeltaGenerator.generate(
            base, target, delta, Matching.of(Files.size(base), false), Progress.NONE);
    long generateNanos = System.nanoTime() - begin;
    RebuildTimes times =
        RebuildTimes.measure(
            base, target, delta, slot, copy, rounds, 0, what -> progress(component, what));
    progress(component, "into a slot that holds the image from before");
    long slotWritten = SlotWrites.count(base, target, delta, work.resolve(component + ".slots"));
    return new Result(component, stats, generateNanos, times, slotWritten);
  }

  private static void progress(String component, String what) {
    System.err.println("rebuild: " + component + ": " + what);
  }

  private static void print(List<Result> results, int rounds) {
    System.out.printf(
        Locale.ROOT,
        "Medians of %d rounds. Peer: cp and sha256sum of the same image, in turn.%n"
            + "Written: of image and hash tree, into a slot that holds the old image.%n",
        rounds);
    System.out.printf(
        "%-10s %12s %12s %10s %10s %6s %10s %10s %11s %10s%n",
        "component",
        "image B",
        "delta B",
        "rebuild ms",
        "peer ms",
        "ratio",
        "fresh ms",
        "peak KiB",
        "generate ms",
        "written B");
    for (Result result : results) {
      System.out.printf(
          Locale.ROOT,
          "%-10s %12d %12d %10.1f %10.1f %6.2f %10.1f %10d %11.0f %10d%n",
          result.component(),
          result.delta().imageBytes(),
          result.delta().deltaBytes(),
          result.times().rebuildNanos() / 1e6,
          result.times().copyNanos() / 1e6,
          result.times().ratio(),
          result.times().freshNanos() / 1e6,
          result.times().freshPeakKib(),
          result.generateNanos() / 1e6,
          result.slotWritten());
    }
  }

  private static byte[] json(List<Result> results, int rounds) {
    return JsonText.indented(
        json -> {
          json.name("rounds").value(rounds);
          json.name("peer").value("cp and sha256sum of the same image, alternating");
          json.name("fresh_jvm").value(DeviceJvm.read().toString());
          json.name("components").beginArray();
          for (Result result : results) {
            write(json, result);
          }
          json.endArray();
        });
  }

  private static void write(JsonWriter json, Result result) throws IOException {
    json.beginObject();
    json.name("name").value(result.component());
    json.name("image_bytes").value(result.delta().imageBytes());
    json.name("delta_bytes").value(result.delta().deltaBytes());
    json.name("copies").value(result.delta().copies());
    json.name("rebuild_ms").value(result.times().rebuildNanos() / 1_000_000);
    json.name("peer_ms").value(result.times().copyNanos() / 1_000_000);
    json.name("ratio").value(Math.round(result.times().ratio() * 100) / 100.0);
    json.name("fresh_rebuild_ms").value(result.times().freshNanos() / 1_000_000);
    json.name("fresh_rss_peak_kib").value(result.times().freshPeakKib());
    json.name("slot_written_bytes").value(result.slotWritten());
    json.name("generate_ms").value(result.generateNanos() / 1_000_000);
    json.endObject();
  }
}
