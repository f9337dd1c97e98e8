package dev.suture.publisher.keys.role;

import dev.suture.protocol.tuf.TufKey;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.MLDSASigner;

/** ML-DSA-65 (FIPS 204), hedged, with an empty context. The secret is the seed. */
final class MlDsaRoleSigner implements SoftwareSigner {
  private static final int SEED_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final MLDSAPrivateKeyParameters privateKey;
  private final TufKey key;

  private MlDsaRoleSigner(byte[] seed) {
    // Bouncy Castle keeps the array that it is given.
    this.privateKey = new MLDSAPrivateKeyParameters(MLDSAParameters.ml_dsa_65, seed.clone());
    this.key =
        new TufKey(
            KeyType.ML_DSA_65.word(),
            KeyType.ML_DSA_65.word(),
            HexFormat.of().formatHex(privateKey.getPublicKeyParameters().getEncoded()));
  }

  static MlDsaRoleSigner generate() {
    byte[] seed = new byte[SEED_BYTES];
    RANDOM.nextBytes(seed);
    try {
      return new MlDsaRoleSigner(seed);
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  static MlDsaRoleSigner fromSecret(byte[] secret) throws GeneralSecurityException {
    if (secret.length != SEED_BYTES) {
      throw new GeneralSecurityException(
          "expected a seed of " + SEED_BYTES + " bytes, got " + secret.length);
    }
    return new MlDsaRoleSigner(secret);
  }

  @Override
  public TufKey key() {
    return key;
  }

  @Override
  public String sign(byte[] signedBytes) {
    MLDSASigner signer = new MLDSASigner();
    signer.init(true, new ParametersWithRandom(privateKey, RANDOM));
    signer.update(signedBytes, 0, signedBytes.length);
    try {
      return HexFormat.of().formatHex(signer.generateSignature());
    } catch (CryptoException e) {
      throw new IllegalStateException("ML-DSA signs any bytes", e);
    }
  }

  @Override
  public byte[] secret() {
    return privateKey.getSeed().clone();
  }
}
