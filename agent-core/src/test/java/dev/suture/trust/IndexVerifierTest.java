package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Envelope;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimPublisher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.junit.jupiter.api.Test;

class IndexVerifierTest {
  private static final Ed25519PrivateKeyParameters ONE = SimPublisher.key(1);
  private static final Ed25519PrivateKeyParameters TWO = SimPublisher.key(2);
  private static final Ed25519PrivateKeyParameters STRANGER = SimPublisher.key(3);

  private final SimPublisher publisher = new SimPublisher();

  private IndexVerifier verifier() throws SutureException {
    return new IndexVerifier(TrustRoot.decode(publisher.trustRoot()));
  }

  private byte[] signedBy(byte[] payload, Ed25519PrivateKeyParameters... keys) {
    List<Envelope.Signature> signatures = new ArrayList<>();
    for (Ed25519PrivateKeyParameters key : keys) {
      signatures.add(SimPublisher.sign(key, Envelope.INDEX_TYPE, payload));
    }
    return new Envelope(Envelope.INDEX_TYPE, payload, signatures).encode();
  }

  private static void assertRefused(FailureCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(RejectedException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static ReleaseIndex index(long version, String issued) {
    return new ReleaseIndex(version, issued, List.of());
  }

  @Test
  void verify_ours_isTheIndex() throws SutureException {
    publisher.release(SimPublisher.level("a"));
    assertThat(verifier().verify(publisher.envelope(publisher.index())))
        .isEqualTo(publisher.index());
  }

  @Test
  void verify_strangersKey_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = publisher.index().encode();
    assertRefused(
        FailureCode.SIGNATURE_INVALID, () -> verifier.verify(signedBy(payload, STRANGER)));
  }

  @Test
  void verify_strangersSignatureUnderOurKeyId_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = publisher.index().encode();
    byte[] signature = SimPublisher.sign(STRANGER, Envelope.INDEX_TYPE, payload).bytes();
    Envelope forged =
        new Envelope(
            Envelope.INDEX_TYPE,
            payload,
            List.of(new Envelope.Signature(SimPublisher.keyId(ONE), signature)));
    assertRefused(FailureCode.SIGNATURE_INVALID, () -> verifier.verify(forged.encode()));
  }

  @Test
  void verify_noSignature_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    assertRefused(
        FailureCode.SIGNATURE_INVALID, () -> verifier.verify(signedBy(publisher.index().encode())));
  }

  @Test
  void verify_otherType_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] other =
        publisher.envelope("application/vnd.suture.other+json", publisher.index().encode());
    assertRefused(FailureCode.SIGNATURE_INVALID, () -> verifier.verify(other));
  }

  @Test
  void verify_signedAsOtherType_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = publisher.index().encode();
    Envelope relabelled =
        new Envelope(
            Envelope.INDEX_TYPE, payload, List.of(SimPublisher.sign(ONE, "other", payload)));
    assertRefused(FailureCode.SIGNATURE_INVALID, () -> verifier.verify(relabelled.encode()));
  }

  @Test
  void verify_anyBitOfThePayloadFlipped_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = index(3, "x").encode();
    List<Envelope.Signature> signatures =
        List.of(SimPublisher.sign(ONE, Envelope.INDEX_TYPE, payload));
    for (int bit = 0; bit < payload.length * 8; bit++) {
      byte[] flipped = payload.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Envelope changed = new Envelope(Envelope.INDEX_TYPE, flipped, signatures);
      assertRefused(FailureCode.SIGNATURE_INVALID, () -> verifier.verify(changed.encode()));
    }
  }

  @Test
  void verify_anyBitOfTheSignatureFlipped_orOtherLength_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = publisher.index().encode();
    byte[] good = SimPublisher.sign(ONE, Envelope.INDEX_TYPE, payload).bytes();
    List<byte[]> bad = new ArrayList<>();
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      bad.add(flipped);
    }
    for (int length : new int[] {0, 1, 63, 65, 128}) {
      bad.add(Arrays.copyOf(good, length));
    }
    for (byte[] signature : bad) {
      Envelope changed =
          new Envelope(
              Envelope.INDEX_TYPE,
              payload,
              List.of(new Envelope.Signature(SimPublisher.keyId(ONE), signature)));
      assertRefused(FailureCode.SIGNATURE_INVALID, () -> verifier.verify(changed.encode()));
    }
  }

  @Test
  void verify_thresholdOfTwo_needsTwoDistinctKeys() throws SutureException {
    publisher.keys(2, ONE, TWO);
    IndexVerifier verifier = verifier();
    byte[] payload = publisher.index().encode();
    assertRefused(FailureCode.SIGNATURE_INVALID, () -> verifier.verify(signedBy(payload, ONE)));
    assertRefused(
        FailureCode.SIGNATURE_INVALID, () -> verifier.verify(signedBy(payload, ONE, ONE)));
    assertRefused(
        FailureCode.SIGNATURE_INVALID, () -> verifier.verify(signedBy(payload, ONE, STRANGER)));
    assertThat(verifier.verify(signedBy(payload, STRANGER, TWO, ONE))).isEqualTo(publisher.index());
  }

  @Test
  void verify_badSignatureBesideAGoodOneOfTheSameKey_countsOnce() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = publisher.index().encode();
    Envelope both =
        new Envelope(
            Envelope.INDEX_TYPE,
            payload,
            List.of(
                new Envelope.Signature(SimPublisher.keyId(ONE), new byte[64]),
                SimPublisher.sign(ONE, Envelope.INDEX_TYPE, payload)));
    assertThat(verifier.verify(both.encode())).isEqualTo(publisher.index());
  }

  @Test
  void verify_signedButMalformed_isRefusedAsThat() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] payload = "{\"format\":1}".getBytes(StandardCharsets.UTF_8);
    assertRefused(FailureCode.METADATA_MALFORMED, () -> verifier.verify(signedBy(payload, ONE)));
  }

  @Test
  void verify_notAnEnvelope_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    for (String bytes : new String[] {"", "x", "[]", "{}", "{\"payload\":\"\"}"}) {
      assertRefused(
          FailureCode.METADATA_MALFORMED,
          () -> verifier.verify(bytes.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void verifyNewer_rollback_isRefused_withBothVersions() throws SutureException {
    IndexVerifier verifier = verifier();
    byte[] old = publisher.envelope(index(4, "x"));
    byte[] accepted = publisher.envelope(index(5, "x"));
    assertThatThrownBy(() -> verifier.verifyNewer(old, accepted))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.METADATA_ROLLED_BACK);
              assertThat(e.explanation()).contains("5", "4");
            });
  }

  @Test
  void verifyNewer_sameVersionOtherContent_isRefused() throws SutureException {
    IndexVerifier verifier = verifier();
    assertRefused(
        FailureCode.METADATA_ROLLED_BACK,
        () ->
            verifier.verifyNewer(
                publisher.envelope(index(5, "x")), publisher.envelope(index(5, "y"))));
  }

  @Test
  void verifyNewer_sameOrNewer_isTheIndex() throws SutureException {
    byte[] accepted = publisher.envelope(index(5, "x"));
    assertThat(verifier().verifyNewer(accepted, accepted).version()).isEqualTo(5);
    assertThat(verifier().verifyNewer(publisher.envelope(index(6, "y")), accepted).version())
        .isEqualTo(6);
  }

  @Test
  void keyId_isTheDigestOfTheRawPublicKey() {
    assertThat(SimPublisher.keyId(ONE)).isEqualTo(Sha256.of(ONE.generatePublicKey().getEncoded()));
  }
}
