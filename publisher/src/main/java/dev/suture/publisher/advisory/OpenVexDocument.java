package dev.suture.publisher.advisory;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.manifest.Manifest;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * Writes what a level means for devices as an OpenVEX 0.2.0 document: for every vulnerability a
 * statement {@code fixed} for the level (and earlier levels that close it as well), and a statement
 * {@code affected} for the OS release as flashed and the earlier levels that do not.
 */
public final class OpenVexDocument {
  private static final String CONTEXT = "https://openvex.dev/ns/v0.2.0";

  private OpenVexDocument() {}

  /**
   * The document; the same input gives the same bytes.
   *
   * @param manifest the level; has advisories, which {@link AdvisoryRules} accepts
   * @param earlier lower levels of the same baseline and model that are not withdrawn
   */
  public static byte[] write(Manifest manifest, List<Manifest> earlier, AdvisoryContext context) {
    PatchedProduct level = PatchedProduct.patched(manifest, context);
    return JsonText.indented(
        json -> {
          json.name("@context").value(CONTEXT);
          json.name("@id").value(context.namespace() + "/openvex/" + context.openVexName());
          json.name("author").value(context.publisherName());
          json.name("role").value("vendor");
          json.name("timestamp").value(context.dateText());
          json.name("version").value(AdvisoryContext.REVISION);
          json.name("tooling").value(AdvisoryContext.TOOL + " " + AdvisoryContext.TOOL_VERSION);
          json.name("statements").beginArray();
          for (Finding finding : Finding.of(manifest, earlier, context)) {
            fixed(json, finding, level);
            affected(json, finding, manifest.title());
          }
          json.endArray();
        });
  }

  private static void fixed(JsonWriter json, Finding finding, PatchedProduct level)
      throws IOException {
    json.beginObject();
    vulnerability(json, finding);
    json.name("products").beginArray();
    product(json, level, finding.packages(), FixedPackage::url);
    for (PatchedProduct earlier : finding.fixedEarlier()) {
      product(json, earlier, finding.packages(), FixedPackage::anyVersion);
    }
    json.endArray();
    json.name("status").value("fixed");
    json.endObject();
  }

  private static void affected(JsonWriter json, Finding finding, String title) throws IOException {
    json.beginObject();
    vulnerability(json, finding);
    json.name("products").beginArray();
    for (PatchedProduct product : finding.affected()) {
      product(json, product, finding.packages(), FixedPackage::anyVersion);
    }
    json.endArray();
    json.name("status").value("affected");
    json.name("action_statement").value("Install " + title + ".");
    json.endObject();
  }

  private static void vulnerability(JsonWriter json, Finding finding) throws IOException {
    json.name("vulnerability").beginObject();
    json.name("name").value(finding.id().text());
    json.name("description").value(String.join(" ", finding.summaries()));
    json.endObject();
  }

  private static void product(
      JsonWriter json,
      PatchedProduct product,
      List<FixedPackage> packages,
      Function<FixedPackage, String> url)
      throws IOException {
    json.beginObject();
    identified(json, product.packageUrl());
    json.name("subcomponents").beginArray();
    for (String part : packages.stream().map(url).distinct().toList()) {
      json.beginObject();
      identified(json, part);
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static void identified(JsonWriter json, String packageUrl) throws IOException {
    json.name("@id").value(packageUrl);
    json.name("identifiers").beginObject().name("purl").value(packageUrl).endObject();
  }
}
