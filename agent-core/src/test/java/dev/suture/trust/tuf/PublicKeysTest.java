package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.tuf.TufKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeysTest {
  private static final byte[] SIGNED = "what is signed".getBytes(StandardCharsets.US_ASCII);

  private static TufKey of(TestKey key) {
    return new TufKey(key.kind.type, key.kind.scheme, key.publicText());
  }

  @ParameterizedTest
  @EnumSource(TestKey.Kind.class)
  void signature_changedAnywhere_isNotValid(TestKey.Kind kind) {
    TestKey pair = TestKey.make(kind);
    TufKey key = of(pair);
    String signature = pair.sign(SIGNED);
    assertThat(PublicKeys.isSignedBy(key, SIGNED, signature)).isTrue();
    assertThat(PublicKeys.isSignedBy(key, new byte[1], signature)).isFalse();
    assertThat(PublicKeys.isSignedBy(of(TestKey.make(kind)), SIGNED, signature)).isFalse();
    for (int at = 0; at < signature.length(); at += 61) {
      char other = signature.charAt(at) == '0' ? '1' : '0';
      String changed = signature.substring(0, at) + other + signature.substring(at + 1);
      assertThat(PublicKeys.isSignedBy(key, SIGNED, changed)).as("digit " + at).isFalse();
    }
    for (String bad : new String[] {"", "0", "zz", signature + "00", signature.substring(2)}) {
      assertThat(PublicKeys.isSignedBy(key, SIGNED, bad)).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519,ed25519",
    "ecdsa,ecdsa-sha2-nistp256",
    "rsa,rsassa-pss-sha256",
    "rsa,rsa-pkcs1v15-sha256",
    "ml-dsa-65,ml-dsa-65",
    "ed25519,rsassa-pss-sha256",
    "unknown,unknown"
  })
  void key_malformedOrOfAnotherKind_verifiesNothing(String type, String scheme) {
    TestKey pair = TestKey.ed25519();
    String[] texts = {
      "",
      "00",
      "not hex",
      "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
      TestKey.make(TestKey.Kind.ECDSA).publicText(),
      TestKey.make(TestKey.Kind.RSA_PSS).publicText(),
    };
    for (String text : texts) {
      TufKey key = new TufKey(type, scheme, text);
      assertThat(PublicKeys.isSignedBy(key, SIGNED, pair.sign(SIGNED))).isFalse();
    }
  }

  @Test
  void rsa_ofTooFewBits_verifiesNothing() {
    TestKey pair = TestKey.shortRsa();
    assertThat(PublicKeys.isSignedBy(of(pair), SIGNED, pair.sign(SIGNED))).isFalse();
  }

  @Test
  void identity_isTheKeysNotItsText() {
    TestKey pair = TestKey.make(TestKey.Kind.ECDSA);
    TufKey spaced =
        new TufKey(
            pair.kind.type, pair.kind.scheme, "\n" + pair.publicText().replace("\n", "\n\n"));
    assertThat(PublicKeys.identity(spaced)).isEqualTo(PublicKeys.identity(of(pair)));
    TestKey ed25519 = TestKey.ed25519();
    TufKey upper = new TufKey("ed25519", "ed25519", ed25519.publicText().toUpperCase(Locale.ROOT));
    assertThat(PublicKeys.identity(upper)).isEqualTo(PublicKeys.identity(of(ed25519)));
  }

  @Test
  void identity_isTheKeysNotItsEncoding() throws IOException {
    TestKey ec = TestKey.make(TestKey.Kind.ECDSA);
    ECPublicKeyParameters point = (ECPublicKeyParameters) PublicKeyFactory.createKey(der(ec));
    TufKey compressed =
        pem(
            ec,
            new SubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(der(ec)).getAlgorithm(),
                point.getQ().getEncoded(true)));
    assertThat(PublicKeys.isSignedBy(compressed, SIGNED, ec.sign(SIGNED))).isTrue();
    assertThat(PublicKeys.identity(compressed)).isEqualTo(PublicKeys.identity(of(ec)));

    TestKey rsa = TestKey.make(TestKey.Kind.RSA_PKCS1);
    TufKey withoutNull =
        pem(
            rsa,
            new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                SubjectPublicKeyInfo.getInstance(der(rsa)).parsePublicKey()));
    assertThat(PublicKeys.isSignedBy(withoutNull, SIGNED, rsa.sign(SIGNED))).isTrue();
    assertThat(PublicKeys.identity(withoutNull)).isEqualTo(PublicKeys.identity(of(rsa)));
  }

  private static byte[] der(TestKey key) {
    return Base64.getMimeDecoder().decode(key.publicText().replaceAll("-----[A-Z ]+-----", ""));
  }

  private static TufKey pem(TestKey key, SubjectPublicKeyInfo info) throws IOException {
    return new TufKey(
        key.kind.type,
        key.kind.scheme,
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getEncoder().encodeToString(info.getEncoded())
            + "\n-----END PUBLIC KEY-----");
  }

  @Test
  void identity_differentKeysOfEveryKind_differ() {
    for (TestKey.Kind kind :
        new TestKey.Kind[] {
          TestKey.Kind.ED25519, TestKey.Kind.ECDSA, TestKey.Kind.RSA_PSS, TestKey.Kind.ML_DSA_65
        }) {
      TufKey one = of(TestKey.make(kind));
      TufKey other = of(TestKey.make(kind));
      assertThat(PublicKeys.identity(one)).isNotEqualTo(PublicKeys.identity(other));
    }
    TufKey broken = new TufKey("rsa", "rsa-pkcs1v15-sha256", "BEGIN nothing");
    assertThat(PublicKeys.identity(broken)).isEqualTo("BEGIN nothing");
  }

  /**
   * With exponent 1 the padded digest is its own signature, which anybody can write; an exponent of
   * 34 bits or more serves only to cost time.
   */
  @ParameterizedTest
  @ValueSource(strings = {"1", "17179869185"})
  void rsa_exponentOutOfRange_verifiesNothing(String exponent) throws Exception {
    RSAKeyParameters modulus =
        (RSAKeyParameters) PublicKeyFactory.createKey(der(TestKey.make(TestKey.Kind.RSA_PKCS1)));
    TufKey key =
        pem(
            TestKey.make(TestKey.Kind.RSA_PKCS1),
            new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                new RSAPublicKey(modulus.getModulus(), new BigInteger(exponent))));
    String digestInfo = "3031300d060960864801650304020105000420" + TestRepository.sha256(SIGNED);
    String padded = "0001" + "ff".repeat(256 - 3 - digestInfo.length() / 2) + "00" + digestInfo;
    assertThat(PublicKeys.isSignedBy(key, SIGNED, padded)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp384r1", "secp256k1"})
  void ecdsa_onAnotherCurve_verifiesNothing(String curve) {
    TestKey pair = TestKey.onCurve(curve);
    assertThat(PublicKeys.isSignedBy(of(pair), SIGNED, pair.sign(SIGNED))).isFalse();
    assertThat(PublicKeys.identity(of(pair))).startsWith("ec ");
  }

  @Test
  void ecdsa_withItsCurveWrittenOut_verifiesNothing() throws IOException {
    TestKey pair = TestKey.make(TestKey.Kind.ECDSA);
    SubjectPublicKeyInfo named = SubjectPublicKeyInfo.getInstance(der(pair));
    TufKey explicit =
        pem(
            pair,
            new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(
                    named.getAlgorithm().getAlgorithm(), SECNamedCurves.getByName("secp256r1")),
                named.getPublicKeyData().getBytes()));
    assertThat(PublicKeys.isSignedBy(explicit, SIGNED, pair.sign(SIGNED))).isFalse();
    assertThat(PublicKeys.identity(explicit)).isEqualTo(PublicKeys.identity(of(pair)));
  }

  @Test
  void pem_withoutItsEnd_verifiesNothing() {
    TestKey pair = TestKey.make(TestKey.Kind.ECDSA);
    String text = pair.publicText();
    TufKey key =
        new TufKey(
            pair.kind.type, pair.kind.scheme, text.substring(0, text.indexOf("-----END")).trim());
    assertThat(PublicKeys.isSignedBy(key, SIGNED, pair.sign(SIGNED))).isFalse();
  }

  @Test
  void pem_ofAnotherKind_isItsText() throws IOException {
    SubjectPublicKeyInfo info =
        SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(
            new Ed25519PublicKeyParameters(
                HexFormat.of().parseHex(TestKey.named("any").publicText()), 0));
    TufKey key = pem(TestKey.named("any"), info);
    assertThat(PublicKeys.identity(key)).isEqualTo(key.publicText().toLowerCase(Locale.ROOT));
  }

  @Test
  void signature_longerThanAnyIs_isNotLookedAt() {
    TestKey pair = TestKey.named("any");
    assertThat(PublicKeys.isSignedBy(of(pair), SIGNED, "00".repeat(8_193))).isFalse();
    assertThat(PublicKeys.isSignedBy(of(pair), SIGNED, pair.sign(SIGNED).toUpperCase(Locale.ROOT)))
        .isTrue();
  }

  @Test
  void hexadecimal_inDigitsOfAnotherScript_isNone() {
    TestKey pair = TestKey.named("any");
    String signature = pair.sign(SIGNED);
    assertThat(PublicKeys.isSignedBy(of(pair), SIGNED, wide(signature))).isFalse();
    TufKey wide = new TufKey("ed25519", "ed25519", wide(pair.publicText()));
    assertThat(PublicKeys.isSignedBy(wide, SIGNED, signature)).isFalse();
  }

  private static String wide(String hex) {
    StringBuilder wide = new StringBuilder();
    hex.chars().forEach(at -> wide.append((char) (Character.isDigit(at) ? at - '0' + 0xFF10 : at)));
    assertThat(wide.toString()).isNotEqualTo(hex);
    return wide.toString();
  }
}
