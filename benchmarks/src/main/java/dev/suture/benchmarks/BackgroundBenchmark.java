package dev.suture.benchmarks;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.publisher.delta.DeltaGenerator;
import dev.suture.publisher.delta.Matching;
import dev.suture.publisher.delta.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How much slower the foreground is while an image is rebuilt: alone, with the rebuild in the idle
 * classes as the agent does it, and with the same rebuild as any other work, in turn in one run.
 */
public final class BackgroundBenchmark {
  private BackgroundBenchmark() {}

  /** What else goes on. */
  private enum Beside {
    NOTHING("alone"),
    IDLE("rebuild, idle classes"),
    NORMAL("rebuild, as any other");

    final String words;

    Beside(String words) {
      this.words = words;
    }
  }

  /** What is measured of a foreground. */
  private enum Figure {
    READ_MEDIAN("read, median"),
    READ_P99("read, p99"),
    COMPUTE_MEDIAN("compute, median"),
    COMPUTE_P99("compute, p99");

    final String words;

    Figure(String words) {
      this.words = words;
    }

    double nanos(Foreground round) {
      return switch (this) {
        case READ_MEDIAN -> round.read().medianNanos();
        case READ_P99 -> round.read().p99Nanos();
        case COMPUTE_MEDIAN -> round.compute().medianNanos();
        case COMPUTE_P99 -> round.compute().p99Nanos();
      };
    }
  }

  /** Arguments: rounds, seconds of a measurement, base, target, a folder to work in, JSON file. */
  public static void main(String[] args) throws Exception {
    if (args.length != 6) {
      System.err.println(
          "expected: ROUNDS SECONDS BASE TARGET WORK JSON; run benchmarks/background");
      System.exit(2);
    }
    int rounds = Integer.parseInt(args[0]);
    int seconds = Integer.parseInt(args[1]);
    Path base = Path.of(args[2]);
    Path target = Path.of(args[3]);
    Path work = Path.of(args[4]);
    Files.createDirectories(work);
    Path delta = work.resolve("background.delta");
    Path file = work.resolve("background.fio");
    System.err.println("background: making the delta");
    DeltaGenerator.generate(
        base, target, delta, Matching.of(Files.size(base), false), Progress.NONE);
    Foreground.run(file, 1); // Lays the file out, and warms the loop.
    Map<Beside, List<Foreground>> measured = new EnumMap<>(Beside.class);
    Map<Beside, Long> rebuilt = new EnumMap<>(Beside.class);
    for (int round = 1; round <= rounds; round++) {
      for (Beside beside : Beside.values()) {
        System.err.printf("background: round %d of %d: %s%n", round, rounds, beside.words);
        try (Repetition repetition = Repetition.start(beside, base, target, delta, work)) {
          measured
              .computeIfAbsent(beside, key -> new ArrayList<>())
              .add(Foreground.run(file, seconds));
          rebuilt.merge(beside, repetition.rebuilt(), Long::sum);
        }
      }
    }
    Files.delete(file);
    print(rounds, seconds, measured, rebuilt);
    Files.write(Path.of(args[5]), json(rounds, seconds, measured, rebuilt));
    System.out.println(args[5]);
  }

  /** A rebuild that goes on in a virtual machine bounded as an agent's is. */
  private static final class Repetition implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();
    private final List<BufferedReader> outputs = new ArrayList<>();

    static Repetition start(Beside beside, Path base, Path target, Path delta, Path work)
        throws Exception {
      Repetition repetition = new Repetition();
      if (beside == Beside.NOTHING) {
        return repetition;
      }
      ImageIdentity image = ImageFiles.identity(target);
      Sha256 baseSha256 = ImageFiles.sha256(base);
      Process process =
          DeviceJvm.read()
              .process(
                  RebuildRepeatedly.class,
                  List.of(
                      beside.name(),
                      base.toString(),
                      baseSha256.hex(),
                      delta.toString(),
                      work.resolve("background.slot").toString(),
                      Long.toString(image.bytes()),
                      image.sha256().hex(),
                      image.verityRoot().hex(),
                      image.veritySalt().hex()))
              .start();
      BufferedReader output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      repetition.processes.add(process);
      repetition.outputs.add(output);
      String first = output.readLine();
      if (!"begins".equals(first)) {
        repetition.close();
        throw new IOException("rebuild: expected that it begins, got " + first);
      }
      return repetition;
    }

    /** How many images were rebuilt since it began. */
    long rebuilt() throws IOException {
      long count = 0;
      for (BufferedReader output : outputs) {
        while (output.ready() && output.readLine() != null) {
          count++;
        }
      }
      return count;
    }

    @Override
    public void close() {
      for (Process process : processes) {
        process.destroyForcibly();
        try {
          process.waitFor();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** The median of the rounds. */
  private static double figure(List<Foreground> rounds, Figure figure) {
    double[] sorted = rounds.stream().mapToDouble(figure::nanos).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static List<Foreground> of(Map<Beside, List<Foreground>> measured, Beside beside) {
    return Objects.requireNonNull(measured.get(beside));
  }

  private static double slower(
      Map<Beside, List<Foreground>> measured, Beside beside, Figure figure) {
    return figure(of(measured, beside), figure) / figure(of(measured, Beside.NOTHING), figure) - 1;
  }

  private static void print(
      int rounds, int seconds, Map<Beside, List<Foreground>> measured, Map<Beside, Long> rebuilt) {
    System.out.printf(
        "Medians of %d rounds of %d s: 4 KiB read at random past the page cache (fio), and SHA-256 of"
            + " 256 KiB on every%nprocessor but one (one at least). In brackets how much slower than"
            + " alone.%n",
        rounds, seconds);
    for (Beside beside : Beside.values()) {
      System.out.printf("%-22s", beside.words);
      for (Figure figure : Figure.values()) {
        System.out.printf(
            Locale.ROOT,
            "  %s %.1f us (%+.1f %%)",
            figure.words,
            figure(of(measured, beside), figure) / 1e3,
            100 * slower(measured, beside, figure));
      }
      System.out.printf("  images rebuilt %d%n", rebuilt.getOrDefault(beside, 0L));
    }
  }

  private static byte[] json(
      int rounds, int seconds, Map<Beside, List<Foreground>> measured, Map<Beside, Long> rebuilt) {
    return JsonText.indented(
        json -> {
          json.name("rounds").value(rounds).name("seconds").value(seconds);
          for (Beside beside : Beside.values()) {
            json.name(beside.name().toLowerCase(Locale.ROOT)).beginObject();
            for (Figure figure : Figure.values()) {
              String name = figure.name().toLowerCase(Locale.ROOT);
              json.name(name + "_ns").value(Math.round(figure(of(measured, beside), figure)));
              json.name(name + "_slower_percent")
                  .value(Math.round(1000 * slower(measured, beside, figure)) / 10.0);
            }
            json.name("images_rebuilt").value(rebuilt.getOrDefault(beside, 0L)).endObject();
          }
        });
  }
}
