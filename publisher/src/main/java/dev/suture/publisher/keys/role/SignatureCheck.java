package dev.suture.publisher.keys.role;

import dev.suture.protocol.tuf.TufKey;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.util.PublicKeyFactory;

/** Whether a signature is one, before anything is published with it. */
final class SignatureCheck {
  private static final String PEM_HEAD = "-----BEGIN PUBLIC KEY-----";
  private static final String PEM_FOOT = "-----END PUBLIC KEY-----";
  private static final int PEM_COLUMNS = 64;
  private static final int SIGNATURE_HEX_MAX = 16_384;

  private SignatureCheck() {}

  /** False as well if the key or the signature is malformed, or of a kind that is not made here. */
  static boolean isSignedBy(TufKey key, byte[] signedBytes, String signatureHex) {
    if (signatureHex.length() > SIGNATURE_HEX_MAX) {
      return false;
    }
    try {
      byte[] signature = HexFormat.of().parseHex(signatureHex);
      return switch (key.type() + " " + key.scheme()) {
        case "ed25519 ed25519" ->
            verify(
                new Ed25519Signer(),
                new Ed25519PublicKeyParameters(HexFormat.of().parseHex(key.publicText())),
                signedBytes,
                signature);
        case "ml-dsa-65 ml-dsa-65" ->
            verify(
                new MLDSASigner(),
                new MLDSAPublicKeyParameters(
                    MLDSAParameters.ml_dsa_65, HexFormat.of().parseHex(key.publicText())),
                signedBytes,
                signature);
        case "ecdsa ecdsa-sha2-nistp256" ->
            PublicKeyFactory.createKey(der(key.publicText())) instanceof ECPublicKeyParameters ec
                && ec.getParameters() instanceof ECNamedDomainParameters curve
                && curve.getName().equals(SECObjectIdentifiers.secp256r1)
                && verify(
                    new DSADigestSigner(new ECDSASigner(), new SHA256Digest()),
                    ec,
                    signedBytes,
                    signature);
        default -> false;
      };
    } catch (IllegalArgumentException | IOException | ArithmeticException e) {
      return false; // Not a key, or not a signature.
    }
  }

  private static boolean verify(
      Signer verifier, AsymmetricKeyParameter key, byte[] signedBytes, byte[] signature) {
    verifier.init(false, key);
    verifier.update(signedBytes, 0, signedBytes.length);
    return verifier.verifySignature(signature);
  }

  /** A public key as metadata gives it. */
  static String pem(byte[] der) {
    return PEM_HEAD
        + "\n"
        + Base64.getMimeEncoder(PEM_COLUMNS, new byte[] {'\n'}).encodeToString(der)
        + "\n"
        + PEM_FOOT
        + "\n";
  }

  /** What makes two keys the same, whatever their ids, white space or letter case. */
  static String identity(TufKey key) {
    try {
      return key.publicText().contains("BEGIN")
          ? HexFormat.of().formatHex(der(key.publicText()))
          : key.publicText().trim().toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return key.publicText();
    }
  }

  private static byte[] der(String pem) {
    String text = pem.trim();
    if (!text.startsWith(PEM_HEAD) || !text.endsWith(PEM_FOOT)) {
      throw new IllegalArgumentException("expected a public key in PEM");
    }
    return Base64.getMimeDecoder()
        .decode(text.substring(PEM_HEAD.length(), text.length() - PEM_FOOT.length()));
  }
}
