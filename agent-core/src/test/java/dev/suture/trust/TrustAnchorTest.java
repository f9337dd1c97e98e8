package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.fuzz.Bytes;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.sim.SimPublisher;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrustAnchorTest {
  private final SimPublisher publisher = new SimPublisher();

  private static void assertRefused(byte[] bytes, String named) {
    assertThatThrownBy(() -> TrustAnchor.decode(bytes))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.TRUST_ROOT_MISSING);
              assertThat(e.explanation()).startsWith("trust root: ").contains(named);
            });
  }

  @Test
  void decode_rootThatSignsItself_isTheseBytes_andNobodyChangesThem() throws SutureException {
    byte[] bytes = publisher.trustRoot();
    TrustAnchor anchor = TrustAnchor.decode(bytes);
    bytes[0] ^= 1;
    anchor.toBytes()[1] ^= 1;
    assertThat(anchor.toBytes()).isEqualTo(publisher.trustRoot());
  }

  @Test
  void decode_laterRoot_isAnAnchorAsWell() throws SutureException {
    publisher.rotate(RoleType.TARGETS, 70);
    byte[] second =
        Optional.ofNullable(publisher.files().get("metadata/2.root.json")).orElseThrow();
    assertThat(TrustAnchor.decode(second).toBytes()).isEqualTo(second);
  }

  @Test
  void decode_contentChanged_isRefused() {
    String root = new String(publisher.trustRoot(), StandardCharsets.UTF_8);
    assertThat(root).contains("\"version\":1");
    assertRefused(Bytes.of(root.replace("\"version\":1", "\"version\":2")), "signatures");
  }

  @Test
  void decode_signaturesOfNobody_isRefused() {
    String root = new String(publisher.trustRoot(), StandardCharsets.UTF_8);
    int from = root.indexOf("\"signatures\":[") + "\"signatures\":[".length();
    assertRefused(
        Bytes.of(root.substring(0, from) + root.substring(root.indexOf(']', from))), "signatures");
  }

  @Test
  void decode_anotherRole_isRefused() {
    assertRefused(
        Optional.ofNullable(publisher.files().get("metadata/timestamp.json")).orElseThrow(),
        "root");
  }

  @Test
  void decode_malformed_isRefused() {
    assertRefused(new byte[0], "root");
    assertRefused(Bytes.of("{}"), "root");
  }

  @Test
  void decode_notUtf8_isRefused() {
    byte[] bytes = publisher.trustRoot();
    bytes[bytes.length / 2] = (byte) 0xff;
    assertRefused(bytes, "UTF-8");
  }

  @Test
  void decode_longerThanTheLimit_isRefused() {
    byte[] root = publisher.trustRoot();
    byte[] padded = Bytes.of(" ".repeat(TrustAnchor.BYTES_MAX - root.length + 1));
    byte[] bytes = new byte[root.length + padded.length];
    System.arraycopy(root, 0, bytes, 0, root.length);
    System.arraycopy(padded, 0, bytes, root.length, padded.length);
    assertRefused(bytes, "at most");
  }
}
