package dev.suture.benchmarks;

import java.util.List;
import java.util.Locale;

/** Bars of the bytes to download, a group for each pair, on a logarithmic scale, as SVG. */
final class ComparisonChart {
  private static final int LEFT = 150;
  private static final int TOP = 64;
  private static final int SCALE = 780;
  private static final int RIGHT = 90;
  private static final int BAR = 9;
  private static final int GAP = 14;
  private static final int KEY_COLUMNS = 5;
  private static final int KEY_WIDTH = 160;

  private ComparisonChart() {}

  static String svg(List<Comparison> comparisons) {
    long most = 1;
    int bars = 0;
    for (Comparison comparison : comparisons) {
      for (Made made : comparison.made().values()) {
        most = Math.max(most, made.bytes());
        bars++;
      }
    }
    int decades = (int) Math.ceil(Math.log10((double) most));
    int bottom = TOP + bars * BAR + comparisons.size() * GAP;
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"11\">%n",
        LEFT + SCALE + RIGHT,
        bottom + 24);
    add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n");
    key(svg);
    for (int i = 1; i <= decades; i++) {
      double x = x(Math.pow(10, i), decades);
      add(
          svg,
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>%n",
          x,
          TOP,
          x,
          bottom);
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d B</text>%n",
          x,
          bottom + 14,
          Math.round(Math.pow(10, i)));
    }
    int y = TOP;
    for (Comparison comparison : comparisons) {
      int begin = y;
      for (Tool tool : Tool.values()) {
        Made made = comparison.made().get(tool);
        if (made != null) {
          bar(svg, tool, made.bytes(), y, decades);
          y += BAR;
        }
      }
      add(
          svg,
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
          LEFT - 8,
          (begin + y) / 2 + 4,
          comparison.pair().name());
      y += GAP;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void bar(StringBuilder svg, Tool tool, long bytes, int y, int decades) {
    double end = x((double) bytes, decades);
    add(
        svg,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
        LEFT,
        y,
        end - LEFT,
        BAR - 1,
        color(tool));
    add(svg, "<text x=\"%.1f\" y=\"%d\" font-size=\"8\">%,d</text>%n", end + 3, y + BAR - 2, bytes);
  }

  private static void key(StringBuilder svg) {
    int place = 0;
    for (Tool tool : Tool.values()) {
      int x = LEFT + place % KEY_COLUMNS * KEY_WIDTH;
      int y = 14 + place / KEY_COLUMNS * 18;
      place++;
      add(
          svg,
          "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>%n",
          x,
          y,
          color(tool));
      add(svg, "<text x=\"%d\" y=\"%d\">%s</text>%n", x + 15, y + 9, tool.column());
    }
  }

  private static String color(Tool tool) {
    return switch (tool) {
      case FULL_ZSTD19 -> "#9a9a9a";
      case SUTURE -> "#c0392b";
      case BSDIFF -> "#1f4e79";
      case BSDIFF_XZ -> "#4a86c5";
      case XDELTA3 -> "#7d5ba6";
      case ZSTD_PATCH_FROM -> "#2e8b57";
      case HDIFFPATCH -> "#8fbc5a";
      case CASYNC -> "#d9902f";
      case BLOCK4K -> "#e3c565";
    };
  }

  private static double x(double bytes, int decades) {
    return LEFT + SCALE * Math.log10(Math.max(1, bytes)) / Math.max(1, decades);
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
