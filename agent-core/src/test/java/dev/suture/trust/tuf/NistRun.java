package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.suture.protocol.tuf.TufKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithContext;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.junit.jupiter.api.Test;

/**
 * The vectors of NIST's validation program (ACVP) against the primitives as they are used. They are
 * not ours to deliver: profile {@code vectors} runs this with {@code -Dsuture.vectors.nist=FOLDER},
 * the folder being a checkout of github.com/usnistgov/ACVP-Server, and fails without it. What is of
 * another kind than we use is counted as skipped, with its kind; a set in which nothing for us is
 * valid, or nothing invalid, fails.
 */
class NistRun {
  /** Largest exponent that {@link PublicKeys} takes. */
  private static final int EXPONENT_BITS_MAX = 33;

  private final List<String> wrong = new ArrayList<>();
  private final Map<String, Integer> skipped = new TreeMap<>();
  private int accepted;
  private int refused;

  /** Metadata is signed without a context: a signature with one is over something else. */
  @Test
  void mlDsa65_pureVectors_areJudgedAsTheySay() throws Exception {
    int withContext = 0;
    for (JsonObject group : groups("ML-DSA-sigVer-FIPS204")) {
      String kind =
          text(group, "parameterSet")
              + " "
              + text(group, "signatureInterface")
              + " "
              + text(group, "preHash");
      if (!kind.equals("ML-DSA-65 external pure")) {
        skip(group, kind);
        continue;
      }
      for (JsonObject test : tests(group)) {
        TufKey key = new TufKey("ml-dsa-65", "ml-dsa-65", text(test, "pk"));
        boolean isForUs = text(test, "context").isEmpty();
        judge(test, "primitive", isMlDsaVerified(test), isValid(test));
        if (isForUs) {
          judge(test, "as used", isSigned(key, test), isValid(test));
        } else {
          judge(test, "as used, without its context", isSigned(key, test), false);
          withContext++;
        }
      }
    }
    System.out.printf(
        "ML-DSA-65: each judged twice, by the primitive and as used; %d have a context%n",
        withContext);
    report("ML-DSA-65");
  }

  private static boolean isMlDsaVerified(JsonObject test) {
    MLDSASigner verifier = new MLDSASigner();
    verifier.init(
        false,
        new ParametersWithContext(
            new MLDSAPublicKeyParameters(MLDSAParameters.ml_dsa_65, bytes(test, "pk")),
            bytes(test, "context")));
    byte[] message = bytes(test, "message");
    verifier.update(message, 0, message.length);
    return verifier.verifySignature(bytes(test, "signature"));
  }

  @Test
  void ed25519_pureVectors_areJudgedAsTheySay() throws Exception {
    for (JsonObject group : groups("EDDSA-SigVer-1.0")) {
      String kind = text(group, "curve") + (group.get("preHash").getAsBoolean() ? " prehash" : "");
      if (!kind.equals("ED-25519")) {
        skip(group, kind);
        continue;
      }
      for (JsonObject test : tests(group)) {
        TufKey key = new TufKey("ed25519", "ed25519", text(test, "q"));
        judge(test, "as used", isSigned(key, test), isValid(test));
      }
    }
    report("Ed25519");
  }

  @Test
  void ecdsaP256_sha256Vectors_areJudgedAsTheySay() throws Exception {
    for (JsonObject group : groups("ECDSA-SigVer-FIPS186-5")) {
      String kind = text(group, "curve") + " " + text(group, "hashAlg");
      if (!kind.equals("P-256 SHA2-256")) {
        skip(group, kind);
        continue;
      }
      for (JsonObject test : tests(group)) {
        TufKey key = new TufKey("ecdsa", "ecdsa-sha2-nistp256", pem(ecKey(test)));
        boolean isSigned =
            PublicKeys.isSignedBy(
                key, bytes(test, "message"), HexFormat.of().formatHex(ecSignature(test)));
        judge(test, "as used", isSigned, isValid(test));
      }
    }
    report("ECDSA P-256 SHA-256");
  }

  /** Nobody's keys have exponents as long as most of these; those are refused. */
  @Test
  void rsa_sha256Vectors_areJudgedAsTheySay() throws Exception {
    for (JsonObject group : groups("RSA-SigVer-FIPS186-5")) {
      String scheme = rsaScheme(group);
      if (scheme.isEmpty()) {
        skip(group, rsaKind(group));
        continue;
      }
      TufKey key = new TufKey("rsa", scheme, pem(rsaKey(group)));
      boolean isForUs = number(group, "e").bitLength() <= EXPONENT_BITS_MAX;
      for (JsonObject test : tests(group)) {
        if (isForUs) {
          judge(test, rsaKind(group), isSigned(key, test), isValid(test));
        } else if (isSigned(key, test)) {
          wrong.add(text(test, "tcId") + ": expected that so long an exponent is refused");
        }
      }
      if (!isForUs) {
        skip(group, rsaKind(group) + " with a longer exponent, which is refused");
      }
    }
    report("RSA SHA-256, 2,048 to 4,096 bits");
  }

  private static String rsaScheme(JsonObject group) {
    if (!text(group, "hashAlg").equals("SHA2-256") || group.get("modulo").getAsInt() < 2_048) {
      return "";
    }
    boolean isPss =
        text(group, "sigType").equals("pss")
            && group.get("saltLen").getAsInt() == 32
            && text(group, "maskFunction").equals("mgf1");
    if (isPss) {
      return "rsassa-pss-sha256";
    }
    return text(group, "sigType").equals("pkcs1v1.5") ? "rsa-pkcs1v15-sha256" : "";
  }

  private static String rsaKind(JsonObject group) {
    String kind = text(group, "sigType") + " " + text(group, "hashAlg");
    return text(group, "sigType").equals("pss")
        ? kind + " salt " + text(group, "saltLen") + " " + text(group, "maskFunction")
        : kind;
  }

  private static List<JsonObject> groups(String set) throws Exception {
    String folder = System.getProperty("suture.vectors.nist", "");
    assertThat(folder)
        .as("-Dsuture.vectors.nist=FOLDER: a checkout of github.com/usnistgov/ACVP-Server")
        .isNotEmpty();
    Path file = Path.of(folder, "gen-val", "json-files", set, "internalProjection.json");
    return objects(JsonParser.parseString(Files.readString(file)).getAsJsonObject(), "testGroups");
  }

  private static List<JsonObject> tests(JsonObject group) {
    return objects(group, "tests");
  }

  private static List<JsonObject> objects(JsonObject of, String name) {
    List<JsonObject> objects = new ArrayList<>();
    for (JsonElement element : of.getAsJsonArray(name)) {
      objects.add(element.getAsJsonObject());
    }
    return objects;
  }

  private void skip(JsonObject group, String kind) {
    skipped.merge(kind, tests(group).size(), Integer::sum);
  }

  private static boolean isValid(JsonObject test) {
    return test.get("testPassed").getAsBoolean();
  }

  private static boolean isSigned(TufKey key, JsonObject test) {
    return PublicKeys.isSignedBy(key, bytes(test, "message"), text(test, "signature"));
  }

  private void judge(JsonObject test, String how, boolean isSigned, boolean expected) {
    if (isSigned != expected) {
      wrong.add(text(test, "tcId") + " " + how + ": " + text(test, "reason"));
    } else if (isSigned) {
      accepted++;
    } else {
      refused++;
    }
  }

  private void report(String name) {
    System.out.printf(
        "%s: %d judged, %d accepted and %d refused; %d skipped: %s%n",
        name,
        accepted + refused + wrong.size(),
        accepted,
        refused,
        skipped.values().stream().mapToInt(Integer::intValue).sum(),
        skipped);
    assertThat(wrong).isEmpty();
    assertThat(accepted).isPositive();
    assertThat(refused).isPositive();
  }

  private static PublicKey rsaKey(JsonObject group) throws GeneralSecurityException {
    return KeyFactory.getInstance("RSA")
        .generatePublic(new RSAPublicKeySpec(number(group, "n"), number(group, "e")));
  }

  private static PublicKey ecKey(JsonObject test) throws GeneralSecurityException {
    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
    curve.init(new ECGenParameterSpec("secp256r1"));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(
                new ECPoint(number(test, "qx"), number(test, "qy")),
                curve.getParameterSpec(ECParameterSpec.class)));
  }

  private static byte[] ecSignature(JsonObject test) throws Exception {
    return new DERSequence(
            new ASN1Encodable[] {
              new ASN1Integer(number(test, "r")), new ASN1Integer(number(test, "s"))
            })
        .getEncoded();
  }

  private static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----";
  }

  private static String text(JsonObject of, String name) {
    return of.get(name).getAsString();
  }

  private static byte[] bytes(JsonObject of, String name) {
    return HexFormat.of().parseHex(text(of, name));
  }

  private static BigInteger number(JsonObject of, String name) {
    return new BigInteger(text(of, name), 16);
  }
}
