package dev.suture.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReleaseIndexTest {
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final Sha256 A = Sha256.ofHex("aa".repeat(32));
  private static final Sha256 B = Sha256.ofHex("bb".repeat(32));
  private static final ReleaseIndex INDEX =
      new ReleaseIndex(
          7,
          "2026-11-21T10:00:00Z",
          List.of(
              entry(BASELINE, "m", "a", A, false),
              entry(BASELINE, "m", "aa", B, true),
              entry(BASELINE, "other", "z", B, false)));
  private static final String TEXT = new String(INDEX.encode(), StandardCharsets.UTF_8);

  private static ReleaseIndex.Entry entry(
      Baseline baseline, String model, String level, Sha256 id, boolean withdrawn) {
    return new ReleaseIndex.Entry(
        baseline,
        model,
        new Level(level),
        new FileRef("manifests/" + id.hex() + ".json", 99, id),
        withdrawn);
  }

  private static void assertRefused(String text, String named) {
    assertThatThrownBy(() -> ReleaseIndex.decode(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.METADATA_MALFORMED);
              assertThat(e.explanation()).contains(named);
            });
  }

  @Test
  void decode_encoded_isTheIndex() throws RejectedException {
    assertThat(ReleaseIndex.decode(INDEX.encode())).isEqualTo(INDEX);
  }

  @Test
  void newest_isNotWithdrawn_andOfThatModel() {
    assertThat(INDEX.newest(BASELINE, "m").orElseThrow().level()).isEqualTo(new Level("a"));
    assertThat(INDEX.newest(BASELINE, "x")).isEmpty();
    assertThat(INDEX.newest(new Baseline("26.2"), "m")).isEmpty();
  }

  @Test
  void byManifest_withdrawnOrNot_isFound() {
    assertThat(INDEX.byManifest(B).orElseThrow().withdrawn()).isTrue();
    assertThat(INDEX.byManifest(Sha256.of(new byte[0]))).isEmpty();
  }

  @Test
  void decode_truncatedAnywhere_isRefused() {
    for (int length = 0; length < TEXT.length() - 1; length++) {
      assertRefused(TEXT.substring(0, length), "index");
    }
  }

  @Test
  void decode_memberMissing_isRefusedNamingIt() {
    for (String name :
        new String[] {
          "format",
          "version",
          "issued",
          "levels",
          "baseline",
          "model",
          "level",
          "manifest",
          "path",
          "bytes",
          "sha256",
          "withdrawn"
        }) {
      assertRefused(TEXT.replace("\"" + name + "\":", "\"x-" + name + "\":"), "." + name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"version\": 7|\"version\": 0|version",
        "\"version\": 7|\"version\": -1|version",
        "\"format\": 1|\"format\": 2|format",
        "\"withdrawn\": false|\"withdrawn\": \"no\"|withdrawn",
        "\"model\": \"m\"|\"model\": \"\"|model"
      })
  void decode_badValue_isRefusedNamingIt(String from, String to, String named) {
    assertThat(TEXT).contains(from);
    assertRefused(TEXT.replace(from, to), named);
  }

  @Test
  void decode_tooManyLevels_isRefused() {
    assertRefused(
        TEXT.replace("\"levels\": [", "\"levels\": [" + "{},".repeat(ReleaseIndex.ENTRIES_MAX)),
        "at most 1000");
  }
}
