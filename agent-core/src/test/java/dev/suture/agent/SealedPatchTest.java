package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimMirror;
import dev.suture.sim.SimPublisher;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Patches that are spread before their key, and bundles on a stick. */
class SealedPatchTest {
  private static final int ENOUGH_STEPS = 40;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private void look() {
    device.notices().send(publisher.version());
    device.steps(ENOUGH_STEPS);
    device.settleOrWait();
  }

  private String release() {
    return device.agent().status().release();
  }

  private final Sealing sealing = Sealing.ofLevelA(path -> true);

  private FileRef spread() {
    FileRef ref = sealing.spread(publisher);
    look();
    return ref;
  }

  private Optional<byte[]> kept(FileRef ref) {
    return device.flash().disk().cached(SimDevice.statePath("sealed/" + ref.sha256().hex()));
  }

  @Test
  void sealed_spreadThenOpened_isInstalledWithoutADownload() throws Exception {
    FileRef ref = spread();
    assertThat(kept(ref)).isPresent();
    assertThat(release()).isEqualTo("26.1");
    device.powerCycle(CacheFate.lost());
    sealing.open(publisher);
    device.mirror().asked().clear();
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.mirror().asked()).isNotEmpty().allMatch(path -> path.startsWith("metadata/"));
    device.steps(ENOUGH_STEPS);
    assertThat(device.flash().disk().cached(SimDevice.statePath("sealed/opened"))).isEmpty();
  }

  @Test
  void sealed_keyDoesNotFit_mirrorIsAsked() {
    spread();
    sealing.open(publisher, Sealing.key("another"));
    look();
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThat(device.mirror().asked()).anyMatch(path -> path.startsWith("payloads/"));
  }

  @Test
  void sealed_keptFileIsDamaged_mirrorIsAsked() throws Exception {
    FileRef ref = spread();
    byte[] bad = SimMirror.flipped(100).apply(kept(ref).orElseThrow());
    device.flash().disk().put(SimDevice.statePath("sealed/" + ref.sha256().hex()), bad);
    sealing.open(publisher);
    look();
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1 (a)");
  }

  @Test
  void sealed_withdrawnBeforeItIsOpened_isDropped() throws Exception {
    FileRef ref = spread();
    publisher.dropSealed();
    look();
    assertThat(kept(ref)).isEmpty();
  }

  @Test
  void sealed_trustStateIsLost_isKeptUntilTheNextLook() throws Exception {
    FileRef ref = spread();
    for (String copy : new String[] {"trust.0", "trust.1"}) {
      device.flash().disk().put(SimDevice.statePath(copy), new byte[] {1});
    }
    device.mirror().reachable(false);
    device.restartAgent();
    device.steps(ENOUGH_STEPS);
    assertThat(kept(ref)).isPresent();
    device.mirror().reachable(true);
    device.mirror().asked().clear();
    look();
    assertThat(kept(ref)).isPresent();
    assertThat(device.mirror().asked()).noneMatch(path -> path.startsWith("targets/sealed"));
  }

  @Test
  void sealed_levelIsWithdrawn_keyIsOfNoUse() throws Exception {
    FileRef ref = spread();
    sealing.open(publisher);
    publisher.withdraw("a", Withdrawal.STOP);
    publisher.dropSealed();
    look();
    assertThat(release()).isEqualTo("26.1");
    assertThat(kept(ref)).isEmpty();
  }

  private BundleFile stick(Map<String, byte[]> files) throws Exception {
    device.flash().disk().put("stick", Sealing.bundle(files));
    return BundleFile.open(device.flash().disk(), "stick");
  }

  @Test
  void bundle_withoutNetwork_isInstalled_andExplained() throws Exception {
    device.mirror().reachable(false);
    device.boot();
    publisher.release(SimPublisher.level("a"));
    BundleFile bundle = stick(publisher.files());
    BundleFindings findings = device.agent().explain(bundle);
    assertThat(findings.isGood()).isTrue();
    assertThat(findings.text())
        .contains(
            "26.1 (a): manifest signed", "digest as signed", "good: nothing in it is refused");
    Rehearsal rehearsal = device.agent().rehearseInstall(bundle);
    assertThat(rehearsal.to()).isEqualTo("26.1 (a)");
    assertThat(rehearsal.plan().scope()).isEqualTo(RestartScope.REBOOT);
    assertThat(device.agent().history().lastNumber()).isZero();
    device.agent().requestInstall(bundle);
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1 (a)");
    assertThatThrownBy(() -> device.agent().rehearseInstall(bundle))
        .isInstanceOfSatisfying(
            RejectedException.class,
            refused -> assertThat(refused.code()).isEqualTo(FailureCode.NOTHING_TO_DO));
  }

  @Test
  void bundle_oneBitOfAPayloadFlipped_isSaid_andNotInstalled() throws Exception {
    device.mirror().reachable(false);
    device.boot();
    publisher.release(SimPublisher.level("a"));
    Map<String, byte[]> files = new TreeMap<>(publisher.files());
    files.replaceAll(
        (path, bytes) ->
            path.startsWith("payloads/")
                ? SimMirror.flipped(bytes.length / 2).apply(bytes)
                : bytes);
    BundleFile bundle = stick(files);
    BundleFindings findings = device.agent().explain(bundle);
    assertThat(findings.isGood()).isFalse();
    assertThat(findings.lines())
        .anyMatch(line -> line.startsWith("  tls delta: ") && line.contains("REFUSED: expected"));
    device.agent().requestInstall(bundle);
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1");
  }

  @Test
  void bundle_ofAStranger_isRefused() throws Exception {
    device.boot();
    SimPublisher stranger = SimPublisher.stranger();
    stranger.release(SimPublisher.level("a"));
    BundleFile bundle = stick(stranger.files());
    assertThatThrownBy(() -> device.agent().requestInstall(bundle)).hasMessageContaining("SUT-101");
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1");
  }

  @Test
  void bundle_olderThanWhatIsKnown_isUsedForItsPayloadsOnly() throws Exception {
    publisher.release(SimPublisher.level("a"));
    Map<String, byte[]> old = new TreeMap<>(publisher.files());
    publisher.withdraw("a", Withdrawal.STOP);
    look();
    device.agent().requestInstall(stick(old));
    device.steps(ENOUGH_STEPS);
    assertThat(release()).isEqualTo("26.1");
  }
}
