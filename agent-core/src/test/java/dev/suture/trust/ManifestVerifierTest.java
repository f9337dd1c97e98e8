package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.sim.SimPublisher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestVerifierTest {
  private final SimPublisher publisher = new SimPublisher();
  private final Manifest good = publisher.release(SimPublisher.level("a"));

  private ManifestVerifier verifier() {
    Map<ComponentName, Sha256> bases = new LinkedHashMap<>();
    publisher.bases().forEach((name, base) -> bases.put(name, Sha256.of(base)));
    return new ManifestVerifier(
        new ManifestVerifier.DeviceIdentity(SimPublisher.BASELINE, SimPublisher.MODEL, bases));
  }

  private static Manifest manifest(
      Manifest from,
      Baseline baseline,
      String model,
      AgentVersion agent,
      List<PatchComponent> components,
      HealthPlan health) {
    return new Manifest(
        baseline,
        from.level(),
        model,
        agent,
        RestartScope.REBOOT,
        components,
        from.advisories(),
        health);
  }

  private void assertRefused(FailureCode code, Manifest manifest, String... named) {
    byte[] bytes = ManifestCodec.encode(manifest);
    assertThatThrownBy(() -> verifier().verify(bytes, ref(bytes)))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(Arrays.asList(named)).allMatch(e.explanation()::contains);
            });
  }

  private static FileRef ref(byte[] bytes) {
    return new FileRef("manifests/m.json", bytes.length, Sha256.of(bytes));
  }

  @Test
  void verify_good_isTheManifest() throws SutureException {
    assertThat(verifier().verify(ManifestCodec.encode(good), publisher.entry(good)))
        .isEqualTo(good);
  }

  @Test
  void verify_anyByteFlippedOrOtherLength_mirrorIsAtFault() {
    byte[] bytes = ManifestCodec.encode(good);
    for (int i = 0; i <= bytes.length; i++) {
      byte[] changed = bytes.clone();
      if (i < bytes.length) {
        changed[i] ^= 1;
      } else {
        changed = new byte[0];
      }
      byte[] served = changed;
      assertThatThrownBy(() -> verifier().verify(served, publisher.entry(good)))
          .isInstanceOfSatisfying(
              RetryableException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.MANIFEST_DIGEST_MISMATCH));
    }
  }

  @Test
  void verify_signedLengthDiffers_mirrorIsAtFault() {
    byte[] bytes = ManifestCodec.encode(good);
    FileRef longer = new FileRef("m.json", bytes.length + 1, Sha256.of(bytes));
    assertThatThrownBy(() -> verifier().verify(bytes, longer))
        .isInstanceOf(RetryableException.class);
  }

  @Test
  void verify_otherBaseline_isRefused() {
    assertRefused(
        FailureCode.WRONG_BASELINE,
        manifest(
            good,
            new Baseline("26.2"),
            good.model(),
            good.minimumAgent(),
            good.components(),
            good.health()),
        "26.1",
        "26.2");
  }

  private Manifest withBaselineDigest(Sha256 digest) {
    return new Manifest(
        good.baseline(),
        good.level(),
        good.model(),
        good.minimumAgent(),
        good.restart(),
        good.components(),
        good.advisories(),
        good.health(),
        new Compatibility(Optional.of(digest), Optional.empty(), false, Optional.empty()));
  }

  @Test
  void verify_baselineOfOtherImages_isRefused_ofTheseIsNot() throws SutureException {
    assertRefused(
        FailureCode.WRONG_BASELINE,
        withBaselineDigest(Sha256.of(new byte[0])),
        Sha256.of(new byte[0]).hex());
    Manifest ours = withBaselineDigest(Compatibility.digest(verifier().device().bases()));
    byte[] bytes = ManifestCodec.encode(ours);
    assertThat(verifier().verify(bytes, ref(bytes))).isEqualTo(ours);
  }

  @Test
  void verify_otherModel_isRefused() {
    assertRefused(
        FailureCode.WRONG_MODEL,
        manifest(
            good, good.baseline(), "other", good.minimumAgent(), good.components(), good.health()),
        "sim",
        "other");
  }

  @Test
  void verify_newerAgentWanted_isRefused() {
    assertRefused(
        FailureCode.AGENT_TOO_OLD,
        manifest(
            good,
            good.baseline(),
            good.model(),
            new AgentVersion(99, 0, 0),
            good.components(),
            good.health()),
        "99.0.0");
  }

  @Test
  void verify_unknownComponent_isRefused() {
    PatchComponent tls = good.components().get(0);
    List<PatchComponent> components = new ArrayList<>(good.components());
    components.add(
        new PatchComponent(
            new ComponentName("kernel"), tls.baseSha256(), tls.image(), tls.payloads()));
    assertRefused(
        FailureCode.WRONG_COMPONENTS,
        manifest(
            good, good.baseline(), good.model(), good.minimumAgent(), components, good.health()),
        "kernel");
  }

  @Test
  void verify_otherBaseImage_isRefused() {
    PatchComponent tls = good.components().get(0);
    assertRefused(
        FailureCode.WRONG_BASE_IMAGE,
        manifest(
            good,
            good.baseline(),
            good.model(),
            good.minimumAgent(),
            List.of(
                new PatchComponent(
                    tls.name(), Sha256.of(new byte[0]), tls.image(), tls.payloads())),
            good.health()),
        "tls");
  }

  @Test
  void verify_unknownHealthCheck_isRefused() {
    assertRefused(
        FailureCode.HEALTH_CHECK_UNSUPPORTED,
        manifest(
            good,
            good.baseline(),
            good.model(),
            good.minimumAgent(),
            good.components(),
            new HealthPlan(
                3,
                0,
                List.of(new HealthCheck.Https(443, "/", 200), new HealthCheck.Unknown("carrier")))),
        "carrier");
  }

  @Test
  void verify_levelOtherThanItsTargets_isRefused() {
    LevelEntry entry = publisher.entry(good);
    LevelEntry relabelled =
        new LevelEntry(
            entry.model(),
            entry.baseline(),
            new Level("z"),
            entry.manifest(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> verifier().verify(ManifestCodec.encode(good), relabelled))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.MANIFEST_MALFORMED);
              assertThat(e.explanation()).contains("(z)", "(a)");
            });
  }

  @Test
  void verify_signedButMalformed_isRefused() {
    byte[] bytes = "{}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> verifier().verify(bytes, ref(bytes)))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.MANIFEST_MALFORMED));
  }
}
