package dev.suture.publisher.explain;

import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.explain.Treemap.Box;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The bytes of a delta as areas: files, and kinds within them. */
final class TreemapPicture {
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 720;

  /** The others are drawn as one: they are too small to be seen. */
  private static final int FILES_MAX = 200;

  private static final double HEAD = 17;
  private static final double BORDER = 2;
  private static final double HEAD_WIDTH_MIN = 60;
  private static final double HEAD_HEIGHT_MIN = 40;
  private static final double LABEL_WIDTH_MIN = 70;
  private static final double LABEL_HEIGHT_MIN = 18;

  private final StringBuilder svg = new StringBuilder();
  private final DeltaAccount account;

  private TreemapPicture(DeltaAccount account) {
    this.account = account;
  }

  /** An element to put into a page that colours the classes {@code kind-WORD}. */
  static String draw(DeltaAccount account) {
    return new TreemapPicture(account).draw();
  }

  private String draw() {
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Bytes of the delta, by file and"
            + " kind\">%n",
        WIDTH, HEIGHT);
    List<FileCost> files = drawn();
    List<Long> weights = files.stream().map(FileCost::bytes).toList();
    List<Box> boxes = Treemap.divide(new Box(0, 0, WIDTH, HEIGHT), weights);
    for (int i = 0; i < boxes.size(); i++) {
      file(files.get(i), boxes.get(i));
    }
    return svg.append("</svg>\n").toString();
  }

  /** The files with the most bytes, and one for all others. */
  private List<FileCost> drawn() {
    List<FileCost> files = account.files();
    if (files.size() <= FILES_MAX) {
      return files;
    }
    List<FileCost> drawn = new ArrayList<>(files.subList(0, FILES_MAX));
    List<FileCost> others = files.subList(FILES_MAX, files.size());
    Map<ByteKind, Long> kinds = new EnumMap<>(ByteKind.class);
    others.forEach(file -> file.kinds().forEach((kind, n) -> kinds.merge(kind, n, Long::sum)));
    long imageBytes = others.stream().mapToLong(FileCost::imageBytes).sum();
    drawn.add(new FileCost("(" + others.size() + " more)", imageBytes, kinds));
    drawn.sort((a, b) -> Long.compare(b.bytes(), a.bytes()));
    return drawn;
  }

  private void file(FileCost file, Box box) {
    boolean hasHead = box.width() >= HEAD_WIDTH_MIN && box.height() >= HEAD_HEIGHT_MIN;
    add("<g><title>%s</title>%n", Html.text(title(file.path(), file.bytes())));
    rectangle("file", box);
    add("</g>%n");
    if (hasHead) {
      label(box, "head", shortName(file.path()));
    }
    List<Map.Entry<ByteKind, Long>> kinds = new ArrayList<>(file.kinds().entrySet());
    kinds.sort(Map.Entry.<ByteKind, Long>comparingByValue().reversed());
    Box inside = box.inside(Math.min(BORDER, box.width() / 4), hasHead ? HEAD : box.height() / 20);
    List<Box> boxes = Treemap.divide(inside, kinds.stream().map(Map.Entry::getValue).toList());
    for (int i = 0; i < boxes.size(); i++) {
      ByteKind kind = kinds.get(i).getKey();
      long bytes = kinds.get(i).getValue();
      add("<g><title>%s</title>%n", Html.text(title(file.path() + ": " + kind.title(), bytes)));
      rectangle("kind-" + kind.word(), boxes.get(i));
      add("</g>%n");
      if (boxes.get(i).width() >= LABEL_WIDTH_MIN && boxes.get(i).height() >= LABEL_HEIGHT_MIN) {
        label(boxes.get(i), "label", String.format(Locale.ROOT, "%,d %s", bytes, kind.title()));
      }
    }
  }

  private String title(String what, long bytes) {
    return String.format(
        Locale.ROOT,
        "%s: %,d bytes, %.1f %% of the delta",
        what,
        bytes,
        100.0 * bytes / account.deltaBytes());
  }

  /** The last part of a path. */
  private static String shortName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void rectangle(String kind, Box box) {
    add(
        "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>%n",
        kind, box.x(), box.y(), box.width(), box.height());
  }

  /** Text that ends with its box; the pointer goes through it. */
  private void label(Box box, String kind, String text) {
    add(
        "<svg x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"through\">"
            + "<text class=\"%s\" x=\"4\" y=\"13\">%s</text></svg>%n",
        box.x(),
        box.y(),
        Math.max(0, box.width() - 2),
        Math.max(0, box.height()),
        kind,
        Html.text(text));
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
