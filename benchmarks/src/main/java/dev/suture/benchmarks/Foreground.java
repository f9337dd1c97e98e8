package dev.suture.benchmarks;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.suture.protocol.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What somebody does on a device: reads blocks at random places of a file past the page cache
 * (fio), and computes on every processor but one, and on one at least.
 *
 * @param read what one read took
 * @param compute what a piece of computing took
 */
record Foreground(Latency read, Latency compute) {
  private static final int PIECE_BYTES = 256 << 10;
  private static final int PIECES_MAX = 1 << 20;

  /**
   * Times of the same thing, done often.
   *
   * @param medianNanos half are shorter
   * @param p99Nanos 99 of a hundred are shorter
   */
  record Latency(double medianNanos, double p99Nanos) {
    static Latency of(long[] nanos) {
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      return new Latency(at(sorted, 50), at(sorted, 99));
    }

    private static double at(long[] sorted, int percent) {
      return sorted[(int) ((long) sorted.length * percent / 100)];
    }
  }

  /**
   * Works for so long.
   *
   * @param file is made at the first time, and read from then on
   * @throws IOException if fio is missing or fails
   */
  static Foreground run(Path file, int seconds) throws Exception {
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    ExecutorService threads = Executors.newFixedThreadPool(loops);
    try {
      long endNanos = System.nanoTime() + seconds * 1_000_000_000L;
      Callable<long[]> loop = () -> loop(endNanos);
      List<Future<long[]>> computed = new ArrayList<>();
      for (int i = 0; i < loops; i++) {
        computed.add(threads.submit(loop));
      }
      Latency read = fio(file, seconds);
      List<long[]> all = new ArrayList<>();
      for (Future<long[]> one : computed) {
        all.add(one.get());
      }
      return new Foreground(read, Latency.of(all.stream().flatMapToLong(Arrays::stream).toArray()));
    } finally {
      threads.shutdownNow();
    }
  }

  private static long[] loop(long endNanos) {
    MessageDigest digest = Sha256.newDigest();
    byte[] piece = new byte[PIECE_BYTES];
    long[] nanos = new long[PIECES_MAX];
    int count = 0;
    long before = System.nanoTime();
    while (before < endNanos && count < PIECES_MAX) {
      digest.update(piece);
      digest.digest();
      long now = System.nanoTime();
      nanos[count++] = now - before;
      before = now;
    }
    return Arrays.copyOf(nanos, count);
  }

  private static Latency fio(Path file, int seconds) throws IOException, InterruptedException {
    String json =
        Programs.run(
            List.of(
                "fio",
                "--name=foreground",
                "--filename=" + file,
                "--size=256m",
                "--rw=randread",
                "--bs=4k",
                "--direct=1",
                "--ioengine=psync",
                "--time_based",
                "--runtime=" + seconds,
                "--output-format=json"));
    JsonArray jobs = JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("jobs");
    JsonObject percentiles =
        jobs.get(0)
            .getAsJsonObject()
            .getAsJsonObject("read")
            .getAsJsonObject("clat_ns")
            .getAsJsonObject("percentile");
    return new Latency(
        percentiles.get("50.000000").getAsDouble(), percentiles.get("99.000000").getAsDouble());
  }
}
