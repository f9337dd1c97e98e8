package dev.suture.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Comparisons as text. */
final class ComparisonReport {
  private static final List<Tool> PEERS =
      Arrays.stream(Tool.values()).filter(tool -> tool != Tool.SUTURE).toList();

  private ComparisonReport() {}

  /** A line for each comparison; what did not run is empty. */
  static String csv(List<Comparison> comparisons) {
    StringBuilder csv = new StringBuilder("pair,old_bytes,new_bytes,deb");
    for (Tool tool : Tool.values()) {
      csv.append(',').append(tool.column());
    }
    csv.append(",gen_seconds,gen_peak_kib,apply_seconds,cp_sha_seconds,apply_peak_kib\n");
    for (Comparison comparison : comparisons) {
      List<String> fields = new ArrayList<>();
      fields.add(comparison.pair().name());
      fields.add(Long.toString(comparison.oldBytes()));
      fields.add(Long.toString(comparison.newBytes()));
      fields.add(Long.toString(comparison.pair().debBytes()));
      for (Tool tool : Tool.values()) {
        fields.add(made(comparison, tool).map(made -> Long.toString(made.bytes())).orElse(""));
      }
      fields.add(format("%.3f", comparison.suture().seconds()));
      fields.add(Long.toString(comparison.suture().peakKib()));
      fields.add(format("%.4f", comparison.times().rebuildNanos() / 1e9));
      fields.add(format("%.4f", comparison.times().copyNanos() / 1e9));
      fields.add(Long.toString(comparison.times().freshPeakKib()));
      csv.append(String.join(",", fields)).append('\n');
    }
    return csv.toString();
  }

  /** Tables of sizes, ratios and costs. */
  static String tables(List<Comparison> comparisons) {
    return "Bytes to download\n"
        + table(sizes(comparisons))
        + "\nDelta of Suture to it: below 1, Suture's is smaller\n"
        + table(ratios(comparisons))
        + "\nSeconds and peak MiB of making it (- where it is not one program's)\n"
        + table(costs(comparisons))
        + "\nRebuild: milliseconds in a warmed JVM, of cp + sha256sum in turn, and a fresh JVM's"
        + " peak\n"
        + table(rebuilds(comparisons));
  }

  /** Geometric mean of the ratios to a tool, over what counts. */
  static OptionalDouble mean(List<Comparison> comparisons, Tool tool) {
    return comparisons.stream()
        .filter(Comparison::counts)
        .map(comparison -> comparison.ratioTo(tool))
        .flatMap(Optional::stream)
        .mapToDouble(Math::log)
        .average()
        .stream()
        .map(Math::exp)
        .findFirst();
  }

  private static List<List<String>> sizes(List<Comparison> comparisons) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("pair", "old", "new", "deb"));
    Arrays.stream(Tool.values()).map(Tool::column).forEach(head::add);
    rows.add(head);
    for (Comparison comparison : comparisons) {
      List<String> row = new ArrayList<>();
      row.add(comparison.pair().name());
      row.add(format("%,d", comparison.oldBytes()));
      row.add(format("%,d", comparison.newBytes()));
      row.add(format("%,d", comparison.pair().debBytes()));
      for (Tool tool : Tool.values()) {
        row.add(made(comparison, tool).map(made -> format("%,d", made.bytes())).orElse(""));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<List<String>> ratios(List<Comparison> comparisons) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("pair"));
    PEERS.stream().map(Tool::column).forEach(head::add);
    head.add("averaged");
    rows.add(head);
    for (Comparison comparison : comparisons) {
      List<String> row = new ArrayList<>();
      row.add(comparison.pair().name());
      for (Tool tool : PEERS) {
        row.add(comparison.ratioTo(tool).map(ratio -> format("%.3f", ratio)).orElse(""));
      }
      row.add(comparison.counts() ? "yes" : "no");
      rows.add(row);
    }
    List<String> means = new ArrayList<>(List.of("geometric mean"));
    for (Tool tool : PEERS) {
      OptionalDouble mean = mean(comparisons, tool);
      means.add(mean.isPresent() ? format("%.3f", mean.getAsDouble()) : "");
    }
    means.add(Long.toString(comparisons.stream().filter(Comparison::counts).count()));
    rows.add(means);
    return rows;
  }

  private static List<List<String>> costs(List<Comparison> comparisons) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("pair"));
    Arrays.stream(Tool.values()).map(Tool::column).forEach(head::add);
    rows.add(head);
    for (Comparison comparison : comparisons) {
      List<String> row = new ArrayList<>();
      row.add(comparison.pair().name());
      for (Tool tool : Tool.values()) {
        row.add(made(comparison, tool).map(ComparisonReport::cost).orElse(""));
      }
      rows.add(row);
    }
    return rows;
  }

  private static String cost(Made made) {
    String peak =
        made.peakKib() == Made.PEAK_UNKNOWN ? "-" : format("%.0f", made.peakKib() / 1024.0);
    return format("%.2f", made.seconds()) + " " + peak;
  }

  private static List<List<String>> rebuilds(List<Comparison> comparisons) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("pair", "rebuild ms", "cp+sha256 ms", "ratio", "fresh ms", "peak KiB"));
    for (Comparison comparison : comparisons) {
      RebuildTimes times = comparison.times();
      rows.add(
          List.of(
              comparison.pair().name(),
              format("%.1f", times.rebuildNanos() / 1e6),
              format("%.1f", times.copyNanos() / 1e6),
              format("%.2f", times.ratio()),
              format("%.0f", times.freshNanos() / 1e6),
              Long.toString(times.freshPeakKib())));
    }
    return rows;
  }

  private static Optional<Made> made(Comparison comparison, Tool tool) {
    return Optional.ofNullable(comparison.made().get(tool));
  }

  /** The first column to the left, the others to the right. */
  private static String table(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream()
        .map(row -> line(row, widths).stripTrailing() + "\n")
        .collect(Collectors.joining());
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder(row.get(0));
    line.append(" ".repeat(widths[0] - row.get(0).length()));
    for (int i = 1; i < widths.length; i++) {
      line.append("  ").append(" ".repeat(widths[i] - row.get(i).length())).append(row.get(i));
    }
    return line.toString();
  }

  private static String format(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
