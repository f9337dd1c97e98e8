package dev.suture.protocol.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.TargetFile;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LevelEntryTest {
  private static final String HEX = "ab".repeat(32);
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
  private static final LevelEntry ENTRY =
      new LevelEntry(
          "m",
          new Baseline("26.1"),
          new Level("b"),
          new FileRef("targets/levels/m/26.1/" + HEX + ".b.json", 99, Sha256.ofHex(HEX)),
          Optional.of(new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.NEWEST_GOOD)),
          Optional.of(
              new Rollout(
                  Optional.of("internal"),
                  START,
                  List.of(new Rollout.Step(0, 1), new Rollout.Step(24, 100)))),
          Optional.of(
              new SealedPatch(
                  new FileRef("targets/sealed/m/26.1/x", 7, Sha256.ofHex(HEX)), 5, HEX)));

  private static TargetFile target(String custom) {
    return new TargetFile(
        99,
        new Hashes(Map.of("sha256", HEX)),
        Optional.of(StrictJson.parse("custom", custom.getBytes(StandardCharsets.UTF_8), 10_000)));
  }

  private static Optional<LevelEntry> read(String path, String custom) {
    return LevelEntry.read(path, target(custom), true);
  }

  @Test
  void read_custom_isTheEntry() {
    String custom = new String(ENTRY.custom(), StandardCharsets.UTF_8);
    assertThat(read(ENTRY.path(), custom)).hasValue(ENTRY);
    assertThat(ENTRY.path()).isEqualTo("levels/m/26.1/b.json");
  }

  @Test
  void read_withoutCustom_isForEverybody() {
    LevelEntry plain = read("levels/m/26.1/b.json", "{}").orElseThrow();
    assertThat(plain.withdrawal()).isEmpty();
    assertThat(plain.rollout()).isEmpty();
    assertThat(plain.sealed()).isEmpty();
    assertThat(plain.title()).isEqualTo("26.1 (b)");
    assertThat(
            LevelEntry.read("levels/m/26.1/b.json", target("{}"), false).orElseThrow().manifest())
        .extracting(FileRef::path)
        .isEqualTo("targets/levels/m/26.1/b.json");
  }

  @Test
  void read_anotherTarget_isNoLevel() {
    assertThat(read("components/tls/x.json", "{}")).isEmpty();
    assertThat(read("level/m/26.1/b.json", "{}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "levels/m/26.1/b",
        "levels/m/26.1/x/b.json",
        "levels/b.json",
        "levels/m/../b.json",
        "levels//26.1/b.json",
        "levels/m/26.1/B.json",
        "levels/m/26.1/abc.json"
      })
  void read_malformedPath_isRefused(String path) {
    assertThatThrownBy(() -> read(path, "{}")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'withdrawn':{'reach':'maybe','instead':'base'}}",
        "{'withdrawn':{'reach':'remove'}}",
        "{'withdrawn':true}",
        "{'rollout':{'start':'2026-11-24','curve':[]}}",
        "{'rollout':{'start':'2026-11-24T10:00:00Z','curve':[{'after_hours':0,'percent':101}]}}",
        "{'rollout':{'start':'2026-11-24T10:00:00Z','ring':'','curve':[]}}",
        "{'sealed':{'path':'x','bytes':1,'sha256':'" + "00" + "','plain_bytes':1,'key':'00'}}"
      })
  void read_malformedCustom_isRefused(String custom) {
    // What is not understood must not be taken for "nothing is said".
    assertThatThrownBy(
            () -> read("levels/m/26.1/b.json", "{\"suture\":" + custom.replace('\'', '"') + "}"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void with_withdrawal_takesTheKeyAway() {
    LevelEntry withdrawn = ENTRY.with(Withdrawal.STOP);
    assertThat(withdrawn.sealed()).isEmpty();
    assertThat(withdrawn.withdrawal()).hasValue(Withdrawal.STOP);
    assertThat(ENTRY.with(Optional.empty()).rollout()).isEmpty();
    assertThat(ENTRY.toString()).doesNotContain("key");
  }

  @Test
  void spreadFile_read_isTheFile() {
    SpreadFile file =
        SpreadFile.read(SpreadFile.path("m", new Baseline("26.1"), "x"), target("{}"), true)
            .orElseThrow();
    assertThat(file.file().path()).isEqualTo("targets/sealed/m/26.1/" + HEX + ".x");
    assertThat(file.model()).isEqualTo("m");
    assertThat(SpreadFile.read("levels/m/26.1/b.json", target("{}"), true)).isEmpty();
    assertThatThrownBy(() -> SpreadFile.read("sealed/m/x", target("{}"), true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
