package dev.suture.publisher.keys;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.signature.Ed25519Parameters;
import com.google.crypto.tink.signature.Ed25519PrivateKey;
import com.google.crypto.tink.signature.SignatureConfig2026;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.Sha256;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * A Tink keyset whose primary key signs what is published: Ed25519 without Tink's prefix, so that
 * its signatures are the plain ones of RFC 8032 and any verifier can check them.
 */
public final class PublisherKeys {
  private final KeysetHandle keyset;
  private final Ed25519PrivateKey primary;

  private PublisherKeys(KeysetHandle keyset, Ed25519PrivateKey primary) {
    this.keyset = keyset;
    this.primary = primary;
  }

  /** A new random key. Nothing is written. */
  public static PublisherKeys generate() {
    try {
      return of(
          KeysetHandle.generateNew(
              Ed25519Parameters.create(Ed25519Parameters.Variant.NO_PREFIX),
              SignatureConfig2026.get()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Tink makes Ed25519 keys on every Java platform", e);
    }
  }

  /**
   * The keyset in Tink's JSON.
   *
   * @throws GeneralSecurityException unless it is a keyset whose primary key is an Ed25519 private
   *     key without prefix
   */
  static PublisherKeys parse(String json) throws GeneralSecurityException {
    return of(
        TinkJsonProtoKeysetFormat.parseKeyset(
            json, SignatureConfig2026.get(), InsecureSecretKeyAccess.get()));
  }

  private static PublisherKeys of(KeysetHandle keyset) throws GeneralSecurityException {
    if (keyset.getPrimary().getKey() instanceof Ed25519PrivateKey key
        && key.getParameters().getVariant() == Ed25519Parameters.Variant.NO_PREFIX) {
      return new PublisherKeys(keyset, key);
    }
    throw new GeneralSecurityException(
        "expected an Ed25519 private key without prefix as the primary key, got "
            + keyset.getPrimary().getKey().getParameters());
  }

  /** The private keyset in Tink's JSON, not encrypted. */
  String serialize() {
    try {
      return TinkJsonProtoKeysetFormat.serializeKeyset(
          keyset, SignatureConfig2026.get(), InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Tink writes what it made or read", e);
    }
  }

  /** The public half of the primary key. */
  public TrustRoot.PublicKey publicKey() {
    return new TrustRoot.PublicKey(primary.getPublicKey().getPublicKeyBytes());
  }

  /** Digest of the raw public key. */
  public Sha256 keyId() {
    return publicKey().keyId();
  }

  /** What devices are flashed with: this one key, threshold 1. */
  public TrustRoot trustRoot() {
    return new TrustRoot(List.of(publicKey()), 1);
  }

  /** Signs a document: type and bytes. The bytes are not copied. */
  public Envelope sign(String payloadType, byte[] payload) {
    try {
      byte[] signature =
          keyset
              .getPrimitive(SignatureConfig2026.get(), PublicKeySign.class)
              .sign(Envelope.signedBytes(payloadType, payload));
      return new Envelope(
          payloadType, payload, List.of(new Envelope.Signature(keyId(), signature)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 signs any bytes", e);
    }
  }
}
