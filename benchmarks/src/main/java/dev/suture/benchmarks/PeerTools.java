package dev.suture.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How each tool is run: at its strongest for these images, and its output checked by itself. */
final class PeerTools {
  private static final String REBUILT = "rebuilt";

  /** It takes no smaller source window. */
  private static final long XDELTA3_WINDOW_BYTES_MIN = 524_288;

  private PeerTools() {}

  static Made fullZstd(Workbench bench) throws Exception {
    Path full = bench.file("full");
    Made made =
        bench.timed(full, List.of("zstd", "-qf", "-19", text(bench.image()), "-o", text(full)));
    unzstd(bench, "zstd -19", full, List.of());
    return made;
  }

  /** The delta stays, for the rebuilds. */
  static Path sutureDelta(Workbench bench) {
    return bench.file("suture");
  }

  static Made suture(Workbench bench) throws Exception {
    Path delta = sutureDelta(bench);
    String[] said =
        Programs.java(
                GenerateOnce.jvmOptions(),
                GenerateOnce.class,
                List.of(text(bench.base()), text(bench.image()), text(delta)))
            .trim()
            .split(" ", -1);
    return new Made(Files.size(delta), Long.parseLong(said[0]), Long.parseLong(said[1]));
  }

  static Made bsdiff(Workbench bench) throws Exception {
    Path patch = bench.file("bsdiff");
    Made made =
        bench.timed(patch, List.of("bsdiff", text(bench.base()), text(bench.image()), text(patch)));
    Path rebuilt = bench.file(REBUILT);
    bench.check(
        "bsdiff", List.of("bspatch", text(bench.base()), text(rebuilt), text(patch)), rebuilt);
    return made;
  }

  /** Takes the patch of {@link #bsdiff} if it ran. */
  static Made bsdiffXz(Workbench bench) throws Exception {
    Path patch = bench.file("bsdiff");
    Made made = Files.exists(patch) ? new Made(0, 0, Made.PEAK_UNKNOWN) : bsdiff(bench);
    long begin = System.nanoTime();
    Path packed = bench.file("bsdiff_xz");
    BsdiffStreams.of(patch, bench.folder()).pack(packed, bench.folder());
    long nanos = made.nanos() + System.nanoTime() - begin;
    Path rebuilt = bench.file(REBUILT);
    BsdiffStreams.unpack(packed, bench.folder()).apply(bench.base(), rebuilt);
    bench.check("bsdiff with xz", rebuilt);
    return new Made(Files.size(packed), nanos, Made.PEAK_UNKNOWN);
  }

  static Made xdelta3(Workbench bench) throws Exception {
    Path patch = bench.file("xdelta3");
    String window = Long.toString(Math.max(XDELTA3_WINDOW_BYTES_MIN, Files.size(bench.base())));
    List<String> from = List.of("-f", "-B", window, "-s", text(bench.base()));
    Made made =
        bench.timed(
            patch,
            concat(
                List.of("xdelta3", "-e", "-9"), from, List.of(text(bench.image()), text(patch))));
    Path rebuilt = bench.file(REBUILT);
    bench.check(
        "xdelta3",
        concat(List.of("xdelta3", "-d"), from, List.of(text(patch), text(rebuilt))),
        rebuilt);
    return made;
  }

  static Made zstdPatchFrom(Workbench bench) throws Exception {
    Path patch = bench.file("zstd_patch_from");
    String from = "--patch-from=" + bench.base();
    Made made =
        bench.timed(
            patch,
            List.of(
                "zstd", "-qf", "-19", "--long=27", from, text(bench.image()), "-o", text(patch)));
    unzstd(bench, "zstd --patch-from", patch, List.of(from));
    return made;
  }

  static Made hdiffpatch(Workbench bench) throws Exception {
    Path patch = bench.file("hdiffpatch");
    Made made =
        bench.timed(
            patch,
            List.of(
                "hdiffz",
                "-f",
                "-m-6",
                "-SD",
                "-c-zstd-21-24",
                text(bench.base()),
                text(bench.image()),
                text(patch)));
    Path rebuilt = bench.file(REBUILT);
    bench.check(
        "hdiffz",
        List.of("hpatchz", "-f", text(bench.base()), text(patch), text(rebuilt)),
        rebuilt);
    return made;
  }

  /**
   * The index, and the chunks that the base does not have: rebuilt from just these and the base's.
   */
  static Made casync(Workbench bench) throws Exception {
    Path have = bench.file("base.castr");
    Path fetch = bench.file("image.castr");
    Path index = bench.file("image.caibx");
    Programs.run(
        List.of(
            "casync",
            "make",
            "--store=" + have,
            text(bench.file("base.caibx")),
            text(bench.base())));
    Made made =
        Programs.timed(
            List.of("casync", "make", "--store=" + fetch, text(index), text(bench.image())),
            bench.file("time"),
            () -> {
              removeShared(fetch, have);
              return Files.size(index) + bytesBelow(fetch);
            });
    Path rebuilt = bench.file(REBUILT);
    bench.check(
        "casync",
        List.of(
            "casync",
            "extract",
            "--store=" + fetch,
            "--extra-store=" + have,
            text(index),
            text(rebuilt)),
        rebuilt);
    return made;
  }

  /** Blocks that the base does not have, each once; which block goes where is not counted. */
  static Made block4k(Workbench bench) throws Exception {
    long begin = System.nanoTime();
    BlockDedupe dedupe = BlockDedupe.of(bench.base(), bench.image());
    Path blocks = bench.file("blocks");
    Path packed = bench.file("block4k");
    dedupe.writeNew(blocks);
    Programs.run(List.of("zstd", "-qf", "-19", text(blocks), "-o", text(packed)));
    long nanos = System.nanoTime() - begin;
    Programs.run(List.of("zstd", "-dqf", text(packed), "-o", text(blocks)));
    Path rebuilt = bench.file(REBUILT);
    dedupe.rebuild(bench.base(), blocks, rebuilt);
    bench.check("block4k", rebuilt);
    return new Made(Files.size(packed), nanos, Made.PEAK_UNKNOWN);
  }

  private static void unzstd(Workbench bench, String tool, Path packed, List<String> options)
      throws IOException, InterruptedException {
    Path rebuilt = bench.file(REBUILT);
    bench.check(
        tool,
        concat(
            List.of("zstd", "-dqf", "--long=31"),
            options,
            List.of(text(packed), "-o", text(rebuilt))),
        rebuilt);
  }

  private static void removeShared(Path store, Path other) throws IOException {
    Set<Path> shared =
        files(other).stream().map(other::relativize).collect(Collectors.toUnmodifiableSet());
    for (Path file : files(store)) {
      if (shared.contains(store.relativize(file))) {
        Files.delete(file);
      }
    }
  }

  private static long bytesBelow(Path folder) throws IOException {
    long bytes = 0;
    for (Path file : files(folder)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static List<String> concat(List<String> first, List<String> second, List<String> third) {
    return Stream.of(first, second, third).flatMap(List::stream).toList();
  }

  private static String text(Path path) {
    return path.toString();
  }
}
