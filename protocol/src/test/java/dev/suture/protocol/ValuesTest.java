package dev.suture.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.AgentVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The small values that everything else is made of. */
class ValuesTest {
  @Test
  void level_order_isThatOfPublication() {
    List<Level> levels = new ArrayList<>();
    for (String letters : new String[] {"a", "b", "z", "aa", "ab", "az", "ba", "zz"}) {
      levels.add(new Level(letters));
    }
    List<Level> shuffled = new ArrayList<>(levels);
    Collections.reverse(shuffled);
    Collections.sort(shuffled);
    assertThat(shuffled).isEqualTo(levels);
    assertThat(new Baseline("26.1").with(new Level("aa"))).isEqualTo("26.1 (aa)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "1", "a1", "aaa", "\u00e4", " a"})
  void level_otherLetters_areRefused(String letters) {
    assertThatThrownBy(() -> new Level(letters)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "-x", "_x", "a/b", "a b", "a\0", "\u00e4", "a\n", "a:b"})
  void words_otherCharacters_areRefused(String word) {
    assertThatThrownBy(() -> new ComponentName(word)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Baseline(word)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void words_lengths_areBounded() {
    assertThatCode(() -> new ComponentName("a".repeat(32))).doesNotThrowAnyException();
    assertThatThrownBy(() -> new ComponentName("a".repeat(33)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/x", "x/", "x//y", "../x", "x/../y", "./x", "x/.", "x?y", "x%2fy", "x\\y", "~x"
      })
  void fileRef_pathThatLeavesTheFolder_isRefused(String path) {
    assertThatThrownBy(() -> new FileRef(path, 0, Sha256.of(new byte[0])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fileRef_lengths_areBounded() {
    Sha256 digest = Sha256.of(new byte[0]);
    assertThatCode(() -> new FileRef("a".repeat(200), FileRef.BYTES_MAX, digest))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> new FileRef("a".repeat(201), 0, digest))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FileRef("a", -1, digest))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FileRef("a", FileRef.BYTES_MAX + 1, digest))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sha256_emptyInput_isTheKnownDigest() {
    Sha256 digest = Sha256.of(new byte[0]);
    assertThat(digest.hex())
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(Sha256.ofHex(digest.hex())).isEqualTo(digest).hasSameHashCodeAs(digest);
    assertThat(Sha256.ofBytes(digest.toBytes())).isEqualTo(digest);
    assertThat(digest.brief()).isEqualTo("sha256:e3b0c44298fc");
  }

  @Test
  void sha256_bytes_areCopied() {
    byte[] bytes = new byte[32];
    Sha256 digest = Sha256.ofBytes(bytes);
    bytes[0] = 1;
    digest.toBytes()[1] = 1;
    assertThat(digest).isEqualTo(Sha256.ofBytes(new byte[32]));
  }

  @Test
  void slot_words_areFixed() {
    assertThat(Slot.values()).extracting(Slot::word).containsExactly("base", "a", "b");
    assertThat(Slot.ofWord("b")).isEqualTo(Slot.B);
    assertThatThrownBy(() -> Slot.ofWord("A")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void agentVersion_order_isNumeric() {
    assertThat(AgentVersion.parse("0.10.0")).isGreaterThan(AgentVersion.parse("0.9.9"));
    assertThat(AgentVersion.parse("1.0.0")).isGreaterThan(AgentVersion.parse("0.99999.0"));
    assertThat(AgentVersion.parse("0.1.0")).isEqualByComparingTo(AgentVersion.parse("0.1.0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "1.2.",
        "a.b.c",
        "1.2.-3",
        "1.2.100000",
        "1.2.99999999999",
        "+1.2.3",
        "1.02.3",
        "1.2.-0",
        "1.2.\u0663"
      })
  void agentVersion_otherForms_areRefused(String text) {
    assertThatThrownBy(() -> AgentVersion.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void notice_roundTripAndLimits() throws RejectedException {
    assertThat(new String(new Notice(5).encode(), StandardCharsets.UTF_8))
        .isEqualTo("{\"format\":1,\"sequence\":5}\n");
    assertThat(Notice.decode(new Notice(Long.MAX_VALUE).encode()).sequence())
        .isEqualTo(Long.MAX_VALUE);
    byte[] longest = Arrays.copyOf(new Notice(5).encode(), Notice.BYTES_MAX + 1);
    Arrays.fill(longest, 27, longest.length, (byte) ' ');
    for (byte[] bad :
        new byte[][] {
          longest,
          new byte[0],
          "{\"format\":1,\"sequence\":-1}".getBytes(StandardCharsets.UTF_8),
          "{\"format\":1,\"sequence\":9223372036854775808}".getBytes(StandardCharsets.UTF_8),
          "{\"format\":2,\"sequence\":1}".getBytes(StandardCharsets.UTF_8),
          "{\"sequence\":1}".getBytes(StandardCharsets.UTF_8)
        }) {
      assertThatThrownBy(() -> Notice.decode(bad))
          .isInstanceOfSatisfying(
              RejectedException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.NOTICE_MALFORMED));
    }
  }

  @Test
  void failureCode_numbers_areDistinctAndFixed() {
    Set<Integer> numbers = new TreeSet<>();
    for (FailureCode code : FailureCode.values()) {
      assertThat(numbers.add(code.number())).as(code.name()).isTrue();
      assertThat(FailureCode.ofNumber(code.number())).isEqualTo(code);
    }
    assertThatThrownBy(() -> FailureCode.ofNumber(999))
        .isInstanceOf(IllegalArgumentException.class);
    for (String line : GOLDEN_CODES.split("\n", -1)) {
      if (!line.isEmpty()) {
        List<String> golden = Arrays.asList(line.split(" ", -1));
        assertThat(FailureCode.valueOf(golden.get(1)).number())
            .as(line)
            .isEqualTo(Integer.parseInt(golden.get(0)));
      }
    }
  }

  /** A number never changes its meaning; new ones may follow. */
  private static final String GOLDEN_CODES =
      """
      101 SIGNATURE_INVALID
      102 METADATA_MALFORMED
      103 METADATA_ROLLED_BACK
      104 METADATA_TOO_LARGE
      105 MANIFEST_DIGEST_MISMATCH
      106 MANIFEST_MALFORMED
      107 PAYLOAD_DIGEST_MISMATCH
      108 PAYLOAD_LENGTH_MISMATCH
      109 DELTA_MALFORMED
      110 IMAGE_DIGEST_MISMATCH
      111 NOTICE_MALFORMED
      201 WRONG_BASELINE
      202 WRONG_MODEL
      203 WRONG_COMPONENTS
      204 WRONG_BASE_IMAGE
      205 AGENT_TOO_OLD
      206 HEALTH_CHECK_UNSUPPORTED
      207 LEVEL_WITHDRAWN
      301 SERVER_UNREACHABLE
      302 SERVER_NOT_FOUND
      303 SERVER_ERROR
      304 DOWNLOAD_TRUNCATED
      305 DOWNLOAD_TOO_SLOW
      306 BROKER_UNREACHABLE
      401 DISK_FULL
      402 STORAGE_READ_ONLY
      403 STORAGE_IO
      404 READ_BACK_MISMATCH
      405 JOURNAL_DAMAGED
      406 ACTIVATION_RECORD_DAMAGED
      407 KERNEL_CALL_FAILED
      408 CONFIG_INVALID
      409 TRUST_ROOT_MISSING
      410 BASE_UNREADABLE
      411 TRUST_STATE_DAMAGED
      412 WORK_HELD_UP
      413 OS_SLOT_REFUSED
      501 HEALTH_FAILED
      502 TRIES_EXHAUSTED
      503 SLOT_UNMOUNTABLE
      504 STATE_UNEXPECTED
      505 BASE_IN_USE
      506 STARTS_EXHAUSTED
      507 OLD_CODE_RUNS
      508 PROBATION_FAILED
      601 COMMAND_UNKNOWN
      602 NOTHING_TO_DO
      603 NOT_PERMITTED
      604 BUSY
      """;
}
