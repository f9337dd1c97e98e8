package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.SimPublisher;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TrustRootTest {
  private static String good() {
    return new String(new SimPublisher().trustRoot(), StandardCharsets.UTF_8);
  }

  private static void assertRefused(String json, String... named) {
    assertThatThrownBy(() -> TrustRoot.decode(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.TRUST_ROOT_MISSING);
              assertThat(Arrays.asList(named)).allMatch(e.explanation()::contains);
            });
  }

  @Test
  void decode_good_hasKeysAndThreshold() throws SutureException {
    TrustRoot root = TrustRoot.decode(good().getBytes(StandardCharsets.UTF_8));
    assertThat(root.keys()).containsOnlyKeys(SimPublisher.keyId(SimPublisher.key(1)));
    assertThat(root.threshold()).isEqualTo(1);
  }

  @Test
  void decode_unknownKey_isRefusedNamingIt() {
    assertRefused(good().replace("\"threshold\"", "\"treshold\""), "treshold");
    assertRefused(good().replace("\"keyid\"", "\"key_id\""), "key_id");
  }

  @Test
  void decode_thresholdThatCannotBeReached_isRefused() {
    assertRefused(good().replace("\"threshold\":1", "\"threshold\":2"), "threshold");
    assertRefused(good().replace("\"threshold\":1", "\"threshold\":0"), "threshold");
    assertRefused(good().replace("\"threshold\":1", "\"threshold\":-1"), "threshold");
  }

  @Test
  void decode_noKeys_isRefused() {
    assertRefused("{\"keys\":[],\"threshold\":1}");
    assertRefused("{\"threshold\":1}");
  }

  @Test
  void decode_keyTwice_doesNotCountTwice() {
    String key = good().substring(good().indexOf('[') + 1, good().indexOf(']'));
    assertRefused("{\"keys\":[" + key + "," + key + "],\"threshold\":2}");
  }

  @Test
  void decode_keyIdOfAnotherKey_isRefused() {
    assertRefused(
        good()
            .replace(
                SimPublisher.keyId(SimPublisher.key(1)).hex(),
                SimPublisher.keyId(SimPublisher.key(2)).hex()),
        "keyid");
  }

  @Test
  void decode_otherScheme_isRefused() {
    assertRefused(good().replace("ed25519", "none"), "scheme");
  }

  @Test
  void decode_notAPointOfTheCurve_isRefused() {
    String bad = "ff".repeat(32);
    assertRefused(
        "{\"keys\":[{\"keyid\":\""
            + Sha256.of(Sha256.ofHex(bad).toBytes()).hex()
            + "\",\"scheme\":\"ed25519\",\"public\":\""
            + bad
            + "\"}],\"threshold\":1}");
  }

  @Test
  void decode_truncatedAnywhere_isRefused() {
    for (int length = 0; length < good().length(); length++) {
      assertRefused(good().substring(0, length));
    }
  }
}
