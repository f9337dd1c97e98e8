package dev.suture.publisher.cli;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.publisher.release.ComponentCost;
import dev.suture.publisher.release.ReleaseReport;
import java.io.IOException;
import java.util.Locale;

/** What a release cost, for people and for machines. */
final class ReportText {
  private ReportText() {}

  static String table(ReleaseReport report, PayloadOptions deltas) {
    StringBuilder text = new StringBuilder();
    Manifest manifest = report.manifest();
    text.append(
        String.format(
            Locale.ROOT,
            "%s for %s: %s, timestamp version %d, manifest %s, %d advisories, %.1f s%n",
            manifest.title(),
            manifest.model(),
            report.sealed().isPresent() ? "sealed and spread, not published" : "published",
            report.version(),
            report.manifestFile().sha256().brief(),
            manifest.advisories().size(),
            report.millis() / 1000.0));
    text.append(
        String.format(
            Locale.ROOT,
            "%-16s %14s %14s %14s %11s%n",
            "component",
            "image bytes",
            "full bytes",
            "delta bytes",
            "delta/full"));
    for (ComponentCost cost : report.costs()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-16s %,14d %,14d %,14d %9.2f %%%n",
              cost.component().name(),
              cost.imageBytes(),
              cost.fullBytes(),
              cost.deltaBytes(),
              100.0 * cost.deltaBytes() / cost.fullBytes()));
    }
    report
        .sealed()
        .ifPresent(
            spread ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%s: %,d bytes; keep the --seal-key file, \"suture-publish open\" needs it%n",
                        spread.file().path(),
                        spread.file().bytes())));
    report.costs().forEach(cost -> text.append(deltas.explained(cost)));
    return text.toString();
  }

  static void json(ReleaseReport report, PayloadOptions deltas, JsonWriter json)
      throws IOException {
    Manifest manifest = report.manifest();
    json.name("release").value(manifest.title());
    json.name("baseline").value(manifest.baseline().version());
    json.name("level").value(manifest.level().letters());
    json.name("model").value(manifest.model());
    json.name("timestamp_version").value(report.version());
    json.name("manifest").beginObject();
    json.name("path").value(report.manifestFile().path());
    json.name("bytes").value(report.manifestFile().bytes());
    json.name("sha256").value(report.manifestFile().sha256().hex());
    json.endObject();
    if (report.sealed().isPresent()) {
      FileRef sealed = report.sealed().get().file();
      json.name("sealed").beginObject().name("path").value(sealed.path());
      json.name("bytes").value(sealed.bytes()).name("sha256").value(sealed.sha256().hex());
      json.endObject();
    }
    json.name("components").beginArray();
    for (ComponentCost cost : report.costs()) {
      json.beginObject();
      json.name("name").value(cost.component().name().word());
      json.name("image_bytes").value(cost.imageBytes());
      json.name("full_zstd_bytes").value(cost.fullBytes());
      json.name("delta_bytes").value(cost.deltaBytes());
      json.name("base_sha256").value(cost.component().baseSha256().hex());
      json.name("image_sha256").value(cost.component().image().sha256().hex());
      json.name("verity_root").value(cost.component().image().verityRoot().hex());
      json.name("delta_millis").value(cost.deltaMillis());
      json.name("full_millis").value(cost.fullMillis());
      deltas.explain(cost, json);
      json.endObject();
    }
    json.endArray();
    json.name("advisories").value(manifest.advisories().size());
    json.name("warnings").beginArray();
    for (String warning : report.warnings()) {
      json.value(warning);
    }
    json.endArray();
    json.name("millis").value(report.millis());
  }
}
