package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.fuzz.Bytes;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.sim.SimPublisher;
import dev.suture.trust.ManifestVerifier.DeviceIdentity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrustedViewTest {
  private static final int VENDOR_KEY = 40;

  private final SimPublisher publisher = new SimPublisher();
  private final Manifest good = publisher.release(SimPublisher.level("a"));

  private DeviceIdentity device(String model, Baseline baseline) {
    Map<ComponentName, Sha256> bases = new LinkedHashMap<>();
    publisher.bases().forEach((name, base) -> bases.put(name, Sha256.of(base)));
    return new DeviceIdentity(baseline, model, bases);
  }

  private TrustedView view(DeviceIdentity device) throws SutureException {
    DeviceTrust.Refresh refresh =
        new DeviceTrust(TrustAnchor.decode(publisher.trustRoot()), new ManifestVerifier(device))
            .refresh(
                TrustState.EMPTY,
                new MemoryMirror(publisher),
                Optional.empty(),
                good.components().stream().map(ManifestCodec::statementPath).toList());
    return refresh.view().orElseThrow();
  }

  private TrustedView view() throws SutureException {
    return view(device(SimPublisher.MODEL, SimPublisher.BASELINE));
  }

  private void assertRefused(
      Manifest manifest, Class<? extends SutureException> kind, FailureCode code, String named)
      throws SutureException {
    TrustedView view = view();
    LevelEntry entry = publisher.entry(manifest);
    assertThatThrownBy(() -> view.verify(ManifestCodec.encode(manifest), entry))
        .isInstanceOfSatisfying(
            kind,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.explanation()).contains(named);
            });
  }

  @Test
  void levels_ofOtherModelsAndBaselines_areNotShown() throws SutureException {
    Baseline other = new Baseline("26.2");
    publisher.list("other", SimPublisher.BASELINE, "b", good);
    publisher.list(SimPublisher.MODEL, other, "c", good);
    publisher.list("other", other, "d", good);
    assertThat(view().levels()).containsExactly(publisher.entry(good));
    assertThat(view(device("other", other)).levels())
        .singleElement()
        .satisfies(entry -> assertThat(entry.title()).isEqualTo("26.2 (d)"));
  }

  @Test
  void levels_malformedOne_isLeft_othersAreShown() throws SutureException {
    publisher.list(SimPublisher.MODEL + "/x", SimPublisher.BASELINE, "b", good);
    Manifest next = publisher.release(SimPublisher.level("c"));
    assertThat(view().levels()).containsExactly(publisher.entry(good), publisher.entry(next));
  }

  @Test
  void levels_withdrawnOne_isShown() throws SutureException {
    publisher.withdraw("a");
    assertThat(view().levels())
        .singleElement()
        .satisfies(entry -> assertThat(entry.withdrawal()).isPresent());
    assertThat(view().level(good.digest())).hasValue(publisher.entry(good));
  }

  @Test
  void levels_nobodyElseCanChange() throws SutureException {
    TrustedView view = view();
    assertThatThrownBy(() -> view.levels().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> view.sealed().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void level_byItsManifestsDigest_orNone() throws SutureException {
    Manifest next = publisher.release(SimPublisher.level("b"));
    TrustedView view = view();
    assertThat(view.level(next.digest())).hasValue(publisher.entry(next));
    assertThat(view.level(Sha256.of(Bytes.of("none")))).isEmpty();
  }

  @Test
  void sealed_areAtMostSoMany_inTheirOrder() throws SutureException {
    List<FileRef> files = new ArrayList<>();
    for (int i = 0; i <= SpreadFile.FILES_MAX; i++) {
      files.add(publisher.seal("s" + i, Bytes.of("sealed " + i)));
    }
    assertThat(view().sealed().stream().map(SpreadFile::file))
        .containsExactlyElementsOf(files.subList(0, SpreadFile.FILES_MAX));
  }

  @Test
  void sealed_malformedOrOfOthers_areLeft() throws SutureException {
    publisher.seal("folder/name", Bytes.of("x"));
    FileRef file = publisher.seal("name", Bytes.of("y"));
    assertThat(view().sealed().stream().map(SpreadFile::file)).containsExactly(file);
    assertThat(view(device("other", SimPublisher.BASELINE)).sealed()).isEmpty();
    assertThat(view(device(SimPublisher.MODEL, new Baseline("26.2"))).sealed()).isEmpty();
  }

  @Test
  void verify_noVendors_isTheManifest() throws SutureException {
    assertThat(view().verify(ManifestCodec.encode(good), publisher.entry(good))).isEqualTo(good);
  }

  @Test
  void verify_vendorVouches_isTheManifest() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.vouch(good, SimPublisher.TLS, VENDOR_KEY);
    assertThat(view().verify(ManifestCodec.encode(good), publisher.entry(good))).isEqualTo(good);
  }

  @Test
  void verify_otherBytes_mirrorIsAtFault() throws SutureException {
    TrustedView view = view();
    assertThatThrownBy(() -> view.verify(new byte[0], publisher.entry(good)))
        .isInstanceOfSatisfying(
            RetryableException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.MANIFEST_DIGEST_MISMATCH));
  }

  @Test
  void verify_vendorSaysNothing_isRefused() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    assertRefused(good, RejectedException.class, FailureCode.COMPONENT_NOT_VOUCHED, "got none");
  }

  @Test
  void verify_vendorVouchesForOtherPayloads_isRefused() throws SutureException {
    Manifest shorter = publisher.release(SimPublisher.level("b").withoutDelta());
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.vouch(shorter, SimPublisher.TLS, VENDOR_KEY);
    Manifest longer = publisher.release(SimPublisher.level("b"));
    assertThat(ManifestCodec.statementPath(longer.component(SimPublisher.TLS).orElseThrow()))
        .isEqualTo(ManifestCodec.statementPath(shorter.component(SimPublisher.TLS).orElseThrow()));
    assertRefused(
        longer, RejectedException.class, FailureCode.COMPONENT_NOT_VOUCHED, "got one over");
  }

  @Test
  void verify_vendorVouchesForAnotherPayloadOfTheSameLength_isRefused() throws SutureException {
    Manifest one = publisher.release(SimPublisher.level("b").full(TrustedViewTest::flipped));
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.vouch(one, SimPublisher.TLS, VENDOR_KEY);
    Manifest other = publisher.release(SimPublisher.level("b"));
    assertThat(ManifestCodec.statement(other.component(SimPublisher.TLS).orElseThrow()))
        .hasSameSizeAs(ManifestCodec.statement(one.component(SimPublisher.TLS).orElseThrow()));
    assertRefused(
        other, RejectedException.class, FailureCode.COMPONENT_NOT_VOUCHED, "got one over");
  }

  private static byte[] flipped(byte[] bytes) {
    byte[] copy = bytes.clone();
    copy[copy.length - 1] ^= 1;
    return copy;
  }

  @Test
  void verify_vendorIsInNoSnapshot_isForLater() throws SutureException {
    publisher.delegate(SimPublisher.TLS, VENDOR_KEY);
    publisher.loseVendors();
    assertRefused(good, RetryableException.class, FailureCode.METADATA_MISMATCH, "component-tls");
  }
}
