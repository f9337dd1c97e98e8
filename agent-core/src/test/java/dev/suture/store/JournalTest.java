package dev.suture.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Probation;
import dev.suture.attempt.ServiceWatch;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimDisk;
import dev.suture.sim.SimPower;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JournalTest {
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final Sha256 ID = Sha256.of(new byte[] {1});
  private static final Patch PATCH =
      new Patch(BASELINE, new Level("b"), new FileRef("manifests/b.json", 123, ID));
  private static final Failure FAILURE =
      new Failure(FailureCode.HEALTH_FAILED, "expected 200, got \"500\"\n\u00e4\u0000");
  private static final JournalState STATE =
      new JournalState(
          BASELINE,
          7,
          Optional.of(
              new Attempt(
                  7,
                  Optional.of(PATCH),
                  Slot.B,
                  true,
                  Phase.ARMED,
                  true,
                  1,
                  2,
                  Optional.of(FAILURE))),
          List.of(
              new Outcome(5, "26.1 (a)", Phase.ACTIVE, Optional.empty(), true),
              new Outcome(6, "removal", Phase.REMOVED, Optional.empty(), false)),
          List.of(new Held(ID, "26.1 (a)")),
          List.of(
              new Probation(
                  Sha256.of(new byte[] {2}),
                  true,
                  300_000,
                  List.of(
                      new ServiceWatch("web", false, true, 2, 1, "b-1", 7, 3),
                      ServiceWatch.of("store", true)),
                  Optional.empty()),
              Probation.before(ID, List.of())
                  .because(new Failure(FailureCode.PROBATION_FAILED, "web crashed"))));

  private final SimPower power = new SimPower();
  private final SimDisk disk = new SimDisk(power);
  private final Journal journal = new Journal(disk);

  private byte[] saved() throws SutureException {
    journal.save(STATE);
    return disk.cached("journal").orElseThrow().clone();
  }

  private void assertDamaged(byte[] bytes) {
    disk.put("journal", bytes);
    assertThatThrownBy(() -> journal.load(BASELINE))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.JOURNAL_DAMAGED));
  }

  @Test
  void load_noJournal_remembersNothing() throws SutureException {
    assertThat(journal.load(BASELINE)).isEqualTo(JournalState.empty(BASELINE));
  }

  @Test
  void load_saved_isWhatWasSaved() throws SutureException {
    journal.save(STATE);
    assertThat(journal.load(new Baseline("27.1"))).isEqualTo(STATE);
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void load_everyPhase_isWhatWasSaved(Phase phase) throws SutureException {
    JournalState state =
        STATE
            .with(phase == Phase.REMOVED ? Attempt.remove(8, true) : STATE.attempt().orElseThrow())
            .with(new Outcome(9, "x", phase, Optional.of(FAILURE), false));
    state = state.with(state.attempt().orElseThrow().in(phase));
    journal.save(state);
    assertThat(journal.load(BASELINE)).isEqualTo(state);
  }

  @Test
  void save_format_isTheGoldenOne() throws SutureException {
    String text = new String(saved(), 16, saved().length - 16, StandardCharsets.UTF_8);
    assertThat(Arrays.copyOf(saved(), 8)).containsExactly('S', 'U', 'T', 'J', 0, 0, 0, 1);
    assertThat(text)
        .contains("\"phase\": 7", "\"code\": 501", "\"target\": \"b\"", "\"last_number\": 7");
  }

  @Test
  void load_anyBitFlipped_isDamaged() throws SutureException {
    byte[] good = saved();
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertDamaged(flipped);
    }
  }

  @Test
  void load_truncatedOrLonger_isDamaged() throws SutureException {
    byte[] good = saved();
    for (int length = 0; length < good.length; length++) {
      assertDamaged(Arrays.copyOf(good, length));
    }
    assertDamaged(Arrays.copyOf(good, good.length + 1));
  }

  @Test
  void load_asLongAsAJournalMayBe_isRead() throws SutureException {
    byte[] good = saved();
    byte[] longest = Arrays.copyOf(good, JournalCodec.BYTES_MAX);
    Arrays.fill(longest, good.length, longest.length, (byte) '\n');
    CRC32 crc = new CRC32();
    crc.update(longest, 16, longest.length - 16);
    ByteBuffer.wrap(longest).putInt(8, longest.length - 16).putInt(12, (int) crc.getValue());
    disk.put("journal", longest);
    assertThat(journal.load(BASELINE)).isEqualTo(STATE);
  }

  @Test
  void load_longerThanAnyJournal_isDamaged() {
    assertDamaged(new byte[JournalCodec.BYTES_MAX + 1]);
  }

  @Test
  void keepAside_deviceGoesOn_andBytesAreKept() throws SutureException {
    byte[] bad = {1, 2, 3};
    disk.put("journal", bad);
    journal.keepAside();
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
    assertThat(journal.load(BASELINE)).isEqualTo(JournalState.empty(BASELINE));
    assertThat(disk.cached("journal.damaged")).hasValue(bad);
  }

  @Test
  void save_cutAnywhere_oldOrNewIsThere() throws SutureException {
    JournalState next = STATE.acknowledged();
    for (int cut = 1; cut <= 5; cut++) {
      for (int seed = 0; seed < 40; seed++) {
        journal.save(STATE);
        power.cutIn(cut);
        assertThatThrownBy(() -> journal.save(next)).isInstanceOf(PowerCut.class);
        disk.powerOn(CacheFate.torn(seed));
        power.on();
        assertThat(journal.load(BASELINE)).isIn(STATE, next);
      }
    }
    journal.save(next);
    power.off();
    disk.powerOn(CacheFate.lost());
    power.on();
    assertThat(journal.load(BASELINE)).isEqualTo(next);
  }

  @Test
  void save_mostThatIsKept_canBeLoaded() throws SutureException {
    JournalState state = STATE;
    Failure longest = new Failure(FailureCode.STORAGE_IO, "\u20ac".repeat(10_000));
    for (int i = 0; i < JournalState.HELD_MAX + 10; i++) {
      Patch patch =
          new Patch(
              BASELINE,
              new Level("zz"),
              new FileRef(
                  "manifests/b.json",
                  1,
                  Sha256.of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII))));
      state =
          state.closed(
              Attempt.install(i, patch, Slot.A, false).because(longest).in(Phase.REJECTED),
              List.of());
    }
    assertThat(state.held()).hasSize(JournalState.HELD_MAX);
    assertThat(state.outcomes()).hasSize(JournalState.OUTCOMES_MAX);
    journal.save(state);
    assertThat(journal.load(BASELINE)).isEqualTo(state);
  }
}
