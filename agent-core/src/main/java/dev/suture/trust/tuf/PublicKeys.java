package dev.suture.trust.tuf;

import dev.suture.protocol.tuf.TufKey;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.signers.PSSSigner;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.PublicKeyFactory;

/**
 * Verifies signatures by the schemes ed25519, ecdsa-sha2-nistp256, rsassa-pss-sha256,
 * rsa-pkcs1v15-sha256 and ml-dsa-65. A key of another kind, or one that is malformed, verifies
 * nothing.
 */
final class PublicKeys {
  private static final int RSA_BITS_MIN = 2_048;
  private static final int RSA_BITS_MAX = 8_192;
  private static final int SHA_256_BYTES = 32;
  private static final int ML_DSA_65_BYTES = 1_952;
  private static final int SIGNATURE_BYTES_MAX = 8_192;
  private static final int RADIX = 16;

  private PublicKeys() {}

  /** Whether the owner of this key has signed these bytes. */
  static boolean isSignedBy(TufKey key, byte[] signed, String signatureHex) {
    Optional<byte[]> signature = signature(signatureHex);
    return signature.isPresent() && isSignedBy(key, signed, signature.get());
  }

  /** The bytes of a signature; empty if it is none. Either case is a digit, ASCII only. */
  static Optional<byte[]> signature(String hex) {
    return unhex(hex, SIGNATURE_BYTES_MAX).filter(bytes -> bytes.length > 0);
  }

  /** Whether the owner of this key has signed these bytes. */
  static boolean isSignedBy(TufKey key, byte[] signed, byte[] signature) {
    try {
      return switch (key.type() + " " + key.scheme()) {
        case "ed25519 ed25519" -> ed25519(key, signed, signature);
        case "ecdsa ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256 ecdsa-sha2-nistp256" ->
            ecdsa(key, signed, signature);
        case "rsa rsassa-pss-sha256" -> rsaPss(key, signed, signature);
        case "rsa rsa-pkcs1v15-sha256" ->
            isVerified(new RSADigestSigner(new SHA256Digest()), rsa(key), signed, signature);
        case "ml-dsa-65 ml-dsa-65" -> mlDsa65(key, signed, signature);
        default -> false;
      };
    } catch (IllegalArgumentException | IOException | ArithmeticException e) {
      return false; // Not a key.
    }
  }

  private static boolean ed25519(TufKey key, byte[] signed, byte[] signature) {
    byte[] raw = raw(key, Ed25519PublicKeyParameters.KEY_SIZE);
    return signature.length == Ed25519PublicKeyParameters.KEY_SIZE * 2
        && isVerified(
            new Ed25519Signer(), new Ed25519PublicKeyParameters(raw, 0), signed, signature);
  }

  private static boolean mlDsa65(TufKey key, byte[] signed, byte[] signature) {
    byte[] raw = raw(key, ML_DSA_65_BYTES);
    return isVerified(
        new MLDSASigner(),
        new MLDSAPublicKeyParameters(MLDSAParameters.ml_dsa_65, raw),
        signed,
        signature);
  }

  private static boolean ecdsa(TufKey key, byte[] signed, byte[] signature) throws IOException {
    AsymmetricKeyParameter parameters = PublicKeyFactory.createKey(pem(key));
    return parameters instanceof ECPublicKeyParameters ec
        && ec.getParameters() instanceof ECNamedDomainParameters curve
        && curve.getName().equals(SECObjectIdentifiers.secp256r1)
        && isVerified(
            new DSADigestSigner(new ECDSASigner(), new SHA256Digest()), ec, signed, signature);
  }

  /** The salt is as long as the digest, or as long as it can be: both are in use. */
  private static boolean rsaPss(TufKey key, byte[] signed, byte[] signature) throws IOException {
    RSAKeyParameters rsa = rsa(key);
    int longest = (rsa.getModulus().bitLength() + 6) / Byte.SIZE - SHA_256_BYTES - 2;
    return isPss(rsa, SHA_256_BYTES, signed, signature) || isPss(rsa, longest, signed, signature);
  }

  private static boolean isPss(RSAKeyParameters key, int saltBytes, byte[] signed, byte[] bytes) {
    PSSSigner signer = new PSSSigner(new RSAEngine(), new SHA256Digest(), saltBytes);
    return isVerified(signer, key, signed, bytes);
  }

  private static RSAKeyParameters rsa(TufKey key) throws IOException {
    if (PublicKeyFactory.createKey(pem(key)) instanceof RSAKeyParameters rsa
        && rsa.getModulus().bitLength() >= RSA_BITS_MIN
        && rsa.getModulus().bitLength() <= RSA_BITS_MAX
        && rsa.getExponent().compareTo(BigInteger.valueOf(2)) > 0
        && rsa.getExponent().bitLength() <= Integer.SIZE + 1) {
      return rsa;
    }
    throw new IllegalArgumentException("expected an RSA key of 2,048 to 8,192 bits");
  }

  private static boolean isVerified(
      Signer verifier, AsymmetricKeyParameter key, byte[] signed, byte[] signature) {
    verifier.init(false, key);
    verifier.update(signed, 0, signed.length);
    return verifier.verifySignature(signature);
  }

  private static byte[] raw(TufKey key, int bytes) {
    return unhex(key.publicText(), bytes)
        .filter(raw -> raw.length == bytes)
        .orElseThrow(() -> new IllegalArgumentException("expected " + bytes + " bytes"));
  }

  private static byte[] pem(TufKey key) {
    String text = key.publicText().trim();
    String head = "-----BEGIN PUBLIC KEY-----";
    String foot = "-----END PUBLIC KEY-----";
    if (!text.startsWith(head) || !text.endsWith(foot)) {
      throw new IllegalArgumentException("expected a public key in PEM");
    }
    return Base64.getMimeDecoder()
        .decode(text.substring(head.length(), text.length() - foot.length()));
  }

  private static Optional<byte[]> unhex(String text, int bytesMax) {
    if (text.length() % 2 != 0 || text.length() / 2 > bytesMax) {
      return Optional.empty();
    }
    byte[] bytes = new byte[text.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = digit(text.charAt(2 * i));
      int low = digit(text.charAt(2 * i + 1));
      if (high < 0 || low < 0) {
        return Optional.empty();
      }
      bytes[i] = (byte) (high * RADIX + low);
    }
    return Optional.of(bytes);
  }

  /** Not the digits of other scripts: {@link #identity} would take them for another key. */
  private static int digit(char digit) {
    return digit < 0x80 ? Character.digit(digit, RADIX) : -1;
  }

  /** What makes two keys the same, whatever their ids, encoding, white space or letter case. */
  static String identity(TufKey key) {
    try {
      if (key.publicText().contains("BEGIN")) {
        AsymmetricKeyParameter parameters = PublicKeyFactory.createKey(pem(key));
        if (parameters instanceof RSAKeyParameters rsa) {
          return "rsa " + rsa.getModulus() + " " + rsa.getExponent();
        }
        if (parameters instanceof ECPublicKeyParameters ec) {
          return "ec " + Arrays.toString(ec.getQ().getEncoded(false));
        }
      }
    } catch (IllegalArgumentException | IOException | ArithmeticException e) {
      return key.publicText(); // Not a key: it signs nothing.
    }
    return key.publicText().trim().toLowerCase(Locale.ROOT);
  }
}
