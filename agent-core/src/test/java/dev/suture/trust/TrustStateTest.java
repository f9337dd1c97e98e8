package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.fuzz.Bytes;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import dev.suture.trust.TrustState.Floor;
import dev.suture.trust.TrustState.Marks;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustStateTest {
  private static final Instant EARLY = Instant.parse("2026-11-21T00:00:00Z");
  private static final Instant LATE = Instant.parse("2027-11-21T00:00:00Z");
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final Floor FLOOR = new Floor(BASELINE, new Level("b"), true);
  private static final Marks MARKS = new Marks(Optional.of(EARLY), Optional.of(FLOOR), 3, 77);
  private static final String TEXT =
      "{\"format\":1,\"roots\":[\"r\"],\"files\":{\"timestamp.json\":\"t\"},\"data_schema\":3,"
          + "\"quiet_millis\":77,\"signed_time\":\"2026-11-21T00:00:00Z\",\"floor\":"
          + "{\"baseline\":\"26.1\",\"level\":\"b\",\"covers_base\":true}}\n";

  private static TrustState sample() {
    return new TrustState(List.of("r"), Map.of("timestamp.json", "t"), MARKS);
  }

  private static String text(TrustState state) {
    return new String(state.encode(), StandardCharsets.UTF_8);
  }

  private static void assertRefused(String text, String named) {
    assertThatThrownBy(() -> TrustState.decode(Bytes.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void encode_sample_isThisText() {
    assertThat(text(sample())).isEqualTo(TEXT);
  }

  @Test
  void encode_nothingSeen_saysNoTimeAndNoFloor() {
    assertThat(text(TrustState.EMPTY))
        .isEqualTo(
            "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":0}\n");
  }

  @Test
  void decode_whatWasEncoded_isTheSame() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("z.json", "{\"a\":\"\u00e4\u20ac \\\" \u2028 <&='>\"}\n\t\r");
    files.put("a%2Fb.json", "");
    TrustState odd = new TrustState(List.of("2", "1", "2"), files, MARKS);
    for (TrustState state : List.of(TrustState.EMPTY, sample(), odd, odd.metadata())) {
      TrustState again = TrustState.decode(state.encode());
      assertThat(again).isEqualTo(state);
      assertThat(again.encode()).isEqualTo(state.encode());
      assertThat(new ArrayList<>(again.files().keySet()))
          .isEqualTo(new ArrayList<>(state.files().keySet()));
    }
  }

  @Test
  void decode_asManyRootsFilesAndBytesAsAreStored_isTheSame() {
    Map<String, String> files = new LinkedHashMap<>();
    for (int i = 0; i < TrustState.FILES_MAX; i++) {
      files.put(String.format("%0256d", i), "");
    }
    files.put(String.format("%0256d", 0), "\"".repeat(TrustState.STORED_BYTES_MAX));
    TrustState largest =
        new TrustState(Collections.nCopies(TrustState.ROOTS_MAX, ""), files, MARKS);
    assertThat(largest.encode().length).isLessThanOrEqualTo(TrustState.BYTES_MAX);
    assertThat(TrustState.decode(largest.encode())).isEqualTo(largest);
  }

  @Test
  void decode_rootsOrFilesOneTooMany_isRefused() {
    assertRefused(
        text(
            new TrustState(
                Collections.nCopies(TrustState.ROOTS_MAX + 1, ""), Map.of(), Marks.NONE)),
        "roots");
    Map<String, String> files = new LinkedHashMap<>();
    for (int i = 0; i <= TrustState.FILES_MAX; i++) {
      files.put("f" + i, "");
    }
    assertRefused(text(new TrustState(List.of(), files, Marks.NONE)), "files");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"format\":1 | \"format\":2 | format",
        "\"format\":1, | `` | format",
        "[\"r\"] | \"r\" | roots",
        "[\"r\"] | [1] | roots[0]",
        "\"roots\":[\"r\"], | `` | roots",
        "{\"timestamp.json\":\"t\"} | [] | files",
        "{\"timestamp.json\":\"t\"} | {\"timestamp.json\":7} | timestamp.json",
        "{\"timestamp.json\":\"t\"} | {\"a\":\"t\",\"a\":\"u\"} | twice",
        "\"files\":{\"timestamp.json\":\"t\"}, | `` | files",
        "\"data_schema\":3 | \"data_schema\":0 | data_schema",
        "\"data_schema\":3 | \"data_schema\":1000001 | data_schema",
        "\"data_schema\":3, | `` | data_schema",
        "\"quiet_millis\":77 | \"quiet_millis\":-1 | quiet_millis",
        "\"quiet_millis\":77 | \"quiet_millis\":9223372036854775808 | quiet_millis",
        "\"quiet_millis\":77, | `` | quiet_millis",
        "2026-11-21T00:00:00Z | 2026-11-21 | signed_time",
        "2026-11-21T00:00:00Z | 2026-02-31T00:00:00Z | signed_time",
        "\"2026-11-21T00:00:00Z\" | 7 | signed_time",
        "\"baseline\":\"26.1\" | \"baseline\":\"\" | baseline",
        "\"baseline\":\"26.1\", | `` | baseline",
        "\"level\":\"b\" | \"level\":\"B\" | level",
        "\"level\":\"b\", | `` | level",
        "\"covers_base\":true | \"covers_base\":1 | covers_base",
        ",\"covers_base\":true | `` | covers_base",
        "{\"baseline\":\"26.1\",\"level\":\"b\",\"covers_base\":true} | 7 | floor",
      })
  void decode_memberMissingOrMalformed_isRefusedAndNamed(String from, String to, String named) {
    assertThat(TEXT).contains(from);
    assertRefused(TEXT.replace(from, to), named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":0}",
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":0}\n\n",
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\": 0}\n",
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":-0}\n",
        "{\"roots\":[],\"format\":1,\"files\":{},\"data_schema\":1,\"quiet_millis\":0}\n",
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":0,\"x\":1}\n",
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":0,"
            + "\"signed_time\":null}\n",
        "{\"format\":1,\"roots\":[],\"files\":{},\"data_schema\":1,\"quiet_millis\":0,"
            + "\"floor\":null}\n",
        "{\"format\":1,\"roots\":[\"\\u0061\"],\"files\":{},\"data_schema\":1,"
            + "\"quiet_millis\":0}\n",
      })
  void decode_anotherFormOfTheSame_isRefused(String text) {
    assertRefused(text, "expected it as it is written");
  }

  @Test
  void decode_noJson_isRefused() {
    assertRefused("", "trust state");
    assertRefused("[]", "trust state");
    assertRefused(TEXT + "x", "trust state");
    assertRefused(TEXT.replace("\"r\"", "\"\\ud800\""), "strict JSON");
  }

  @Test
  void decodeProof_withoutMarks_isTheState() {
    TrustState proof = sample().metadata();
    assertThat(TrustState.decodeProof(proof.encode())).isEqualTo(proof);
  }

  @Test
  void decodeProof_withAnyMark_isRefused() {
    for (Marks marks :
        List.of(
            MARKS,
            Marks.NONE.seen(EARLY),
            Marks.NONE.quiet(1),
            Marks.NONE.raised(FLOOR),
            Marks.NONE.withDataSchema(2))) {
      assertThatThrownBy(() -> TrustState.decodeProof(sample().with(marks).encode()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no marks");
    }
  }

  @Test
  void state_listAndMapChangedAfterwards_isAsItWas() {
    List<String> roots = new ArrayList<>(List.of("r"));
    Map<String, String> files = new LinkedHashMap<>(Map.of("timestamp.json", "t"));
    TrustState state = new TrustState(roots, files, MARKS);
    roots.clear();
    files.clear();
    assertThat(state).isEqualTo(sample());
    assertThatThrownBy(() -> state.roots().add("x"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> state.files().put("x", "y"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void metadata_hasNoMarks_andAllElse() {
    assertThat(sample().metadata())
        .isEqualTo(new TrustState(sample().roots(), sample().files(), Marks.NONE));
  }

  @Test
  void seen_newerTime_isTaken_andQuietEnds() {
    assertThat(MARKS.seen(LATE)).isEqualTo(new Marks(Optional.of(LATE), Optional.of(FLOOR), 3, 0));
    assertThat(Marks.NONE.seen(EARLY).signedTime()).hasValue(EARLY);
  }

  @Test
  void seen_olderOrSameTime_neverGoesBack() {
    assertThat(MARKS.seen(LATE).seen(EARLY).signedTime()).hasValue(LATE);
    assertThat(MARKS.seen(EARLY).signedTime()).hasValue(EARLY);
  }

  @Test
  void moved_endsTheQuiet_andKeepsTheTime() {
    assertThat(MARKS.moved()).isEqualTo(new Marks(Optional.of(EARLY), Optional.of(FLOOR), 3, 0));
  }

  @Test
  void quiet_addsUp() {
    assertThat(MARKS.quiet(3).quiet(20))
        .isEqualTo(new Marks(Optional.of(EARLY), Optional.of(FLOOR), 3, 100));
  }

  @Test
  void withoutTime_keepsAllElse() {
    assertThat(MARKS.withoutTime())
        .isEqualTo(new Marks(Optional.empty(), Optional.of(FLOOR), 3, 77));
  }

  @Test
  void withDataSchema_keepsAllElse() {
    assertThat(MARKS.withDataSchema(4))
        .isEqualTo(new Marks(Optional.of(EARLY), Optional.of(FLOOR), 4, 77));
    assertThat(Marks.NONE.dataSchema()).isEqualTo(DataSchema.FIRST.max());
  }

  @ParameterizedTest
  @CsvSource({
    "26.1, a, false", // lower: stays
    "26.1, b, false", // as high: stays
    "26.1, c, true",
    "26.2, a, true", // another release: only its own floor counts
  })
  void raised_isTakenIfHigherOrOfAnotherRelease(String baseline, String level, boolean isTaken) {
    Floor to = new Floor(new Baseline(baseline), new Level(level), false);
    assertThat(MARKS.raised(to))
        .isEqualTo(isTaken ? new Marks(Optional.of(EARLY), Optional.of(to), 3, 77) : MARKS);
    assertThat(Marks.NONE.raised(to).floor()).hasValue(to);
  }
}
