package dev.suture.publisher.advisory;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.manifest.Manifest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a level as a CSAF 2.0 document of the profile {@code csaf_security_advisory} (section 4.4
 * of its specification). Products are the OS release as flashed, its levels, and the fixed packages
 * as parts of the level.
 */
public final class CsafDocument {
  private final Manifest manifest;
  private final List<Manifest> earlier;
  private final AdvisoryContext context;
  private final List<Finding> findings;
  private final PatchedProduct level;

  private CsafDocument(Manifest manifest, List<Manifest> earlier, AdvisoryContext context) {
    this.manifest = manifest;
    this.earlier = earlier;
    this.context = context;
    this.findings = Finding.of(manifest, earlier, context);
    this.level = PatchedProduct.patched(manifest, context);
  }

  /**
   * The document; the same input gives the same bytes.
   *
   * @param manifest the level; has advisories, which {@link AdvisoryRules} accepts
   * @param earlier lower levels of the same baseline and model that are not withdrawn
   */
  public static byte[] write(Manifest manifest, List<Manifest> earlier, AdvisoryContext context) {
    CsafDocument document = new CsafDocument(manifest, earlier, context);
    return JsonText.indented(
        json -> {
          document.head(json);
          document.productTree(json);
          json.name("vulnerabilities").beginArray();
          for (Finding finding : document.findings) {
            document.vulnerability(json, finding);
          }
          json.endArray();
        });
  }

  private void head(JsonWriter json) throws IOException {
    json.name("document").beginObject();
    Optional<CvssVector.Severity> worst = Finding.worst(findings);
    if (worst.isPresent()) {
      json.name("aggregate_severity").beginObject();
      json.name("text").value(sentenceCase(worst.get()));
      json.endObject();
    }
    json.name("category").value("csaf_security_advisory");
    json.name("csaf_version").value("2.0");
    json.name("distribution").beginObject();
    // The manifest says the same, and any mirror serves it to anybody.
    json.name("tlp").beginObject().name("label").value("WHITE").endObject();
    json.endObject();
    json.name("lang").value("en");
    json.name("notes").beginArray();
    note(json, "summary", "Summary", summary());
    json.endArray();
    json.name("publisher").beginObject();
    json.name("category").value("vendor");
    if (context.contact().isPresent()) {
      json.name("contact_details").value(context.contact().get());
    }
    json.name("name").value(context.publisherName());
    json.name("namespace").value(context.namespace().toString());
    json.endObject();
    if (context.canonical().isPresent()) {
      json.name("references").beginArray().beginObject();
      json.name("category").value("self");
      json.name("summary").value("This document");
      json.name("url").value(context.canonical().get() + "/" + context.csafName());
      json.endObject().endArray();
    }
    json.name("title").value("Security patch " + level.name());
    tracking(json);
    json.endObject();
  }

  private String summary() {
    return String.format(
        Locale.ROOT,
        "%s closes %d %s of %s. Levels are cumulative: it holds all that lower levels of %s fix.",
        level.version(),
        findings.size(),
        findings.size() == 1 ? "vulnerability" : "vulnerabilities",
        manifest.model() + " " + manifest.baseline().version(),
        manifest.baseline().version());
  }

  private void tracking(JsonWriter json) throws IOException {
    String date = context.dateText();
    String revision = Integer.toString(AdvisoryContext.REVISION);
    json.name("tracking").beginObject();
    json.name("current_release_date").value(date);
    json.name("generator").beginObject();
    json.name("date").value(date);
    json.name("engine").beginObject();
    json.name("name").value(AdvisoryContext.TOOL);
    json.name("version").value(AdvisoryContext.TOOL_VERSION);
    json.endObject();
    json.endObject();
    json.name("id").value(context.trackingId());
    json.name("initial_release_date").value(date);
    json.name("revision_history").beginArray().beginObject();
    json.name("date").value(date);
    json.name("number").value(revision);
    json.name("summary").value("First publication.");
    json.endObject().endArray();
    json.name("status").value("final");
    json.name("version").value(revision);
    json.endObject();
  }

  private void productTree(JsonWriter json) throws IOException {
    json.name("product_tree").beginObject();
    json.name("branches").beginArray();
    openBranch(json);
    openBranch(json);
    product(json, PatchedProduct.base(manifest, context));
    for (Manifest lower : earlier) {
      product(json, PatchedProduct.patched(lower, context));
    }
    product(json, level);
    closeBranch(json, "product_name", manifest.model());
    closeBranch(json, "vendor", context.publisherName());
    Map<String, FixedPackage> packages = packages();
    for (FixedPackage part : packages.values()) {
      openBranch(json);
      openBranch(json);
      String version = part.version().orElse("fixed");
      version(json, version, part.url(), part.name() + " " + version, part.url());
      closeBranch(json, "product_name", part.name());
      closeBranch(json, "vendor", part.vendor());
    }
    json.endArray();
    json.name("relationships").beginArray();
    for (FixedPackage part : packages.values()) {
      json.beginObject();
      json.name("category").value("default_component_of");
      json.name("full_product_name").beginObject();
      json.name("name").value(part.name() + " as a part of " + level.name());
      json.name("product_id").value(level.part(part));
      helper(json, part.url());
      json.endObject();
      json.name("product_reference").value(part.url());
      json.name("relates_to_product_reference").value(level.id());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private Map<String, FixedPackage> packages() {
    Map<String, FixedPackage> packages = new LinkedHashMap<>();
    for (Finding finding : findings) {
      finding.packages().forEach(part -> packages.putIfAbsent(part.url(), part));
    }
    return packages;
  }

  /** Names are written in alphabetical order throughout, as section 6.2.13 wishes. */
  private static void openBranch(JsonWriter json) throws IOException {
    json.beginObject();
    json.name("branches").beginArray();
  }

  private static void closeBranch(JsonWriter json, String category, String name)
      throws IOException {
    json.endArray();
    json.name("category").value(category);
    json.name("name").value(name);
    json.endObject();
  }

  private static void product(JsonWriter json, PatchedProduct product) throws IOException {
    version(json, product.version(), product.id(), product.name(), product.packageUrl());
  }

  private static void version(
      JsonWriter json, String version, String id, String name, String packageUrl)
      throws IOException {
    json.beginObject();
    json.name("category").value("product_version");
    json.name("name").value(version);
    json.name("product").beginObject();
    json.name("name").value(name);
    json.name("product_id").value(id);
    helper(json, packageUrl);
    json.endObject();
    json.endObject();
  }

  private static void helper(JsonWriter json, String packageUrl) throws IOException {
    json.name("product_identification_helper").beginObject();
    json.name("purl").value(packageUrl);
    json.endObject();
  }

  private void vulnerability(JsonWriter json, Finding finding) throws IOException {
    json.beginObject();
    if (finding.id().isCve()) {
      json.name("cve").value(finding.id().text());
    } else {
      json.name("ids").beginArray().beginObject();
      json.name("system_name").value(finding.id().system());
      json.name("text").value(finding.id().text());
      json.endObject().endArray();
    }
    json.name("notes").beginArray();
    for (String sentence : finding.summaries()) {
      note(json, "description", "What was fixed", sentence);
    }
    for (CvssVector vector : finding.vectors()) {
      if (vector.isVersion4()) { // CSAF 2.0 has no field for it.
        note(
            json,
            "other",
            "CVSS 4.0",
            vector.text() + " " + vector.baseScore() + " " + sentenceCase(vector.severity()));
      }
    }
    json.endArray();
    json.name("product_status").beginObject();
    json.name("fixed").beginArray();
    json.value(level.id());
    for (FixedPackage part : finding.packages()) {
      json.value(level.part(part));
    }
    ids(json, finding.fixedEarlier());
    json.endArray();
    json.name("known_affected").beginArray();
    ids(json, finding.affected());
    json.endArray();
    json.endObject();
    remediation(json, finding);
    scores(json, finding);
    json.endObject();
  }

  private void remediation(JsonWriter json, Finding finding) throws IOException {
    json.name("remediations").beginArray().beginObject();
    json.name("category").value("vendor_fix");
    json.name("date").value(context.dateText());
    json.name("details").value("Install " + level.version() + ".");
    json.name("product_ids").beginArray();
    ids(json, finding.affected());
    json.endArray();
    json.name("restart_required").beginObject();
    json.name("category").value(restart());
    json.endObject();
    json.endObject().endArray();
  }

  private String restart() {
    return switch (manifest.restart()) {
      case NONE -> "none";
      case SERVICES -> "service";
      case USERSPACE, KEXEC -> "system";
      case REBOOT -> "machine";
    };
  }

  /** For what is affected: a score of what is fixed would have to be zero. */
  private static void scores(JsonWriter json, Finding finding) throws IOException {
    Optional<CvssVector> three =
        finding.vectors().stream().filter(vector -> !vector.isVersion4()).findFirst();
    if (three.isEmpty()) {
      return;
    }
    json.name("scores").beginArray().beginObject();
    json.name("cvss_v3").beginObject();
    json.name("baseScore").value(three.get().baseScore());
    json.name("baseSeverity").value(three.get().severity().name());
    json.name("vectorString").value(three.get().text());
    json.name("version").value(three.get().version());
    json.endObject();
    json.name("products").beginArray();
    ids(json, finding.affected());
    json.endArray();
    json.endObject().endArray();
  }

  private static void ids(JsonWriter json, List<PatchedProduct> products) throws IOException {
    for (PatchedProduct product : products) {
      json.value(product.id());
    }
  }

  private static void note(JsonWriter json, String category, String title, String text)
      throws IOException {
    json.beginObject();
    json.name("category").value(category);
    json.name("text").value(text);
    json.name("title").value(title);
    json.endObject();
  }

  private static String sentenceCase(CvssVector.Severity severity) {
    String word = severity.name();
    return word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT);
  }
}
