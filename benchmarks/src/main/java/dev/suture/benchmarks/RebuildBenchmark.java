package dev.suture.benchmarks;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import dev.suture.publisher.delta.DeltaGenerator;
import dev.suture.publisher.delta.DeltaStats;
import dev.suture.publisher.delta.Matching;
import dev.suture.publisher.delta.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Rebuilds images from base and delta, next to {@code cp} and {@code sha256sum} of the same images,
 * alternating in the same run: what a device would do at least to have a checked copy. Both write
 * into the page cache. The memory is that of a fresh virtual machine, bounded as an agent's is.
 */
public final class RebuildBenchmark {
  private static final Sha256 SALT =
      Sha256.of("suture verity salt v1 benchmark".getBytes(StandardCharsets.US_ASCII));
  private static final int PIECE_BYTES = 1 << 20;
  private static final int WARM_UP_ROUNDS = 2;
  private static final long CHILD_SECONDS_MAX = 600;

  private RebuildBenchmark() {}

  private record Result(
      String component,
      DeltaStats delta,
      long generateNanos,
      long rebuildNanos,
      long copyNanos,
      long freshNanos,
      long freshPeakKib) {
    double ratio() {
      return (double) rebuildNanos / copyNanos;
    }
  }

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
    ImageIdentity image = identity(target);
    Sha256 baseSha256 = sha256(base);

    long[] rebuild = new long[rounds];
    long[] peer = new long[rounds];
    for (int i = -WARM_UP_ROUNDS; i < rounds; i++) {
      progress(component, i < 0 ? "warming up" : "round " + (i + 1) + " of " + rounds);
      long rebuildNanos = Rebuild.run(base, baseSha256, delta, image, slot);
      long peerNanos = copyAndDigest(target, copy, image.sha256());
      if (i >= 0) {
        rebuild[i] = rebuildNanos;
        peer[i] = peerNanos;
      }
    }
    progress(component, "in a fresh virtual machine");
    String[] fresh = fresh(base, baseSha256, delta, image, slot);
    requireSame(target, slot, image.bytes());
    Files.delete(slot);
    Files.delete(copy);
    return new Result(
        component,
        stats,
        generateNanos,
        median(rebuild),
        median(peer),
        Long.parseLong(fresh[0]),
        Long.parseLong(fresh[1]));
  }

  private static long copyAndDigest(Path from, Path to, Sha256 expected) throws Exception {
    Files.deleteIfExists(to);
    long begin = System.nanoTime();
    run(List.of("cp", from.toString(), to.toString()));
    String digest = run(List.of("sha256sum", to.toString()));
    long nanos = System.nanoTime() - begin;
    if (!digest.startsWith(expected.hex())) {
      throw new IOException("sha256sum: expected " + expected.hex() + ", got " + digest);
    }
    return nanos;
  }

  private static String[] fresh(
      Path base, Sha256 baseSha256, Path delta, ImageIdentity image, Path slot) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(RebuildOnce.JVM_OPTIONS);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            RebuildOnce.class.getName(),
            base.toString(),
            baseSha256.hex(),
            delta.toString(),
            slot.toString(),
            Long.toString(image.bytes()),
            image.sha256().hex(),
            image.verityRoot().hex(),
            image.veritySalt().hex()));
    return run(command).trim().split(" ");
  }

  private static String run(List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(CHILD_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("failed: " + String.join(" ", command) + "\n" + output);
    }
    return output;
  }

  private static void requireSame(Path image, Path slot, long bytes) throws IOException {
    long difference = Files.mismatch(image, slot);
    if (difference >= 0 && difference < bytes) {
      throw new IOException("slot: expected the image, got another byte at " + difference);
    }
  }

  private static ImageIdentity identity(Path file) throws Exception {
    long bytes = Files.size(file);
    VerityTreeBuilder tree = new VerityTreeBuilder(bytes, SALT, (position, block) -> {});
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
        tree.update(piece, 0, got);
      }
    }
    return new ImageIdentity(bytes, sha256(file), tree.finish(), SALT);
  }

  private static Sha256 sha256(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
        digest.update(piece, 0, got);
      }
    }
    return Sha256.ofBytes(digest.digest());
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static void progress(String component, String what) {
    System.err.println("rebuild: " + component + ": " + what);
  }

  private static void print(List<Result> results, int rounds) {
    System.out.printf(
        Locale.ROOT,
        "Medians of %d rounds. Peer: cp and sha256sum of the same image, in turn.%n",
        rounds);
    System.out.printf(
        "%-10s %12s %12s %10s %10s %6s %10s %10s %11s%n",
        "component",
        "image B",
        "delta B",
        "rebuild ms",
        "peer ms",
        "ratio",
        "fresh ms",
        "peak KiB",
        "generate ms");
    for (Result result : results) {
      System.out.printf(
          Locale.ROOT,
          "%-10s %12d %12d %10.1f %10.1f %6.2f %10.1f %10d %11.0f%n",
          result.component(),
          result.delta().imageBytes(),
          result.delta().deltaBytes(),
          result.rebuildNanos() / 1e6,
          result.copyNanos() / 1e6,
          result.ratio(),
          result.freshNanos() / 1e6,
          result.freshPeakKib(),
          result.generateNanos() / 1e6);
    }
  }

  private static byte[] json(List<Result> results, int rounds) {
    return JsonText.indented(
        json -> {
          json.name("rounds").value(rounds);
          json.name("peer").value("cp and sha256sum of the same image, alternating");
          json.name("fresh_jvm").value(String.join(" ", RebuildOnce.JVM_OPTIONS));
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
    json.name("rebuild_ms").value(result.rebuildNanos() / 1_000_000);
    json.name("peer_ms").value(result.copyNanos() / 1_000_000);
    json.name("ratio").value(Math.round(result.ratio() * 100) / 100.0);
    json.name("fresh_rebuild_ms").value(result.freshNanos() / 1_000_000);
    json.name("fresh_rss_peak_kib").value(result.freshPeakKib());
    json.name("generate_ms").value(result.generateNanos() / 1_000_000);
    json.endObject();
  }
}
