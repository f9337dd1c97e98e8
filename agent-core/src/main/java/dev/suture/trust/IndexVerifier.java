package dev.suture.trust;

import dev.suture.protocol.Envelope;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * Decides whether signed metadata is ours and not older than what we have. Needs no network and no
 * clock.
 */
public final class IndexVerifier {
  private static final int ED25519_SIGNATURE_BYTES = 64;

  private final TrustRoot root;

  /** Verifies with these keys. */
  public IndexVerifier(TrustRoot root) {
    this.root = root;
  }

  /**
   * The index in an envelope, once enough distinct keys have signed exactly these bytes. Nothing of
   * the payload is parsed before.
   *
   * @throws RejectedException {@code SIGNATURE_INVALID} or {@code METADATA_MALFORMED}
   */
  public ReleaseIndex verify(byte[] envelopeBytes) throws RejectedException {
    return ReleaseIndex.decode(verifiedPayload(envelopeBytes));
  }

  /**
   * As {@link #verify(byte[])}, and not older than the index that was accepted before: a lower
   * version is a rollback, the same version with other content is two truths from one signer.
   *
   * @throws RejectedException also {@code METADATA_ROLLED_BACK}
   */
  public ReleaseIndex verifyNewer(byte[] envelopeBytes, byte[] acceptedEnvelope)
      throws RejectedException {
    byte[] payload = verifiedPayload(envelopeBytes);
    byte[] acceptedPayload = verifiedPayload(acceptedEnvelope);
    ReleaseIndex index = ReleaseIndex.decode(payload);
    ReleaseIndex accepted = ReleaseIndex.decode(acceptedPayload);
    if (index.version() < accepted.version()) {
      throw new RejectedException(
          FailureCode.METADATA_ROLLED_BACK,
          "index version: expected " + accepted.version() + " or more, got " + index.version());
    }
    if (index.version() == accepted.version() && !Arrays.equals(payload, acceptedPayload)) {
      throw new RejectedException(
          FailureCode.METADATA_ROLLED_BACK,
          "index version "
              + index.version()
              + ": expected the content that was accepted before, got another one");
    }
    return index;
  }

  private byte[] verifiedPayload(byte[] envelopeBytes) throws RejectedException {
    Envelope envelope = Envelope.decode(envelopeBytes);
    if (!envelope.payloadType().equals(Envelope.INDEX_TYPE)) {
      throw new RejectedException(
          FailureCode.SIGNATURE_INVALID,
          "payload type: expected " + Envelope.INDEX_TYPE + ", got another one");
    }
    byte[] signed = envelope.signedBytes();
    Set<Sha256> signers = new HashSet<>();
    for (Envelope.Signature signature : envelope.signatures()) {
      Ed25519PublicKeyParameters key = root.keys().get(signature.keyId());
      if (key != null
          && !signers.contains(signature.keyId())
          && isValid(key, signed, signature.bytes())) {
        signers.add(signature.keyId());
      }
    }
    if (signers.size() < root.threshold()) {
      throw new RejectedException(
          FailureCode.SIGNATURE_INVALID,
          "index signatures: expected "
              + root.threshold()
              + " valid from the trust root's "
              + root.keys().size()
              + " keys, got "
              + signers.size());
    }
    return envelope.payload();
  }

  private static boolean isValid(Ed25519PublicKeyParameters key, byte[] signed, byte[] signature) {
    if (signature.length != ED25519_SIGNATURE_BYTES) {
      return false;
    }
    Ed25519Signer verifier = new Ed25519Signer();
    verifier.init(false, key);
    verifier.update(signed, 0, signed.length);
    return verifier.verifySignature(signature);
  }
}
