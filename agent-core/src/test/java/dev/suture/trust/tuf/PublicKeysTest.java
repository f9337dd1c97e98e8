package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.tuf.TufKey;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
    TufKey upper =
        new TufKey("ed25519", "ed25519", ed25519.publicText().toUpperCase(java.util.Locale.ROOT));
    assertThat(PublicKeys.identity(upper)).isEqualTo(PublicKeys.identity(of(ed25519)));
  }
}
