package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Patch;
import dev.suture.attempt.ProbationTerms;
import dev.suture.policy.Policy;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.sim.SimClock;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPower;
import dev.suture.sim.SimPublisher;
import dev.suture.store.Held;
import dev.suture.store.MetadataStore;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.TrustState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetadataTest {
  private static final DeviceConfig CONFIG =
      new DeviceConfig(
          SimPublisher.BASELINE,
          SimPublisher.MODEL,
          "demo",
          "",
          "",
          "",
          "",
          "",
          "",
          List.of(),
          DataSchema.FIRST,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          ProbationTerms.OFF,
          DeviceConfig.Background.UNLIMITED,
          Optional.empty(),
          BootControlConfig.RAW);
  private static final DeviceSettings SETTINGS =
      new DeviceSettings("dev-1", "", "", "", "", "", new Policy(true), Optional.of("internal"));

  private final SimPublisher publisher = new SimPublisher();
  private final SimMirror mirror = new SimMirror(publisher);
  private final SimDisk disk = new SimDisk(new SimPower());
  private final SimClock clock = new SimClock();

  private Metadata metadata() throws SutureException {
    Map<ComponentName, Sha256> bases = new LinkedHashMap<>();
    publisher.bases().forEach((name, base) -> bases.put(name, Sha256.of(base)));
    return new Metadata(
        new Mirror(mirror),
        new MetadataStore(disk, TrustState.BYTES_MAX),
        new DeviceTrust(
            TrustAnchor.decode(publisher.trustRoot()),
            new ManifestVerifier(
                new ManifestVerifier.DeviceIdentity(
                    SimPublisher.BASELINE, SimPublisher.MODEL, bases))),
        CONFIG,
        SETTINGS,
        clock);
  }

  private Metadata refreshed() throws SutureException {
    Metadata metadata = metadata();
    metadata.load();
    metadata.refresh();
    return metadata;
  }

  private static Optional<String> title(Optional<Patch> candidate) {
    return candidate.map(Patch::title);
  }

  @Test
  void candidate_nothingIsPublishedOrKnown_isNone() throws SutureException {
    assertThat(metadata().candidate(Optional.empty(), id -> false, false)).isEmpty();
    assertThat(refreshed().candidate(Optional.empty(), id -> false, false)).isEmpty();
  }

  @Test
  void candidate_severalLevels_isTheNewestAboveOurs() throws SutureException {
    for (String level : new String[] {"b", "aa", "z", "a"}) {
      publisher.release(SimPublisher.level(level));
    }
    Metadata metadata = refreshed();
    assertThat(title(metadata.candidate(Optional.empty(), id -> false, false)))
        .hasValue("26.1 (aa)");
    assertThat(title(metadata.candidate(Optional.of(new Level("z")), id -> false, false)))
        .hasValue("26.1 (aa)");
    assertThat(metadata.candidate(Optional.of(new Level("aa")), id -> false, false)).isEmpty();
  }

  @Test
  void candidate_newestIsHeld_isTheNextOne() throws SutureException {
    publisher.release(SimPublisher.level("a"));
    Manifest b = publisher.release(SimPublisher.level("b"));
    Metadata metadata = refreshed();
    assertThat(title(metadata.candidate(Optional.empty(), id -> id.equals(b.digest()), false)))
        .hasValue("26.1 (a)");
    assertThat(metadata.candidate(Optional.of(new Level("a")), id -> id.equals(b.digest()), false))
        .isEmpty();
    assertThat(metadata.candidate(Optional.empty(), id -> true, false)).isEmpty();
  }

  @Test
  void candidate_newestIsWithdrawn_isTheNextOne() throws SutureException {
    publisher.release(SimPublisher.level("a"));
    publisher.release(SimPublisher.level("b"));
    publisher.withdraw("b");
    assertThat(title(refreshed().candidate(Optional.empty(), id -> false, false)))
        .hasValue("26.1 (a)");
  }

  @Test
  void candidate_otherModelOrBaseline_isNone() throws SutureException {
    Manifest ours = publisher.release(SimPublisher.level("a"));
    publisher.list("other", SimPublisher.BASELINE, "b", ours);
    publisher.list(SimPublisher.MODEL, new Baseline("26.2"), "c", ours);
    assertThat(title(refreshed().candidate(Optional.empty(), id -> false, false)))
        .hasValue("26.1 (a)");
    assertThat(refreshed().published()).containsExactly(new Held(ours.digest(), "26.1 (a)"));
  }

  @Test
  void load_accepted_isKnownWithoutNetwork() throws SutureException {
    publisher.release(SimPublisher.level("a"));
    refreshed();
    mirror.reachable(false);
    Metadata again = metadata();
    again.load();
    assertThat(again.version()).isEqualTo(publisher.version());
    assertThat(title(again.candidate(Optional.empty(), id -> false, false))).hasValue("26.1 (a)");
  }

  @Test
  void refresh_olderMetadata_isRefused_alsoAfterARestart() throws SutureException {
    byte[] old = publisher.files().get(SimPublisher.timestamp());
    publisher.release(SimPublisher.level("a"));
    refreshed();
    mirror.lie(SimPublisher.timestamp(), bytes -> old == null ? new byte[0] : old);
    Metadata again = metadata();
    again.load();
    assertThatThrownBy(again::refresh)
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.METADATA_ROLLED_BACK));
    assertThat(title(again.candidate(Optional.empty(), id -> false, false))).hasValue("26.1 (a)");
  }

  @Test
  void load_damaged_isKeptAsideAndSaid() throws SutureException {
    refreshed();
    byte[] bad = SimMirror.flipped(200).apply(disk.cached("trust.0").orElseThrow());
    disk.put("trust.0", bad);
    Metadata again = metadata();
    assertThatThrownBy(again::load)
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.TRUST_STATE_DAMAGED));
    assertThat(disk.cached("trust.0.damaged")).hasValue(bad);
    again.load();
    again.refresh();
    assertThat(again.version()).isEqualTo(publisher.version());
  }

  @Test
  void verify_withdrawnSince_isRejected() throws SutureException {
    publisher.release(SimPublisher.level("a"));
    Metadata metadata = refreshed();
    Patch patch = metadata.candidate(Optional.empty(), id -> false, false).orElseThrow();
    byte[] manifest = metadata.fetchManifest(patch);
    publisher.withdraw("a");
    metadata.refresh();
    assertThatThrownBy(() -> metadata.verify(manifest, patch))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.LEVEL_WITHDRAWN));
  }

  @Test
  void verify_metadataIsLost_patchIsNotToBlame() throws SutureException {
    publisher.release(SimPublisher.level("a"));
    Metadata metadata = refreshed();
    Patch patch = metadata.candidate(Optional.empty(), id -> false, false).orElseThrow();
    byte[] manifest = metadata.fetchManifest(patch);
    assertThatThrownBy(() -> metadata().verify(manifest, patch))
        .isInstanceOf(RetryableException.class);
  }
}
