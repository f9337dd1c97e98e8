package dev.suture.protocol.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestCodecTest {
  private static final Sha256 DIGEST = Sha256.ofHex("ab".repeat(32));
  private static final Manifest MANIFEST =
      new Manifest(
          new Baseline("26.1"),
          new Level("a"),
          "suture-virt-arm64",
          new AgentVersion(0, 1, 0),
          RestartScope.REBOOT,
          List.of(
              new PatchComponent(
                  new ComponentName("tls"),
                  DIGEST,
                  new ImageIdentity(8192, DIGEST, DIGEST, DIGEST),
                  List.of(
                      new Payload(Payload.Kind.DELTA, new FileRef("payloads/1.delta", 77, DIGEST)),
                      new Payload(
                          Payload.Kind.FULL, new FileRef("payloads/2.zst", 4_000, DIGEST))))),
          List.of(
              new Advisory(
                  "CVE-2026-1", "pkg:deb/debian/x@1", "1", Optional.of("CVSS:3.1/AV:N"), "A."),
              new Advisory("CVE-2026-2", "pkg:deb/debian/x@1", "1", Optional.empty(), "B.")),
          new HealthPlan(60, 10, List.of(new HealthCheck.Https(443, "/", 200))));
  private static final String TEXT =
      new String(ManifestCodec.encode(MANIFEST), StandardCharsets.UTF_8);

  private static Manifest decode(String text) throws RejectedException {
    return ManifestCodec.decode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(String text, String... named) {
    assertThatThrownBy(() -> decode(text))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.MANIFEST_MALFORMED);
              for (String one : named) {
                assertThat(e.explanation()).contains(one);
              }
            });
  }

  @Test
  void decode_compatibility_isReadAsWritten() throws RejectedException {
    Manifest demanding =
        MANIFEST.with(
            new Compatibility(
                Optional.of(DIGEST),
                Optional.of(new Level("a")),
                true,
                Optional.of(new Compatibility.DataSchema(2, 3))));
    assertThat(ManifestCodec.decode(ManifestCodec.encode(demanding))).isEqualTo(demanding);
    String text = new String(ManifestCodec.encode(demanding), StandardCharsets.UTF_8);
    assertRefused(text.replace("\"min\": 2", "\"min\": 4"), "min <= max");
    assertRefused(text.replace("\"floor\": \"a\"", "\"floor\": \"A\""), "floor");
  }

  @Test
  void decodeStatement_isTheComponent() throws RejectedException {
    PatchComponent tls = MANIFEST.components().get(0);
    assertThat(ManifestCodec.decodeStatement(ManifestCodec.statement(tls))).isEqualTo(tls);
    assertThat(ManifestCodec.statementPath(tls))
        .isEqualTo("components/tls/" + DIGEST.hex() + ".json");
    assertThatThrownBy(() -> ManifestCodec.decodeStatement(ManifestCodec.encode(MANIFEST)))
        .isInstanceOf(RejectedException.class);
  }

  @Test
  void digest_ofBaseline_dependsOnEveryImage() {
    ComponentName tls = new ComponentName("tls");
    ComponentName web = new ComponentName("web");
    Sha256 other = Sha256.ofHex("cd".repeat(32));
    Sha256 both = Compatibility.digest(java.util.Map.of(tls, DIGEST, web, other));
    assertThat(both)
        .isEqualTo(
            Sha256.of(
                ("tls " + DIGEST.hex() + "\nweb " + other.hex() + "\n")
                    .getBytes(StandardCharsets.US_ASCII)));
    assertThat(Compatibility.digest(java.util.Map.of(tls, other, web, DIGEST))).isNotEqualTo(both);
  }

  @Test
  void encode_isTheGoldenText() {
    assertThat(TEXT)
        .isEqualTo(
            """
            {
              "format": 1,
              "baseline": "26.1",
              "level": "a",
              "model": "suture-virt-arm64",
              "minimum_agent": "0.1.0",
              "restart": "reboot",
              "components": [
                {
                  "name": "tls",
                  "base_sha256": "%1$s",
                  "image": {
                    "bytes": 8192,
                    "sha256": "%1$s",
                    "verity_root": "%1$s",
                    "verity_salt": "%1$s"
                  },
                  "payloads": [
                    {
                      "kind": "delta",
                      "path": "payloads/1.delta",
                      "bytes": 77,
                      "sha256": "%1$s"
                    },
                    {
                      "kind": "full",
                      "path": "payloads/2.zst",
                      "bytes": 4000,
                      "sha256": "%1$s"
                    }
                  ]
                }
              ],
              "advisories": [
                {
                  "id": "CVE-2026-1",
                  "purl": "pkg:deb/debian/x@1",
                  "fixed_version": "1",
                  "cvss": "CVSS:3.1/AV:N",
                  "summary": "A."
                },
                {
                  "id": "CVE-2026-2",
                  "purl": "pkg:deb/debian/x@1",
                  "fixed_version": "1",
                  "summary": "B."
                }
              ],
              "health": {
                "deadline_seconds": 60,
                "settle_seconds": 10,
                "checks": [
                  {
                    "kind": "https",
                    "port": 443,
                    "path": "/",
                    "status": 200
                  }
                ]
              }
            }
            """
                .formatted("ab".repeat(32)));
  }

  @Test
  void decode_encoded_isTheManifest() throws RejectedException {
    assertThat(decode(TEXT)).isEqualTo(MANIFEST);
    assertThat(MANIFEST.digest()).isEqualTo(Sha256.of(ManifestCodec.encode(MANIFEST)));
  }

  @Test
  void decode_unknownMembersAnywhere_areIgnored() throws RejectedException {
    assertThat(decode(TEXT.replace("{\n", "{ \"later\": {\"x\": [1, null]},\n")))
        .isEqualTo(MANIFEST);
  }

  private static List<HealthCheck> decodedChecks(String checks) throws RejectedException {
    return decode(TEXT.replaceFirst("(?s)\"checks\": \\[.*?\\]", "\"checks\": [" + checks + "]"))
        .health()
        .checks();
  }

  @Test
  void decode_everyKindOfCheck_isRead() throws RejectedException {
    assertThat(
            decodedChecks(
                """
                {"kind": "http", "port": 80, "path": "/x", "status": 204},
                {"kind": "mqtt", "port": 1883},
                {"kind": "unit", "name": "getty@tty1.service"},
                {"kind": "command", "name": "modem"}
                """))
        .containsExactly(
            new HealthCheck.Http(80, "/x", 204),
            new HealthCheck.Mqtt(1883),
            new HealthCheck.Unit("getty@tty1.service"),
            new HealthCheck.Command("modem"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kind\": \"mqtt\", \"port\": 0}",
        "{\"kind\": \"mqtt\"}",
        "{\"kind\": \"http\", \"port\": 80, \"path\": \"x\", \"status\": 200}",
        "{\"kind\": \"unit\", \"name\": \"nginx\"}",
        "{\"kind\": \"unit\", \"name\": \"-.mount\"}",
        "{\"kind\": \"unit\", \"name\": \"a b.service\"}",
        "{\"kind\": \"unit\", \"name\": \"*.service\"}",
        "{\"kind\": \"command\", \"name\": \"../modem\"}",
        "{\"kind\": \"command\", \"name\": \"..\"}",
        "{\"kind\": \"command\", \"name\": \"\"}",
        "{\"kind\": \"command\", \"name\": \"modem -x\"}"
      })
  void decode_checkThatIsNone_isRefused(String check) {
    assertThatThrownBy(() -> decodedChecks(check))
        .isInstanceOfSatisfying(
            RejectedException.class,
            refused -> assertThat(refused.code()).isEqualTo(FailureCode.MANIFEST_MALFORMED));
  }

  @Test
  void decode_unknownHealthCheck_isKept() throws RejectedException {
    assertThat(decode(TEXT.replace("\"https\"", "\"carrier\"")).health().checks())
        .containsExactly(new HealthCheck.Unknown("carrier"));
  }

  @Test
  void decode_anyMemberMissing_isRefusedWithItsName() throws RejectedException {
    Matcher members = Pattern.compile("\"(\\w+)\":").matcher(TEXT);
    int count = 0;
    while (members.find()) {
      String name = members.group(1);
      String without =
          TEXT.substring(0, members.start()) + "\"x\":" + TEXT.substring(members.end());
      if (name.equals("cvss")) {
        decode(without);
      } else {
        assertRefused(without, "." + name);
      }
      count++;
    }
    assertThat(count).isEqualTo(41);
  }

  @Test
  void decode_truncatedAnywhere_isRefused() {
    for (int length = 0; length < TEXT.length() - 1; length++) {
      assertRefused(TEXT.substring(0, length));
    }
  }

  @Test
  void decode_anyByteChanged_isRefusedOrAnotherManifest_neverAnotherFailure() {
    Random random = new Random(26);
    byte[] good = ManifestCodec.encode(MANIFEST);
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = good.clone();
      changed[random.nextInt(good.length)] = (byte) random.nextInt(256);
      try {
        ManifestCodec.decode(changed);
      } catch (RejectedException e) {
        assertThat(e.code()).isEqualTo(FailureCode.MANIFEST_MALFORMED);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"format\": 1|\"format\": 2|manifest.format",
        "\"26.1\"|\"../26\"|manifest.baseline",
        "\"level\": \"a\"|\"level\": \"A\"|manifest.level",
        "\"level\": \"a\"|\"level\": \"aaa\"|manifest.level",
        "\"0.1.0\"|\"0.1\"|manifest.minimum_agent",
        "\"0.1.0\"|\"0.1.x\"|manifest.minimum_agent",
        "\"0.1.0\"|\"0.1.-1\"|manifest.minimum_agent",
        "\"reboot\"|\"sometimes\"|manifest.restart",
        "\"tls\"|\"a/b\"|manifest.components[0].name",
        "8192|8191|8191",
        "8192|0|image.bytes",
        "8192|-4096|image.bytes",
        "8192|2147487744|image.bytes",
        "8192|9223372036854775807|image.bytes",
        "\"delta\"|\"diff\"|payloads[0].kind",
        "\"delta\"|\"full\"|one of each kind",
        "\"payloads/1.delta\"|\"/etc/passwd\"|payloads[0]",
        "\"payloads/1.delta\"|\"payloads/../x\"|payloads[0]",
        "\"payloads/1.delta\"|\"https://x/y\"|payloads[0]",
        "\"payloads/1.delta\"|\"payloads//x\"|payloads[0]",
        "\"payloads/1.delta\"|\"\"|payloads[0]",
        "77|-1|payloads[0].bytes",
        "77|4294967297|payloads[0].bytes",
        "443|0|checks[0].port",
        "443|65536|checks[0].port",
        "\"path\": \"/\"|\"path\": \"x\"|path",
        "\"status\": 200|\"status\": 99|checks[0].status",
        "\"deadline_seconds\": 60|\"deadline_seconds\": 0|health.deadline_seconds",
        "\"deadline_seconds\": 60|\"deadline_seconds\": 3601|health.deadline_seconds",
        "\"settle_seconds\": 10|\"settle_seconds\": -1|health.settle_seconds"
      })
  void decode_badValue_isRefusedNamingIt(String from, String to, String named) {
    assertThat(TEXT).contains(from);
    assertRefused(TEXT.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to)), named);
  }

  @Test
  void decode_digestOfAnotherForm_isRefused() {
    for (String bad : new String[] {"ab".repeat(31), "AB".repeat(32), "xy".repeat(32), ""}) {
      assertRefused(TEXT.replaceFirst("ab".repeat(32), bad), "base_sha256");
    }
  }

  @Test
  void decode_noComponents_orTheSameTwice_isRefused() {
    int from = TEXT.indexOf("[") + 1;
    int to = TEXT.indexOf("],\n  \"advisories\"");
    String component = TEXT.substring(from, to);
    assertRefused(TEXT.substring(0, from) + TEXT.substring(to), "1 to 32, got 0");
    assertRefused(
        TEXT.substring(0, from) + component + "," + component + TEXT.substring(to), "distinct");
  }

  @Test
  void osParts_comeTogether_andWithAReboot() {
    List<ComponentName> both = List.of(OsParts.ROOT, OsParts.BOOT, new ComponentName("tls"));
    OsParts.check(both, RestartScope.REBOOT);
    OsParts.check(List.of(new ComponentName("tls")), RestartScope.NONE);
    assertThatThrownBy(() -> OsParts.check(both, RestartScope.SERVICES))
        .hasMessage("restart: expected reboot for a patch of the OS, got services");
    for (ComponentName part : List.of(OsParts.ROOT, OsParts.BOOT)) {
      assertThatThrownBy(() -> OsParts.check(List.of(part), RestartScope.REBOOT))
          .hasMessage("components: expected both os and boot or neither, got [" + part + "]");
    }
    assertRefused(
        TEXT.replace("\"name\": \"tls\"", "\"name\": \"os\""), "expected both os and boot");
  }

  @Test
  void decode_tooManyOfAnything_isRefused() {
    assertRefused(
        TEXT.replaceFirst(
            "\"advisories\": \\[", "\"advisories\": [" + "{},".repeat(Manifest.ADVISORIES_MAX)),
        "manifest.advisories",
        "1000");
    assertRefused(
        TEXT.replaceFirst(
            "\"components\": \\[", "\"components\": [" + "{},".repeat(Manifest.COMPONENTS_MAX)),
        "manifest.components",
        "32");
    assertRefused(
        TEXT.replaceFirst("\"checks\": \\[", "\"checks\": [" + "{},".repeat(16)), "checks", "16");
    assertRefused(
        TEXT.replaceFirst("\"payloads\": \\[", "\"payloads\": [" + "{},".repeat(8)), "payloads");
  }

  @Test
  void decode_tooLong_isRefused() {
    byte[] padded = Arrays.copyOf(ManifestCodec.encode(MANIFEST), Manifest.BYTES_MAX + 1);
    Arrays.fill(padded, TEXT.length(), padded.length, (byte) ' ');
    assertThatThrownBy(() -> ManifestCodec.decode(padded))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("at most");
  }
}
