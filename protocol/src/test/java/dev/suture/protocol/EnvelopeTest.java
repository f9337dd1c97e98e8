package dev.suture.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  private static final Sha256 KEY = Sha256.ofHex("cd".repeat(32));
  private static final Envelope ENVELOPE =
      new Envelope(
          Envelope.INDEX_TYPE,
          "{\"x\":1}".getBytes(StandardCharsets.UTF_8),
          List.of(new Envelope.Signature(KEY, new byte[64])));
  private static final String TEXT = new String(ENVELOPE.encode(), StandardCharsets.UTF_8);

  private static void assertRefused(byte[] bytes, String named) {
    assertThatThrownBy(() -> Envelope.decode(bytes))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.METADATA_MALFORMED);
              assertThat(e.explanation()).contains(named);
            });
  }

  private static void assertRefused(String text, String named) {
    assertRefused(text.getBytes(StandardCharsets.UTF_8), named);
  }

  @Test
  void signedBytes_areThoseOfTheSpecification() {
    // The example of DSSE v1.0's protocol.md.
    assertThat(
            new String(
                Envelope.signedBytes(
                    "http://example.com/HelloWorld",
                    "hello world".getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8))
        .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  }

  @Test
  void signedBytes_lengthsAreInBytes() {
    assertThat(
            new String(
                Envelope.signedBytes("\u00e4", "\u20ac".getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8))
        .isEqualTo("DSSEv1 2 \u00e4 3 \u20ac");
  }

  @Test
  void decode_encoded_isTheEnvelope() throws RejectedException {
    Envelope decoded = Envelope.decode(ENVELOPE.encode());
    assertThat(decoded.payloadType()).isEqualTo(Envelope.INDEX_TYPE);
    assertThat(decoded.payload()).isEqualTo(ENVELOPE.payload());
    assertThat(decoded.signatures().get(0).keyId()).isEqualTo(KEY);
    assertThat(decoded.signatures().get(0).bytes()).isEqualTo(new byte[64]);
    assertThat(decoded.signedBytes()).isEqualTo(ENVELOPE.signedBytes());
  }

  @Test
  void decode_truncatedAnywhere_isRefused() {
    for (int length = 0; length < TEXT.length() - 1; length++) {
      assertRefused(TEXT.substring(0, length), "envelope");
    }
  }

  @Test
  void decode_memberMissing_isRefusedNamingIt() {
    for (String name : new String[] {"payloadType", "payload", "signatures", "keyid", "sig"}) {
      assertRefused(TEXT.replace("\"" + name + "\":", "\"x\":"), "." + name);
    }
  }

  @Test
  void decode_badBase64_isRefusedNamingIt() {
    String payload = Base64.getEncoder().encodeToString(ENVELOPE.payload());
    assertRefused(TEXT.replace(payload, "%%%"), "envelope.payload");
    assertRefused(TEXT.replace("AAAA", "----"), "signatures[0].sig");
  }

  @Test
  void decode_tooManyOrTooLongSignatures_isRefused() {
    assertRefused(
        new Envelope(
                "t",
                new byte[0],
                Collections.nCopies(Envelope.SIGNATURES_MAX + 1, ENVELOPE.signatures().get(0)))
            .encode(),
        "at most 16");
    assertRefused(
        new Envelope("t", new byte[0], List.of(new Envelope.Signature(KEY, new byte[8_193])))
            .encode(),
        "at most 8192");
  }

  @Test
  void decode_tooLong_isRefused() {
    assertRefused(Arrays.copyOf(ENVELOPE.encode(), Envelope.BYTES_MAX + 1), "at most");
  }

  @Test
  void decode_otherBase64OfTheSameBytes_isRefused() {
    // {"x":1} ends in one byte: two digits, of the second only the upper bits count, and padding.
    String payload = "eyJ4IjoxfQ==";
    assertThat(TEXT).contains(payload);
    for (String other : List.of("eyJ4IjoxfR==", "eyJ4IjoxfQ", "eyJ4IjoxfQ=", "eyJ4IjoxfQ==\\n")) {
      assertRefused(TEXT.replace(payload, other), "payload");
    }
  }

  @Test
  void decode_unknownMembers_areIgnored() throws RejectedException {
    assertThat(
            Envelope.decode(
                    TEXT.replaceFirst("\\{", "{\"later\":[1],").getBytes(StandardCharsets.UTF_8))
                .payload())
        .isEqualTo(ENVELOPE.payload());
  }
}
