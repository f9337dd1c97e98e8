package dev.suture.benchmarks;

import java.security.SecureRandom;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.MLDSAKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.MLDSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.MLDSASigner;

/** The primitives alone: keys as bytes in, one verification each. */
final class RawVerification {
  /** About the size of a role's signed part. */
  private static final int MESSAGE_BYTES = 1_024;

  private final byte[] message = new byte[MESSAGE_BYTES];
  private final byte[] ed25519Key;
  private final byte[] ed25519Signature;
  private final byte[] mlDsa65Key;
  private final byte[] mlDsa65Signature;

  RawVerification() {
    SecureRandom random = new SecureRandom();
    Ed25519KeyPairGenerator ed25519 = new Ed25519KeyPairGenerator();
    ed25519.init(new Ed25519KeyGenerationParameters(random));
    AsymmetricCipherKeyPair classic = ed25519.generateKeyPair();
    ed25519Key = ((Ed25519PublicKeyParameters) classic.getPublic()).getEncoded();
    ed25519Signature = sign(new Ed25519Signer(), classic);
    MLDSAKeyPairGenerator mlDsa65 = new MLDSAKeyPairGenerator();
    mlDsa65.init(new MLDSAKeyGenerationParameters(random, MLDSAParameters.ml_dsa_65));
    AsymmetricCipherKeyPair quantum = mlDsa65.generateKeyPair();
    mlDsa65Key = ((MLDSAPublicKeyParameters) quantum.getPublic()).getEncoded();
    mlDsa65Signature = sign(new MLDSASigner(), quantum);
  }

  private byte[] sign(Signer signer, AsymmetricCipherKeyPair pair) {
    signer.init(true, pair.getPrivate());
    signer.update(message, 0, message.length);
    try {
      return signer.generateSignature();
    } catch (CryptoException e) {
      throw new IllegalStateException(e);
    }
  }

  /** So many of each, in nanoseconds. */
  long run(int ed25519, int mlDsa65) {
    long begin = System.nanoTime();
    for (int i = 0; i < ed25519; i++) {
      verify(new Ed25519Signer(), new Ed25519PublicKeyParameters(ed25519Key, 0), ed25519Signature);
    }
    for (int i = 0; i < mlDsa65; i++) {
      verify(
          new MLDSASigner(),
          new MLDSAPublicKeyParameters(MLDSAParameters.ml_dsa_65, mlDsa65Key),
          mlDsa65Signature);
    }
    return System.nanoTime() - begin;
  }

  private void verify(Signer verifier, AsymmetricKeyParameter key, byte[] signature) {
    verifier.init(false, key);
    verifier.update(message, 0, message.length);
    if (!verifier.verifySignature(signature)) {
      throw new IllegalStateException("the signature is valid");
    }
  }
}
