package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.tuf.TufKey;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class CheckedSignaturesTest {
  private static final byte[] SIGNED = "signed".getBytes(StandardCharsets.UTF_8);

  private final TestKey pair = TestKey.make(TestKey.Kind.ED25519);
  private final TufKey key = of(pair, "");
  private final CheckedSignatures checked = new CheckedSignatures();

  private static TufKey of(TestKey key, String behind) {
    return new TufKey(key.kind.type, key.kind.scheme, key.publicText() + behind);
  }

  @Test
  void isSignedBy_askedAgain_answersTheSame() {
    String good = pair.sign(SIGNED);
    String bad = pair.sign(new byte[1]);
    for (int i = 0; i < 3; i++) {
      assertThat(checked.isSignedBy(key, SIGNED, good)).isTrue();
      assertThat(checked.isSignedBy(key, SIGNED, bad)).isFalse();
    }
  }

  @Test
  void isSignedBy_somethingElseThanWasGood_isCheckedItself() {
    String good = pair.sign(SIGNED);
    assertThat(checked.isSignedBy(key, SIGNED, good)).isTrue();

    TestKey other = TestKey.make(TestKey.Kind.ED25519);
    assertThat(checked.isSignedBy(of(other, ""), SIGNED, good)).isFalse();
    assertThat(
            checked.isSignedBy(
                new TufKey("rsa", "rsassa-pss-sha256", pair.publicText()), SIGNED, good))
        .isFalse();
    assertThat(checked.isSignedBy(key, new byte[1], good)).isFalse();
    assertThat(checked.isSignedBy(key, SIGNED, good + "00")).isFalse();
    // The same characters, divided in another way.
    assertThat(checked.isSignedBy(of(pair, good.substring(0, 1)), SIGNED, good.substring(1)))
        .isFalse();
  }

  @Test
  void isSignedBy_moreThanIsRemembered_answersTheSame() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 300; i++) {
        byte[] signed = {(byte) i, (byte) (i >> 8)};
        assertThat(checked.isSignedBy(key, signed, pair.sign(signed))).isTrue();
      }
    }
  }

  @Test
  void isSignedBy_sameInOtherCase_isGoodAndRememberedOnce() {
    String good = pair.sign(SIGNED);
    assertThat(checked.isSignedBy(key, SIGNED, good)).isTrue();
    assertThat(checked.isSignedBy(key, SIGNED, good.toUpperCase(Locale.ROOT))).isTrue();
    assertThat(checked.isSignedBy(key, SIGNED, good + "z")).isFalse();
    assertThat(checked.size()).isEqualTo(1);
  }
}
