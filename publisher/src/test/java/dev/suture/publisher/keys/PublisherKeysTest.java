package dev.suture.publisher.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.util.Bytes;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.Sha256;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.junit.jupiter.api.Test;

/** What Tink signs, the device's verifier accepts; and nothing that was changed on the way. */
final class PublisherKeysTest {
  private static final byte[] DOCUMENT = "{\"version\":1}".getBytes(StandardCharsets.UTF_8);

  /** Order of Ed25519's base point, RFC 8032 section 5.1. */
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  private final PublisherKeys keys = PublisherKeys.generate();
  private final Envelope envelope = keys.sign(Envelope.INDEX_TYPE, DOCUMENT);
  private final byte[] signature = envelope.signatures().get(0).bytes();

  private static boolean deviceAccepts(PublisherKeys keys, byte[] signature, byte[] message) {
    Ed25519Signer verifier = new Ed25519Signer();
    verifier.init(false, new Ed25519PublicKeyParameters(keys.publicKey().raw().toByteArray(), 0));
    verifier.update(message, 0, message.length);
    return verifier.verifySignature(signature);
  }

  private boolean bothAccept(byte[] changed, byte[] message) {
    boolean device = deviceAccepts(keys, changed, message);
    Envelope same =
        new Envelope(
            Envelope.INDEX_TYPE, DOCUMENT, List.of(new Envelope.Signature(keys.keyId(), changed)));
    if (Arrays.equals(message, envelope.signedBytes())) {
      assertThat(keys.trustRoot().accepts(same)).isEqualTo(device);
    }
    return device;
  }

  @Test
  void sign_document_isPlainEd25519OverTheEnvelopesBytes() {
    assertThat(signature).hasSize(64);
    assertThat(deviceAccepts(keys, signature, envelope.signedBytes())).isTrue();
    assertThat(keys.trustRoot().accepts(envelope)).isTrue();
    assertThat(envelope.signatures().get(0).keyId()).isEqualTo(keys.keyId());
  }

  @Test
  void sign_afterSavingAndLoading_sameKeyAndSameSignature() throws Exception {
    PublisherKeys loaded = PublisherKeys.parse(keys.serialize());

    assertThat(loaded.sign(Envelope.INDEX_TYPE, DOCUMENT).encode()).isEqualTo(envelope.encode());
  }

  @Test
  void verify_anyBitOfTheSignatureFlipped_refused() {
    for (int bit = 0; bit < signature.length * 8; bit++) {
      byte[] changed = signature.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(bothAccept(changed, envelope.signedBytes())).as("bit %d", bit).isFalse();
    }
  }

  @Test
  void verify_anyByteOfTheMessageChanged_refused() {
    byte[] message = envelope.signedBytes();
    for (int i = 0; i < message.length; i++) {
      byte[] changed = message.clone();
      changed[i] ^= 1;
      assertThat(bothAccept(signature, changed)).as("byte %d", i).isFalse();
    }
  }

  @Test
  void verify_wrongLengths_refused() {
    for (int length = 0; length < signature.length; length++) {
      assertThat(bothAccept(Arrays.copyOf(signature, length), envelope.signedBytes())).isFalse();
    }
    assertThat(bothAccept(Arrays.copyOf(signature, 65), envelope.signedBytes())).isFalse();
  }

  @Test
  void verify_scalarNotReduced_refused() {
    // S + L satisfies the equation as well; RFC 8032 section 5.1.7 wants 0 <= S < L.
    byte[] malleable = signature.clone();
    byte[] scalar = reversed(Arrays.copyOfRange(signature, 32, 64));
    byte[] sum = new BigInteger(1, scalar).add(ORDER).toByteArray();
    byte[] littleEndian = Arrays.copyOf(reversed(sum), 32);
    System.arraycopy(littleEndian, 0, malleable, 32, 32);

    assertThat(malleable).isNotEqualTo(signature);
    assertThat(bothAccept(malleable, envelope.signedBytes())).isFalse();
  }

  @Test
  void verify_zerosOrOnes_refused() {
    byte[] ones = new byte[64];
    Arrays.fill(ones, (byte) 0xff);
    assertThat(bothAccept(new byte[64], envelope.signedBytes())).isFalse();
    assertThat(bothAccept(ones, envelope.signedBytes())).isFalse();
  }

  @Test
  void verify_sameBytesAsAnotherType_refused() {
    Envelope other =
        new Envelope("application/vnd.suture.other+json", DOCUMENT, envelope.signatures());

    assertThat(keys.trustRoot().accepts(other)).isFalse();
  }

  @Test
  void verify_anotherKeysSignatureUnderOurKeyId_refused() {
    byte[] theirs =
        PublisherKeys.generate().sign(Envelope.INDEX_TYPE, DOCUMENT).signatures().get(0).bytes();

    assertThat(bothAccept(theirs, envelope.signedBytes())).isFalse();
  }

  @Test
  void accepts_oneKeySignsTwice_countsOnceForTheThreshold() {
    PublisherKeys second = PublisherKeys.generate();
    TrustRoot both = new TrustRoot(List.of(keys.publicKey(), second.publicKey()), 2);
    Envelope.Signature mine = envelope.signatures().get(0);
    Envelope.Signature theirs = second.sign(Envelope.INDEX_TYPE, DOCUMENT).signatures().get(0);

    assertThat(both.accepts(with(mine, mine))).isFalse();
    assertThat(both.accepts(with(mine, theirs))).isTrue();
    assertThat(both.accepts(with())).isFalse();
  }

  @Test
  void keyId_isTheDigestOfTheRawKey() {
    Bytes raw = keys.publicKey().raw();

    assertThat(raw.size()).isEqualTo(32);
    assertThat(keys.keyId()).isEqualTo(Sha256.of(raw.toByteArray()));
  }

  private static Envelope with(Envelope.Signature... signatures) {
    return new Envelope(Envelope.INDEX_TYPE, DOCUMENT, List.of(signatures));
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] copy = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      copy[i] = bytes[bytes.length - 1 - i];
    }
    return copy;
  }
}
