package dev.suture.publisher.explain;

import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.delta.account.DeltaAccount.Place;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the bytes of a delta are spent on, as a page: a picture, and tables below it. It loads
 * nothing and runs nothing. The same account gives the same bytes.
 */
final class ExplanationPage {
  private static final int FILES_MAX = 1000;

  private static final Map<ByteKind, String> COLOURS =
      Map.ofEntries(
          Map.entry(ByteKind.FORMAT, "#bdbdbd"),
          Map.entry(ByteKind.COPIES, "#d9c7a0"),
          Map.entry(ByteKind.ADDRESSES, "#e6dccb"),
          Map.entry(ByteKind.CODE, "#f28e63"),
          Map.entry(ByteKind.RELOCATIONS, "#b5a3d9"),
          Map.entry(ByteKind.POINTERS, "#8fb4e0"),
          Map.entry(ByteKind.FRAME_TABLE, "#7fcfc4"),
          Map.entry(ByteKind.FRAMES, "#a9dfc9"),
          Map.entry(ByteKind.SYMBOLS, "#e3a6cf"),
          Map.entry(ByteKind.SYMBOL_NUMBERS, "#d98fb9"),
          Map.entry(ByteKind.KERNEL_TABLES, "#6fa8b8"),
          Map.entry(ByteKind.DATA, "#f3d169"),
          Map.entry(ByteKind.NEW, "#9ccb7c"));

  private static final String STYLE =
      """
      :root { color-scheme: light; }
      body { font: 15px/1.45 system-ui, sans-serif; max-width: 1200px; margin: 1.5em auto; padding: 0 1em;
        color: #1c1c1c; background: #fff; }
      svg { width: 100%; height: auto; display: block; }
      svg rect { stroke: #fff; stroke-width: 1; }
      svg rect.file { fill: #e9e9e9; stroke: #555; }
      svg g:hover rect { stroke: #000; stroke-width: 2; }
      svg text { font: 12px system-ui, sans-serif; fill: #1c1c1c; }
      svg text.head { font-weight: 600; }
      .through { pointer-events: none; }
      table { border-collapse: collapse; margin: 0 0 1.5em; }
      th, td { text-align: left; padding: 2px 12px 2px 0; border-bottom: 1px solid #ddd; vertical-align: top;
        overflow-wrap: anywhere; }
      .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
      .swatch { display: inline-block; width: 0.9em; height: 0.9em; margin-right: 0.5em; }
      """;

  private final StringBuilder html = new StringBuilder();
  private final DeltaAccount account;

  private ExplanationPage(DeltaAccount account) {
    this.account = account;
  }

  /** The page, in UTF-8. */
  static byte[] document(String component, DeltaAccount account) {
    return new ExplanationPage(account).write(component).getBytes(StandardCharsets.UTF_8);
  }

  private String write(String component) {
    String title = "The delta of " + component;
    add("<!DOCTYPE html>%n<html lang=\"en\"><head><meta charset=\"utf-8\"/>%n");
    add(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
            + " 'unsafe-inline'\"/>%n");
    add("<meta name=\"viewport\" content=\"width=device-width\"/>%n");
    add("<title>%s</title>%n<style>%n%s%s</style></head>%n", Html.text(title), STYLE, fills());
    add("<body><h1>%s</h1>%n", Html.text(title));
    add(
        "<p>What its %,d bytes are spent on; the image has %,d. Areas are bytes of the delta: grey"
            + " frames are files, colours are kinds. Many places are compressed together, and"
            + " each pays for what is read to make it: what repeats is cheap, and the first of its"
            + " kind pays.</p>%n",
        account.deltaBytes(), account.imageBytes());
    account.refusal().ifPresent(why -> add("<p>Files have no names: %s.</p>%n", Html.text(why)));
    html.append(TreemapPicture.draw(account));
    kinds();
    places();
    files();
    return html.append("</body></html>\n").toString();
  }

  private static String fills() {
    return Stream.of(ByteKind.values())
        .map(
            kind ->
                String.format(
                    Locale.ROOT,
                    ".kind-%s { fill: %s; background: %s; }%n",
                    kind.word(),
                    COLOURS.get(kind),
                    COLOURS.get(kind)))
        .collect(Collectors.joining());
  }

  private void kinds() {
    table("Kinds", "bytes", "share", "", "kind");
    account
        .kinds()
        .forEach(
            (kind, bytes) -> {
              add("<tr>");
              numbers(number(bytes), share(bytes));
              add("<td><span class=\"swatch kind-%s\"></span></td>", kind.word());
              texts(kind.title());
              add("</tr>%n");
            });
    add("</table>%n");
  }

  private void places() {
    if (account.places().isEmpty()) {
      return;
    }
    table("Biggest surprises", "bytes", "long", "surprising", "new", "at byte", "mostly", "file");
    for (Place place : account.places()) {
      add("<tr>");
      numbers(
          number(place.bytes()),
          number(place.length()),
          number(place.surpriseBytes()),
          number(place.newBytes()),
          "0x" + Long.toHexString(place.offset()));
      texts(place.kind().title(), place.path());
      add("</tr>%n");
    }
    add("</table>%n");
  }

  private void files() {
    table("Files", "bytes", "share", "of the image", "file", "kinds");
    List<FileCost> files = account.files();
    for (FileCost file : files.subList(0, Math.min(FILES_MAX, files.size()))) {
      add("<tr>");
      numbers(number(file.bytes()), share(file.bytes()), number(file.imageBytes()));
      texts(file.path(), kinds(file));
      add("</tr>%n");
    }
    add("</table>%n");
    if (files.size() > FILES_MAX) {
      add("<p>And %,d more, in the JSON document.</p>%n", files.size() - FILES_MAX);
    }
  }

  private void table(String title, String... columns) {
    add("<h2>%s</h2>%n<table><tr>", title);
    for (String column : columns) {
      add("<th>%s</th>", column);
    }
    add("</tr>%n");
  }

  private void numbers(String... cells) {
    for (String cell : cells) {
      add("<td class=\"number\">%s</td>", cell);
    }
  }

  private void texts(String... cells) {
    for (String cell : cells) {
      add("<td>%s</td>", Html.text(cell));
    }
  }

  private static String kinds(FileCost file) {
    return file.kinds().entrySet().stream()
        .map(kind -> String.format(Locale.ROOT, "%s %,d", kind.getKey().title(), kind.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private String share(long bytes) {
    return String.format(Locale.ROOT, "%.1f %%", 100.0 * bytes / account.deltaBytes());
  }

  private void add(String format, Object... values) {
    html.append(String.format(Locale.ROOT, format, values));
  }
}
