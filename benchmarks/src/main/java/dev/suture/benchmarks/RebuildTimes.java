package dev.suture.benchmarks;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the rebuild of an image takes, next to {@code cp} and {@code sha256sum} of the same image.
 *
 * @param rebuildNanos median of the rebuilds in this, warmed, virtual machine
 * @param copyNanos median of {@code cp} and {@code sha256sum}, each after a rebuild
 * @param freshNanos one rebuild in a fresh virtual machine, bounded as an agent's is
 * @param freshPeakKib the highest resident memory of that one
 */
record RebuildTimes(long rebuildNanos, long copyNanos, long freshNanos, long freshPeakKib) {
  private static final int WARM_UP_ROUNDS_MIN = 2;

  double ratio() {
    return (double) rebuildNanos / copyNanos;
  }

  /**
   * Measures, and compares what was rebuilt byte for byte.
   *
   * @param slot a file that is written, and gone afterwards
   * @param copy another one
   * @param rounds that count
   * @param warmUpNanosMin how long to go on with rounds that do not count; two there are always
   * @param progress is told what is being done
   */
  static RebuildTimes measure(
      Path base,
      Path target,
      Path delta,
      Path slot,
      Path copy,
      int rounds,
      long warmUpNanosMin,
      Consumer<String> progress)
      throws Exception {
    ImageIdentity image = ImageFiles.identity(target);
    Sha256 baseSha256 = ImageFiles.sha256(base);
    progress.accept("warming up");
    long begin = System.nanoTime();
    for (int i = 0; i < WARM_UP_ROUNDS_MIN || System.nanoTime() - begin < warmUpNanosMin; i++) {
      Rebuild.run(base, baseSha256, delta, image, slot);
      copyAndDigest(target, copy, image.sha256());
    }
    long[] rebuild = new long[rounds];
    long[] peer = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      progress.accept("round " + (i + 1) + " of " + rounds);
      rebuild[i] = Rebuild.run(base, baseSha256, delta, image, slot);
      peer[i] = copyAndDigest(target, copy, image.sha256());
    }
    ImageFiles.requireSlot(target, slot);
    progress.accept("in a fresh virtual machine");
    String[] fresh = fresh(base, baseSha256, delta, image, slot);
    ImageFiles.requireSlot(target, slot);
    Files.delete(slot);
    Files.delete(copy);
    return new RebuildTimes(
        median(rebuild), median(peer), Long.parseLong(fresh[0]), Long.parseLong(fresh[1]));
  }

  private static long copyAndDigest(Path from, Path to, Sha256 expected) throws Exception {
    Files.deleteIfExists(to);
    long begin = System.nanoTime();
    Programs.run(List.of("cp", from.toString(), to.toString()));
    String digest = Programs.run(List.of("sha256sum", to.toString()));
    long nanos = System.nanoTime() - begin;
    if (!digest.startsWith(expected.hex())) {
      throw new IOException("sha256sum: expected " + expected.hex() + ", got " + digest);
    }
    return nanos;
  }

  private static String[] fresh(
      Path base, Sha256 baseSha256, Path delta, ImageIdentity image, Path slot) throws Exception {
    ProcessBuilder ready =
        DeviceJvm.read()
            .process(
                RebuildOnce.class,
                List.of(
                    base.toString(),
                    baseSha256.hex(),
                    delta.toString(),
                    slot.toString(),
                    Long.toString(image.bytes()),
                    image.sha256().hex(),
                    image.verityRoot().hex(),
                    image.veritySalt().hex()));
    return Programs.run(ready).trim().split(" ", -1);
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
