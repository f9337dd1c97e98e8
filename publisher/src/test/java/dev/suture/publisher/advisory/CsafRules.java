package dev.suture.publisher.advisory;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Those mandatory tests of CSAF 2.0 (section 6.1) that its schema cannot say and that our documents
 * can fail, each named by its number in what it returns.
 */
final class CsafRules {
  private final JsonNode document;
  private final List<String> broken = new ArrayList<>();

  private CsafRules(JsonNode document) {
    this.document = document;
  }

  /** The tests that the document fails, with where. */
  static List<String> check(JsonNode document) {
    CsafRules rules = new CsafRules(document);
    rules.products();
    rules.tracking();
    rules.profile();
    Set<String> names = new HashSet<>();
    for (JsonNode vulnerability : document.path("vulnerabilities")) {
      if (vulnerability.has("cve")) {
        rules.require(names.add(vulnerability.path("cve").asString()), "6.1.23", vulnerability);
      }
      rules.status(vulnerability);
      rules.scores(vulnerability);
    }
    return rules.broken;
  }

  private void require(boolean good, String test, JsonNode where) {
    if (!good) {
      broken.add(test + " " + where);
    }
  }

  /** 6.1.1 missing and 6.1.2 multiple definitions, 6.1.3 circles, 6.1.13 package URLs. */
  private void products() {
    JsonNode tree = document.path("product_tree");
    Set<String> branches = new HashSet<>();
    Set<String> defined = new HashSet<>();
    for (JsonNode definition : tree.findParents("product_id")) {
      String id = definition.path("product_id").asString();
      require(defined.add(id), "6.1.2", definition);
    }
    for (JsonNode definition : tree.path("branches").findParents("product_id")) {
      branches.add(definition.path("product_id").asString());
    }
    for (JsonNode relationship : tree.path("relationships")) {
      for (String end : List.of("product_reference", "relates_to_product_reference")) {
        String id = relationship.path(end).asString();
        require(defined.contains(id), "6.1.1", relationship);
        require(branches.contains(id), "6.1.3", relationship);
      }
    }
    for (JsonNode vulnerability : document.path("vulnerabilities")) {
      List<JsonNode> lists = new ArrayList<>();
      vulnerability.path("product_status").forEach(lists::add);
      vulnerability.path("scores").forEach(score -> lists.add(score.path("products")));
      vulnerability.path("remediations").forEach(fix -> lists.add(fix.path("product_ids")));
      for (JsonNode list : lists) {
        list.forEach(id -> require(defined.contains(id.asString()), "6.1.1", id));
      }
    }
    for (JsonNode url : document.findValues("purl")) {
      try {
        require(new PackageURL(url.asString()).getName() != null, "6.1.13", url);
      } catch (MalformedPackageURLException e) {
        broken.add("6.1.13 " + e.getMessage());
      }
    }
  }

  /** 6.1.14 sorted history, 6.1.16 latest version, 6.1.22 each revision once. */
  private void tracking() {
    JsonNode tracking = document.at("/document/tracking");
    String last = "";
    String number = "";
    Set<String> numbers = new HashSet<>();
    for (JsonNode revision : tracking.path("revision_history")) {
      require(last.compareTo(revision.path("date").asString()) <= 0, "6.1.14", revision);
      last = revision.path("date").asString();
      number = revision.path("number").asString();
      require(numbers.add(number), "6.1.22", revision);
    }
    require(tracking.path("version").asString().equals(number), "6.1.16", tracking);
  }

  /** 6.1.26 the category's name, 6.1.27.4 to 6.1.27.7 what the profile needs. */
  private void profile() {
    require(
        document.at("/document/category").asString().equals("csaf_security_advisory"),
        "6.1.26",
        document.path("document"));
    require(document.has("product_tree"), "6.1.27.4", document.path("document"));
    require(document.has("vulnerabilities"), "6.1.27.11", document.path("document"));
    for (JsonNode vulnerability : document.path("vulnerabilities")) {
      require(vulnerability.has("notes"), "6.1.27.5", vulnerability);
      require(vulnerability.has("product_status"), "6.1.27.6", vulnerability);
    }
  }

  /** 6.1.6 contradiction, 6.1.29 a remedy without products. */
  private void status(JsonNode vulnerability) {
    Map<String, String> groups = new HashMap<>();
    vulnerability
        .path("product_status")
        .properties()
        .forEach(
            list -> {
              for (JsonNode id : list.getValue()) {
                String before = groups.putIfAbsent(id.asString(), list.getKey());
                require(before == null || before.equals(list.getKey()), "6.1.6", id);
              }
            });
    for (JsonNode fix : vulnerability.path("remediations")) {
      require(!fix.path("product_ids").isEmpty(), "6.1.29", fix);
    }
  }

  /** 6.1.7 two scores, 6.1.9 score and severity that the vector does not give. */
  private void scores(JsonNode vulnerability) {
    Set<String> scored = new HashSet<>();
    for (JsonNode score : vulnerability.path("scores")) {
      JsonNode cvss = score.path("cvss_v3");
      for (JsonNode id : score.path("products")) {
        require(scored.add(id.asString() + cvss.path("version").asString()), "6.1.7", id);
      }
      String vector = cvss.path("vectorString").asString();
      double expected = baseScore(vector);
      require(cvss.path("baseScore").asDouble() == expected, "6.1.9", cvss);
      require(cvss.path("baseSeverity").asString().equals(severity(expected)), "6.1.9", cvss);
      require(vector.startsWith("CVSS:" + cvss.path("version").asString() + "/"), "6.1.9", cvss);
    }
  }

  private static String severity(double score) {
    if (score == 0) {
      return "NONE";
    }
    return score < 4 ? "LOW" : score < 7 ? "MEDIUM" : score < 9 ? "HIGH" : "CRITICAL";
  }

  /** The formula of CVSS 3.1, section 7.1, a second time: the publisher asks a library. */
  static double baseScore(String vector) {
    Map<String, String> metrics = new HashMap<>();
    for (String part : vector.split("/", -1)) {
      metrics.put(part.substring(0, part.indexOf(':')), part.substring(part.indexOf(':') + 1));
    }
    boolean changed = "C".equals(metrics.get("S"));
    double missed = 1;
    for (String name : List.of("C", "I", "A")) {
      missed *= 1 - weight(metrics, name, Map.of("H", 0.56, "L", 0.22, "N", 0.0));
    }
    double subScore = 1 - missed;
    double impact =
        changed
            ? 7.52 * (subScore - 0.029) - 3.25 * Math.pow(subScore - 0.02, 15)
            : 6.42 * subScore;
    double exploitability =
        8.22
            * weight(metrics, "AV", Map.of("N", 0.85, "A", 0.62, "L", 0.55, "P", 0.2))
            * weight(metrics, "AC", Map.of("L", 0.77, "H", 0.44))
            * weight(
                metrics,
                "PR",
                Map.of("N", 0.85, "L", changed ? 0.68 : 0.62, "H", changed ? 0.5 : 0.27))
            * weight(metrics, "UI", Map.of("N", 0.85, "R", 0.62));
    if (impact <= 0) {
      return 0;
    }
    double sum = Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10);
    long scaled = Math.round(sum * 100_000);
    return (scaled % 10_000 == 0 ? scaled / 10_000 : Math.floorDiv(scaled, 10_000) + 1) / 10.0;
  }

  private static double weight(
      Map<String, String> metrics, String name, Map<String, Double> weights) {
    return Objects.requireNonNull(weights.get(metrics.get(name)), name);
  }
}
