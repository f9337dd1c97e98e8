package dev.suture.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The document that leaves the device; docs/privacy.md lists the same members. */
class StatusDocumentTest {
  private static final Sha256 IMAGE = Sha256.ofHex("aa".repeat(32));
  private static final Sha256 ROOT = Sha256.ofHex("bb".repeat(32));
  private static final StatusDocument BUSY =
      new StatusDocument(
          "dev-0001",
          "demo",
          "suture-virt-arm64",
          new Baseline("26.1"),
          Slot.A,
          Optional.of(new Level("a")),
          "VERIFIED",
          true,
          List.of(new StatusDocument.Component(new ComponentName("tls"), Slot.A, IMAGE, ROOT)),
          Optional.of(
              new StatusDocument.Progress(
                  4,
                  "26.1 (c)",
                  "VERIFIED",
                  Optional.of(new StatusDocument.Problem(107, "payload digest: …")))),
          Optional.of("io pressure is above 20 %"),
          Optional.of(
              new StatusDocument.Progress(
                  3,
                  "26.1 (b)",
                  "REVERTED",
                  Optional.of(new StatusDocument.Problem(501, "got 500")))),
          Optional.of(new StatusDocument.Problem(301, "no answer")),
          List.of("26.1 (b)"),
          Optional.of(new StatusDocument.Probation(42)),
          Optional.of(new StatusDocument.Activation("services", 812, List.of("nginx"))),
          List.of(new StatusDocument.Check("wanted.d/printer", "failed: exit code 8")),
          List.of(
              new StatusDocument.Exposed(
                  "press", Optional.of(Instant.parse("2026-11-30T12:00:00Z"))),
              new StatusDocument.Exposed("valve", Optional.empty())),
          new StatusDocument.Agent(
              "0.1.0",
              40_000,
              50_000,
              24,
              Optional.of(900L),
              Optional.of(new StatusDocument.Apply(7, 8192, 4096))));
  private static final StatusDocument IDLE =
      new StatusDocument(
          "dev-0001",
          "demo",
          "m",
          new Baseline("26.1"),
          Slot.BASE,
          Optional.empty(),
          "BASE",
          false,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          new StatusDocument.Agent("0.1.0", 1, 2, 3, Optional.empty(), Optional.empty()));

  private static String text(StatusDocument document) {
    return new String(document.encode(), StandardCharsets.UTF_8);
  }

  @Test
  void encode_busy_isTheGoldenText() {
    assertThat(text(BUSY))
        .isEqualTo(
            ("{\"format\":1,\"device\":\"dev-0001\",\"fleet\":\"demo\",\"model\":\"suture-virt-arm64\","
                    + "\"baseline\":\"26.1\",\"release\":\"26.1 (a)\",\"running\":\"a\",\"level\":\"a\","
                    + "\"phase\":\"VERIFIED\",\"protected\":true,"
                    + "\"components\":[{\"name\":\"tls\",\"slot\":\"a\",\"image_sha256\":\"%s\","
                    + "\"verity_root\":\"%s\"}],"
                    + "\"attempt\":{\"number\":4,\"release\":\"26.1 (c)\",\"phase\":\"VERIFIED\","
                    + "\"code\":107,\"message\":\"payload digest: …\"},"
                    + "\"waits_for\":\"io pressure is above 20 %%\","
                    + "\"last_outcome\":{\"number\":3,\"release\":\"26.1 (b)\",\"phase\":\"REVERTED\","
                    + "\"code\":501,\"message\":\"got 500\"},"
                    + "\"last_failure\":{\"code\":301,\"message\":\"no answer\"},"
                    + "\"remembered_bad\":[\"26.1 (b)\"],"
                    + "\"probation\":{\"minutes_left\":42},"
                    + "\"activation\":{\"scope\":\"services\",\"ms\":812,\"restarted\":[\"nginx\"]},"
                    + "\"checks\":[{\"name\":\"wanted.d/printer\","
                    + "\"message\":\"failed: exit code 8\"}],"
                    + "\"exposed\":[{\"name\":\"press\",\"since\":\"2026-11-30T12:00:00Z\"},"
                    + "{\"name\":\"valve\",\"since\":null}],"
                    + "\"agent\":{\"version\":\"0.1.0\",\"rss_kib\":40000,\"rss_peak_kib\":50000,"
                    + "\"heap_max_mib\":24,\"connected_after_ms\":900,\"apply_ms\":7,"
                    + "\"apply_written_bytes\":8192,\"apply_kept_bytes\":4096}}\n")
                .formatted(IMAGE.hex(), ROOT.hex()));
  }

  @Test
  void encode_idle_isTheGoldenText() {
    assertThat(text(IDLE))
        .isEqualTo(
            "{\"format\":1,\"device\":\"dev-0001\",\"fleet\":\"demo\",\"model\":\"m\","
                + "\"baseline\":\"26.1\",\"release\":\"26.1\",\"running\":\"base\",\"level\":null,"
                + "\"phase\":\"BASE\",\"protected\":false,\"components\":[],\"attempt\":null,"
                + "\"waits_for\":null,\"last_outcome\":null,\"last_failure\":null,\"remembered_bad\":[],"
                + "\"probation\":null,\"activation\":null,"
                + "\"checks\":[],\"exposed\":[],"
                + "\"agent\":{\"version\":\"0.1.0\",\"rss_kib\":1,\"rss_peak_kib\":2,"
                + "\"heap_max_mib\":3,\"connected_after_ms\":null,\"apply_ms\":null,"
                + "\"apply_written_bytes\":null,\"apply_kept_bytes\":null}}\n");
  }

  @Test
  void saysTheSameAs_onlyMemoryDiffers_isTheSame() {
    StatusDocument grown =
        new StatusDocument(
            IDLE.device(),
            IDLE.fleet(),
            IDLE.model(),
            IDLE.baseline(),
            IDLE.running(),
            IDLE.level(),
            IDLE.phase(),
            IDLE.isProtected(),
            IDLE.components(),
            IDLE.attempt(),
            IDLE.waitsFor(),
            IDLE.lastOutcome(),
            IDLE.lastFailure(),
            IDLE.held(),
            IDLE.probation(),
            IDLE.activation(),
            IDLE.checks(),
            IDLE.exposed(),
            new StatusDocument.Agent("0.1.0", 9, 9, 9, Optional.of(5L), Optional.empty()));
    assertThat(IDLE.saysTheSameAs(grown)).isTrue();
    assertThat(IDLE.saysTheSameAs(BUSY)).isFalse();
    assertThat(IDLE.saysTheSameAs(withChecks(1))).isFalse();
  }

  /** The minutes run down by themselves; that they have begun or are over is news. */
  @Test
  void saysTheSameAs_otherMinutesOfProbation_isTheSame() {
    StatusDocument watched = onProbation(Optional.of(new StatusDocument.Probation(42)));
    StatusDocument later = onProbation(Optional.of(new StatusDocument.Probation(41)));
    assertThat(watched).isNotEqualTo(later);
    assertThat(watched.saysTheSameAs(later)).isTrue();
    assertThat(watched.saysTheSameAs(onProbation(Optional.empty()))).isFalse();
  }

  private static StatusDocument onProbation(Optional<StatusDocument.Probation> probation) {
    return new StatusDocument(
        IDLE.device(),
        IDLE.fleet(),
        IDLE.model(),
        IDLE.baseline(),
        IDLE.running(),
        IDLE.level(),
        IDLE.phase(),
        IDLE.isProtected(),
        IDLE.components(),
        IDLE.attempt(),
        IDLE.waitsFor(),
        IDLE.lastOutcome(),
        IDLE.lastFailure(),
        IDLE.held(),
        probation,
        IDLE.activation(),
        IDLE.checks(),
        IDLE.exposed(),
        IDLE.agent());
  }

  private static StatusDocument withChecks(int count) {
    return new StatusDocument(
        IDLE.device(),
        IDLE.fleet(),
        IDLE.model(),
        IDLE.baseline(),
        IDLE.running(),
        IDLE.level(),
        IDLE.phase(),
        IDLE.isProtected(),
        IDLE.components(),
        IDLE.attempt(),
        IDLE.waitsFor(),
        IDLE.lastOutcome(),
        IDLE.lastFailure(),
        IDLE.held(),
        IDLE.probation(),
        IDLE.activation(),
        Collections.nCopies(count, new StatusDocument.Check("wanted.d/w", "failed: exit code 1")),
        IDLE.exposed(),
        IDLE.agent());
  }

  @Test
  void checks_moreThanAreToldOf_areRefused() {
    assertThat(withChecks(StatusDocument.CHECKS_MAX).checks()).hasSize(StatusDocument.CHECKS_MAX);
    assertThatThrownBy(() -> withChecks(StatusDocument.CHECKS_MAX + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 8 checks, got 9");
  }
}
