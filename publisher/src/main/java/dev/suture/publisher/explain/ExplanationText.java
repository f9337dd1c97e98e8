package dev.suture.publisher.explain;

import dev.suture.publisher.Printable;
import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.delta.account.DeltaAccount.Place;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the bytes of a delta are spent on, for people at a terminal. */
public final class ExplanationText {
  private static final int FILES_MAX = 10;
  private static final int PLACES_MAX = 10;

  private ExplanationText() {}

  /** Tables of kinds, of the files with the most bytes, and of the biggest surprises. */
  public static String tables(String component, DeltaAccount account) {
    StringBuilder text = new StringBuilder();
    line(text, "%s: what the %,d bytes of the delta are spent on", component, account.deltaBytes());
    account.refusal().ifPresent(why -> line(text, "  files have no names: %s", why));
    line(text, "%n  %12s %7s  kind", "bytes", "share");
    for (Map.Entry<ByteKind, Long> kind : account.kinds().entrySet()) {
      if (kind.getValue() > 0) {
        bytes(text, kind.getValue(), account);
        line(text, "  %s", kind.getKey().title());
      }
    }
    files(text, account);
    places(text, account);
    return text.toString();
  }

  private static void files(StringBuilder text, DeltaAccount account) {
    List<FileCost> files = account.files();
    line(text, "%n  %12s %7s  file: mostly", "bytes", "share");
    for (FileCost file : files.subList(0, Math.min(FILES_MAX, files.size()))) {
      bytes(text, file.bytes(), account);
      line(text, "  %s: %s", Printable.line(file.path()), mostly(file));
    }
    if (files.size() > FILES_MAX) {
      List<FileCost> others = files.subList(FILES_MAX, files.size());
      bytes(text, others.stream().mapToLong(FileCost::bytes).sum(), account);
      line(text, "  (%,d more)", others.size());
    }
  }

  private static void places(StringBuilder text, DeltaAccount account) {
    if (account.places().isEmpty()) {
      return;
    }
    line(
        text,
        "%n  %12s %12s %12s %12s  biggest surprises: file, byte, mostly",
        "bytes",
        "long",
        "surprising",
        "new");
    account.places().stream()
        .limit(PLACES_MAX)
        .forEach(
            place ->
                line(
                    text,
                    "  %,12d %,12d %,12d %,12d  %s",
                    place.bytes(),
                    place.length(),
                    place.surpriseBytes(),
                    place.newBytes(),
                    where(place)));
  }

  /** Where a place is, and what it is. */
  private static String where(Place place) {
    return String.format(
        Locale.ROOT,
        "%s, 0x%x, %s",
        Printable.line(place.path()),
        place.offset(),
        place.kind().title());
  }

  /** What costs most in one line, for a complaint. */
  public static String reasons(DeltaAccount account, int max) {
    return account.reasons(max).stream()
        .map(
            reason ->
                String.format(
                    Locale.ROOT,
                    "%,d for %s of %s",
                    reason.bytes(),
                    reason.kind().title(),
                    Printable.line(reason.path())))
        .collect(Collectors.joining("; "));
  }

  private static String mostly(FileCost file) {
    Map.Entry<ByteKind, Long> most =
        file.kinds().entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    return String.format(Locale.ROOT, "%s (%,d)", most.getKey().title(), most.getValue());
  }

  private static void bytes(StringBuilder text, long bytes, DeltaAccount account) {
    text.append(
        String.format(
            Locale.ROOT, "  %,12d %5.1f %%", bytes, 100.0 * bytes / account.deltaBytes()));
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format + "%n", values));
  }
}
