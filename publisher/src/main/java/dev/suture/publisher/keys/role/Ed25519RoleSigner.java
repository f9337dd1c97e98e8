package dev.suture.publisher.keys.role;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.signature.Ed25519Parameters;
import com.google.crypto.tink.signature.Ed25519PrivateKey;
import com.google.crypto.tink.signature.SignatureConfig2026;
import dev.suture.protocol.tuf.TufKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;

/** Ed25519 by a Tink keyset of one key without Tink's prefix: plain signatures of RFC 8032. */
final class Ed25519RoleSigner implements SoftwareSigner {
  private final KeysetHandle keyset;
  private final TufKey key;

  private Ed25519RoleSigner(KeysetHandle keyset, Ed25519PrivateKey primary) {
    this.keyset = keyset;
    this.key =
        new TufKey(
            KeyType.ED25519.word(),
            KeyType.ED25519.word(),
            HexFormat.of().formatHex(primary.getPublicKey().getPublicKeyBytes().toByteArray()));
  }

  static Ed25519RoleSigner generate() {
    try {
      return of(
          KeysetHandle.generateNew(
              Ed25519Parameters.create(Ed25519Parameters.Variant.NO_PREFIX),
              SignatureConfig2026.get()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Tink makes Ed25519 keys on every Java platform", e);
    }
  }

  /** From the keyset in Tink's JSON. */
  static Ed25519RoleSigner fromSecret(byte[] secret) throws GeneralSecurityException {
    return of(
        TinkJsonProtoKeysetFormat.parseKeyset(
            new String(secret, StandardCharsets.UTF_8),
            SignatureConfig2026.get(),
            InsecureSecretKeyAccess.get()));
  }

  private static Ed25519RoleSigner of(KeysetHandle keyset) throws GeneralSecurityException {
    if (keyset.size() == 1
        && keyset.getPrimary().getKey() instanceof Ed25519PrivateKey key
        && key.getParameters().getVariant() == Ed25519Parameters.Variant.NO_PREFIX) {
      return new Ed25519RoleSigner(keyset, key);
    }
    throw new GeneralSecurityException("expected one Ed25519 private key without prefix");
  }

  @Override
  public TufKey key() {
    return key;
  }

  @Override
  public String sign(byte[] signedBytes) {
    try {
      return HexFormat.of()
          .formatHex(
              keyset
                  .getPrimitive(SignatureConfig2026.get(), PublicKeySign.class)
                  .sign(signedBytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 signs any bytes", e);
    }
  }

  @Override
  public byte[] secret() {
    try {
      return TinkJsonProtoKeysetFormat.serializeKeyset(
              keyset, SignatureConfig2026.get(), InsecureSecretKeyAccess.get())
          .getBytes(StandardCharsets.UTF_8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Tink writes what it made or read", e);
    }
  }
}
