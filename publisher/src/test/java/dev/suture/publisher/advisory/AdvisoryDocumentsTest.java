package dev.suture.publisher.advisory;

import static dev.suture.publisher.advisory.DocumentSchemas.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Advisory;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.manifest.RestartScope;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class AdvisoryDocumentsTest {
  private static final String OPENSSL =
      "pkg:deb/debian/openssl@3.0.22-1~deb12u2?arch=arm64&distro=bookworm";
  private static final String LIBCPP = "pkg:deb/debian/libdemo%2B%2B@1:2.1?arch=arm64";

  private static final Advisory OVERFLOW =
      advisory("CVE-2026-12345", OPENSSL, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
  private static final Advisory LEAK =
      advisory("CVE-2026-1111", OPENSSL, "CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:C/C:L/I:L/A:N/E:P");
  private static final Advisory LOOP =
      advisory(
          "CVE-2026-2222",
          LIBCPP,
          "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N");
  private static final Advisory UNRATED =
      new Advisory("GHSA-2g4f-4pwh-qvx6", LIBCPP, "1:2.1", Optional.empty(), "<b> & \"quoted\" ü.");

  private static final AdvisoryContext CONTEXT =
      new AdvisoryContext(
          "Example Devices & Söhne",
          URI.create("https://psirt.example.com/x"),
          Optional.of("security@example.com"),
          "suture-virt-arm64-26.1-B",
          Instant.parse("2026-11-21T12:00:00.5Z"),
          Optional.of(URI.create("https://psirt.example.com/csaf")));

  private static Advisory advisory(String id, String url, String vector) {
    return new Advisory(id, url, "9", Optional.of(vector), "A sentence about " + id + ".");
  }

  private static Manifest manifest(String level, RestartScope restart, Advisory... advisories) {
    Sha256 digest = Sha256.of(new byte[] {1});
    FileRef file = new FileRef("payloads/" + digest.hex() + ".zst", 100, digest);
    return new Manifest(
        new Baseline("26.1+x"),
        new Level(level),
        "suture-virt-arm64",
        AgentVersion.CURRENT,
        restart,
        List.of(
            new PatchComponent(
                new ComponentName("tls"),
                digest,
                new ImageIdentity(8192, digest, digest, digest),
                List.of(new Payload(Payload.Kind.FULL, file)))),
        List.of(advisories),
        new HealthPlan(10, 0, List.of(new HealthCheck.Https(443, "/", 200))));
  }

  private static final Manifest LEVEL =
      manifest("b", RestartScope.SERVICES, OVERFLOW, LEAK, LOOP, UNRATED);
  private static final List<Manifest> EARLIER =
      List.of(manifest("a", RestartScope.REBOOT, OVERFLOW));

  private static ObjectNode csaf() {
    return (ObjectNode) JSON.readTree(CsafDocument.write(LEVEL, EARLIER, CONTEXT));
  }

  private static ObjectNode openVex() {
    return (ObjectNode) JSON.readTree(OpenVexDocument.write(LEVEL, EARLIER, CONTEXT));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  @Test
  void csaf_written_passesItsSchemaAndMandatoryTests() {
    assertThat(DocumentSchemas.csaf(csaf())).isEmpty();
    assertThat(CsafRules.check(csaf())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(RestartScope.class)
  void csaf_levelAloneWithEveryRestart_passes(RestartScope restart) {
    AdvisoryContext bare =
        new AdvisoryContext(
            "E",
            URI.create("https://e.example"),
            Optional.empty(),
            "x",
            CONTEXT.date(),
            Optional.empty());
    JsonNode document =
        JSON.readTree(CsafDocument.write(manifest("aa", restart, UNRATED), List.of(), bare));

    assertThat(DocumentSchemas.csaf(document)).isEmpty();
    assertThat(CsafRules.check(document)).isEmpty();
    assertThat(document.at("/document/aggregate_severity").isMissingNode()).isTrue();
  }

  @Test
  void openVex_written_passesItsSchema() {
    assertThat(DocumentSchemas.openVex(openVex())).isEmpty();
  }

  @Test
  void both_sameInput_sameBytes() {
    assertThat(CsafDocument.write(LEVEL, EARLIER, CONTEXT))
        .isEqualTo(CsafDocument.write(LEVEL, EARLIER, CONTEXT));
    assertThat(OpenVexDocument.write(LEVEL, EARLIER, CONTEXT))
        .isEqualTo(OpenVexDocument.write(LEVEL, EARLIER, CONTEXT));
  }

  @Test
  void csaf_levelsBelow_eachIsFixedOnlyByWhatItFixes() {
    JsonNode overflow = csaf().at("/vulnerabilities/0");
    JsonNode leak = csaf().at("/vulnerabilities/1");
    String level = "suture-virt-arm64-26.1+x-";

    assertThat(texts(overflow.at("/product_status/fixed")))
        .containsExactly(level + "b", level + "b:" + OPENSSL, level + "a");
    assertThat(texts(overflow.at("/product_status/known_affected")))
        .containsExactly(level + "base");
    assertThat(texts(leak.at("/product_status/known_affected")))
        .containsExactly(level + "base", level + "a");
    assertThat(overflow.at("/remediations/0/restart_required/category").asString())
        .isEqualTo("service");
  }

  @Test
  void csaf_scores_highestOfVersion3InItsFieldAndVersion4AsANote() {
    Advisory lower = advisory("CVE-2026-12345", LIBCPP, LEAK.cvss().orElseThrow());
    JsonNode document =
        JSON.readTree(
            CsafDocument.write(
                manifest("b", RestartScope.NONE, lower, OVERFLOW, LOOP), EARLIER, CONTEXT));
    JsonNode score = document.at("/vulnerabilities/0/scores/0/cvss_v3");

    assertThat(CsafRules.check(document)).isEmpty();
    assertThat(document.path("vulnerabilities")).hasSize(2);
    assertThat(score.path("baseScore").asDouble()).isEqualTo(9.8);
    assertThat(score.path("baseSeverity").asString()).isEqualTo("CRITICAL");
    // One of the two packages is not fixed in (a), so (a) is still affected.
    assertThat(texts(document.at("/vulnerabilities/0/product_status/known_affected"))).hasSize(2);
    assertThat(document.at("/vulnerabilities/1").has("scores")).isFalse();
    assertThat(document.at("/vulnerabilities/1/notes/1/text").asString()).endsWith(" 8.7 High");
    assertThat(document.at("/document/aggregate_severity/text").asString()).isEqualTo("Critical");
  }

  @Test
  void csaf_idThatIsNoCve_isNamedByItsSystem() {
    JsonNode id = csaf().at("/vulnerabilities/3/ids/0");

    assertThat(id.path("system_name").asString()).isEqualTo("GitHub Advisory Database");
    assertThat(id.path("text").asString()).isEqualTo("GHSA-2g4f-4pwh-qvx6");
  }

  @Test
  void names_trackingId_asCsafSection51Says() {
    assertThat(CONTEXT.csafName()).isEqualTo("suture-virt-arm64-26_1-b.json");
    assertThat(CONTEXT.openVexName()).isEqualTo("suture-virt-arm64-26_1-b.openvex.json");
    assertThat(csaf().at("/document/references/0/url").asString())
        .isEqualTo("https://psirt.example.com/csaf/suture-virt-arm64-26_1-b.json");
    assertThat(csaf().at("/document/tracking/current_release_date").asString())
        .isEqualTo("2026-11-21T12:00:00Z");
  }

  @Test
  void openVex_statements_nameLevelsByTheirPackageUrl() {
    JsonNode statements = openVex().path("statements");
    String model = "pkg:generic/psirt.example.com/suture-virt-arm64@26.1%2Bx?level=";

    assertThat(statements).hasSize(8);
    assertThat(statements.at("/0/status").asString()).isEqualTo("fixed");
    assertThat(statements.at("/0/products/0/@id").asString()).isEqualTo(model + "b");
    assertThat(statements.at("/0/products/0/subcomponents/0/@id").asString()).isEqualTo(OPENSSL);
    assertThat(statements.at("/0/products/1/@id").asString()).isEqualTo(model + "a");
    assertThat(statements.at("/1/status").asString()).isEqualTo("affected");
    assertThat(statements.at("/1/products/0/@id").asString()).isEqualTo(model + "base");
    assertThat(statements.at("/1/products/0/subcomponents/0/@id").asString())
        .isEqualTo("pkg:deb/debian/openssl");
    assertThat(statements.at("/1/action_statement").asString()).isEqualTo("Install 26.1+x (b).");
  }

  private static Arguments broken(String name, Consumer<ObjectNode> breakIt) {
    return Arguments.of(name, breakIt);
  }

  private static ObjectNode object(ObjectNode document, String pointer) {
    return (ObjectNode) document.at(pointer);
  }

  static Stream<Arguments> csafThatTheSchemaRefuses() {
    return Stream.of(
        broken("no title", csaf -> object(csaf, "/document").remove("title")),
        broken("csaf_version", csaf -> object(csaf, "/document").put("csaf_version", "2.1")),
        broken("lang", csaf -> object(csaf, "/document").put("lang", "English!")),
        broken("namespace", csaf -> object(csaf, "/document/publisher").put("namespace", "no uri")),
        broken(
            "date",
            csaf -> object(csaf, "/document/tracking").put("initial_release_date", "yesterday")),
        broken("cve", csaf -> object(csaf, "/vulnerabilities/0").put("cve", "CVE-26-1")),
        broken(
            "purl",
            csaf ->
                object(
                        csaf,
                        "/product_tree/branches/0/branches/0/branches/0/product"
                            + "/product_identification_helper")
                    .put("purl", "deb/debian/x")),
        broken(
            "vector",
            csaf ->
                object(csaf, "/vulnerabilities/0/scores/0/cvss_v3")
                    .put("vectorString", "CVSS:3.1/AV:Q")),
        broken(
            "score out of range",
            csaf -> object(csaf, "/vulnerabilities/0/scores/0/cvss_v3").put("baseScore", 11.0)),
        broken(
            "restart",
            csaf ->
                object(csaf, "/vulnerabilities/0/remediations/0/restart_required")
                    .put("category", "reboot")),
        broken("no vulnerability", csaf -> csaf.putArray("vulnerabilities")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("csafThatTheSchemaRefuses")
  void csafSchema_brokenDocument_isRefused(String name, Consumer<ObjectNode> breakIt) {
    ObjectNode document = csaf();
    breakIt.accept(document);

    assertThat(DocumentSchemas.csaf(document)).as(name).isNotEmpty();
  }

  static Stream<Arguments> csafThatATestRefuses() {
    return Stream.of(
        broken(
            "6.1.1",
            csaf -> ((ArrayNode) csaf.at("/vulnerabilities/0/product_status/fixed")).add("other")),
        broken(
            "6.1.2",
            csaf -> {
              ArrayNode versions =
                  (ArrayNode) csaf.at("/product_tree/branches/0/branches/0/branches");
              versions.add(versions.get(0).deepCopy());
            }),
        broken(
            "6.1.3",
            csaf ->
                object(csaf, "/product_tree/relationships/0")
                    .put("product_reference", "suture-virt-arm64-26.1+x-b:" + OPENSSL)),
        broken(
            "6.1.6",
            csaf ->
                ((ArrayNode) csaf.at("/vulnerabilities/0/product_status/known_affected"))
                    .add("suture-virt-arm64-26.1+x-b")),
        broken(
            "6.1.7",
            csaf -> {
              ArrayNode scores = (ArrayNode) csaf.at("/vulnerabilities/0/scores");
              scores.add(scores.get(0).deepCopy());
            }),
        broken(
            "6.1.9",
            csaf -> object(csaf, "/vulnerabilities/1/scores/0/cvss_v3").put("baseScore", 4.8)),
        broken(
            "6.1.13",
            csaf ->
                object(
                        csaf,
                        "/product_tree/branches/1/branches/0/branches/0/product"
                            + "/product_identification_helper")
                    .put("purl", "pkg:deb")),
        broken("6.1.16", csaf -> object(csaf, "/document/tracking").put("version", "2")),
        broken("6.1.23", csaf -> object(csaf, "/vulnerabilities/1").put("cve", "CVE-2026-12345")),
        broken("6.1.26", csaf -> object(csaf, "/document").put("category", "csaf_vex")),
        broken(
            "6.1.29",
            csaf -> object(csaf, "/vulnerabilities/0/remediations/0").remove("product_ids")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("csafThatATestRefuses")
  void csafRules_brokenDocument_failsThatTest(String test, Consumer<ObjectNode> breakIt) {
    ObjectNode document = csaf();
    breakIt.accept(document);

    assertThat(CsafRules.check(document))
        .isNotEmpty()
        .allMatch(failed -> failed.startsWith(test + " "));
  }

  static Stream<Arguments> openVexThatTheSchemaRefuses() {
    return Stream.of(
        broken("no author", vex -> vex.remove("author")),
        broken("context", vex -> vex.put("@context", "https://openvex.dev/ns/v9")),
        broken("version", vex -> vex.put("version", 0)),
        broken("timestamp", vex -> vex.put("timestamp", "2026")),
        broken("misspelt", vex -> vex.put("tolling", "x")),
        broken("no statement", vex -> vex.putArray("statements")),
        broken("status", vex -> object(vex, "/statements/0").put("status", "patched")),
        broken("no action", vex -> object(vex, "/statements/1").remove("action_statement")),
        broken("no products", vex -> object(vex, "/statements/0").putArray("products")),
        broken("no name", vex -> object(vex, "/statements/0/vulnerability").remove("name")),
        broken(
            "purl", vex -> object(vex, "/statements/0/products/0/identifiers").put("purl", "x@1")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("openVexThatTheSchemaRefuses")
  void openVexSchema_brokenDocument_isRefused(String name, Consumer<ObjectNode> breakIt) {
    ObjectNode document = openVex();
    breakIt.accept(document);

    assertThat(DocumentSchemas.openVex(document)).as(name).isNotEmpty();
  }
}
