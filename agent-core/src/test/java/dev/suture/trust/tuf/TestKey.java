package dev.suture.trust.tuf;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.MLDSAKeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.MLDSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.signers.PSSSigner;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/** A key pair that lives as long as its test. */
public final class TestKey {
  /** The kinds of keys, as metadata names them. */
  enum Kind {
    ED25519("ed25519", "ed25519"),
    ECDSA("ecdsa", "ecdsa-sha2-nistp256"),
    ECDSA_OLD_NAME("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
    RSA_PSS("rsa", "rsassa-pss-sha256"),
    RSA_PSS_LONGEST_SALT("rsa", "rsassa-pss-sha256"),
    RSA_PKCS1("rsa", "rsa-pkcs1v15-sha256"),
    ML_DSA_65("ml-dsa-65", "ml-dsa-65");

    final String type;
    final String scheme;

    Kind(String type, String scheme) {
      this.type = type;
      this.scheme = scheme;
    }
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int RSA_BITS = 2_048;

  final String id;
  final Kind kind;
  private final AsymmetricCipherKeyPair pair;

  private TestKey(String id, Kind kind, AsymmetricCipherKeyPair pair) {
    this.id = id;
    this.kind = kind;
    this.pair = pair;
  }

  /** The Ed25519 key of this name: always the same. */
  static TestKey named(String name) {
    Ed25519PrivateKeyParameters key = new Ed25519PrivateKeyParameters(seed(name), 0);
    return new TestKey(
        name, Kind.ED25519, new AsymmetricCipherKeyPair(key.generatePublicKey(), key));
  }

  /** The ML-DSA-65 key of this name: always the same, as are its signatures. */
  static TestKey namedMlDsa(String name) {
    MLDSAPrivateKeyParameters key =
        new MLDSAPrivateKeyParameters(MLDSAParameters.ml_dsa_65, seed(name));
    return new TestKey(
        name, Kind.ML_DSA_65, new AsymmetricCipherKeyPair(key.getPublicKeyParameters(), key));
  }

  private static byte[] seed(String name) {
    return HexFormat.of()
        .parseHex(TestRepository.sha256(("test key " + name).getBytes(StandardCharsets.UTF_8)));
  }

  static TestKey ed25519() {
    return make(Kind.ED25519);
  }

  static TestKey make(Kind kind) {
    return new TestKey(UUID.randomUUID().toString(), kind, pair(kind));
  }

  /** The same key under another id. */
  TestKey withId(String other) {
    return new TestKey(other, kind, pair);
  }

  private static AsymmetricCipherKeyPair pair(Kind kind) {
    return switch (kind) {
      case ED25519 -> {
        Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
        generator.init(new Ed25519KeyGenerationParameters(RANDOM));
        yield generator.generateKeyPair();
      }
      case ECDSA, ECDSA_OLD_NAME -> ec("secp256r1");
      case RSA_PSS, RSA_PSS_LONGEST_SALT, RSA_PKCS1 -> rsa(RSA_BITS);
      case ML_DSA_65 -> {
        MLDSAKeyPairGenerator generator = new MLDSAKeyPairGenerator();
        generator.init(new MLDSAKeyGenerationParameters(RANDOM, MLDSAParameters.ml_dsa_65));
        yield generator.generateKeyPair();
      }
    };
  }

  /** An ECDSA key that says nothing of its curve. */
  static TestKey onCurve(String curve) {
    return new TestKey(curve, Kind.ECDSA, ec(curve));
  }

  private static AsymmetricCipherKeyPair ec(String curve) {
    ECKeyPairGenerator generator = new ECKeyPairGenerator();
    generator.init(
        new ECKeyGenerationParameters(
            new ECNamedDomainParameters(
                SECNamedCurves.getOID(curve), SECNamedCurves.getByName(curve)),
            RANDOM));
    return generator.generateKeyPair();
  }

  static TestKey shortRsa() {
    return new TestKey("short", Kind.RSA_PKCS1, rsa(RSA_BITS / 2));
  }

  private static AsymmetricCipherKeyPair rsa(int bits) {
    RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
    generator.init(
        new RSAKeyGenerationParameters(java.math.BigInteger.valueOf(65_537), RANDOM, bits, 80));
    return generator.generateKeyPair();
  }

  String publicText() {
    AsymmetricKeyParameter key = pair.getPublic();
    if (key instanceof Ed25519PublicKeyParameters ed25519) {
      return HexFormat.of().formatHex(ed25519.getEncoded());
    }
    if (key instanceof MLDSAPublicKeyParameters mldsa) {
      return HexFormat.of().formatHex(mldsa.getEncoded());
    }
    try {
      byte[] der = SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(key).getEncoded();
      return "-----BEGIN PUBLIC KEY-----\n"
          + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der)
          + "\n-----END PUBLIC KEY-----\n";
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  JsonObject json() {
    JsonObject value = new JsonObject();
    value.addProperty("public", publicText());
    JsonObject json = new JsonObject();
    json.addProperty("keytype", kind.type);
    json.addProperty("scheme", kind.scheme);
    json.add("keyval", value);
    return json;
  }

  String sign(byte[] bytes) {
    Signer signer =
        switch (kind) {
          case ED25519 -> new Ed25519Signer();
          case ECDSA, ECDSA_OLD_NAME -> new DSADigestSigner(new ECDSASigner(), new SHA256Digest());
          case RSA_PSS -> new PSSSigner(new RSAEngine(), new SHA256Digest(), 32);
          case RSA_PSS_LONGEST_SALT ->
              new PSSSigner(new RSAEngine(), new SHA256Digest(), RSA_BITS / 8 - 32 - 2);
          case RSA_PKCS1 -> new RSADigestSigner(new SHA256Digest());
          case ML_DSA_65 -> new MLDSASigner();
        };
    boolean needsRandom = kind != Kind.ED25519 && kind != Kind.RSA_PKCS1 && kind != Kind.ML_DSA_65;
    signer.init(
        true,
        needsRandom ? new ParametersWithRandom(pair.getPrivate(), RANDOM) : pair.getPrivate());
    signer.update(bytes, 0, bytes.length);
    try {
      return HexFormat.of().formatHex(signer.generateSignature());
    } catch (CryptoException e) {
      throw new AssertionError(e);
    }
  }
}
