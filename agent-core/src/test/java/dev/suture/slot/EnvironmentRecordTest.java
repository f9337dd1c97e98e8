package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentRecordTest {
  private static final int BYTES = 1024;
  private static final String OTHERS = "bootcmd=run it\0ethaddr=52:54:00:12:34:56\0";
  private static final Sha256 A = Sha256.ofHex("a1".repeat(32));
  private static final Sha256 B = Sha256.ofHex("b2".repeat(32));

  private final MemoryMedium medium = new MemoryMedium(BYTES);
  private int locks;

  private EnvironmentRecord record(EnvironmentNames names) {
    return new EnvironmentRecord(
        medium,
        names,
        false,
        () -> {
          locks++;
          return () -> locks--;
        });
  }

  private void put(int copy, int flags, String text) {
    medium.areas[copy] = UbootEnvironmentTest.copy(flags, text + "\0", BYTES);
  }

  private String text(int copy) {
    return new String(medium.areas[copy], 5, BYTES - 5, StandardCharsets.ISO_8859_1)
        .split("\0\0", -1)[0];
  }

  private static ActivationRecord onTrial(int starts, int tries) {
    return new ActivationRecord(
        0x1f,
        Slot.A,
        starts,
        Optional.of(Slot.B),
        tries,
        new SlotContent(SlotContent.State.WHOLE, Optional.of(A)),
        new SlotContent(SlotContent.State.WHOLE, Optional.of(B)),
        'b');
  }

  private static AbstractThrowableAssert<?, ?> assertFails(
      FailureCode code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(DeviceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void store_suture_isTheVariablesOfTheRawRecord() throws DeviceException {
    put(0, 9, OTHERS);
    record(EnvironmentNames.SUTURE).store(onTrial(2, 3));
    assertThat(text(1))
        .isEqualTo(
            OTHERS
                + "su_a=whole\0su_a_id="
                + A.hex()
                + "\0su_active=a\0su_b=whole\0su_b_id="
                + B.hex()
                + "\0su_os=b\0su_seq=1f\0su_starts=2\0su_trial=b\0su_tries=3\0su_v=1");
  }

  @Test
  void store_rauc_isOrderAndCountsAndTheRest() throws DeviceException {
    put(0, 9, OTHERS);
    record(EnvironmentNames.RAUC).store(onTrial(2, 3));
    assertThat(text(1))
        .isEqualTo(
            OTHERS
                + "BOOT_A_LEFT=3\0BOOT_B_LEFT=3\0BOOT_ORDER=B A base\0suture=1 1f a whole "
                + A.hex()
                + " whole "
                + B.hex()
                + " 2 3\0suture_os=b\0suture_trial=b");
  }

  @Test
  void store_rauc_baseAlone_isNeverWithoutAnOrder() throws DeviceException {
    put(0, 9, OTHERS);
    record(EnvironmentNames.RAUC).store(ActivationRecord.factory('a'));
    assertThat(text(1))
        .isEqualTo(
            OTHERS
                + "BOOT_A_LEFT=0\0BOOT_B_LEFT=0\0BOOT_ORDER=base\0suture=1 1 base empty - empty - 0"
                + " 0\0suture_os=a\0suture_trial=none");
    assertThat(record(EnvironmentNames.RAUC).load()).isEqualTo(ActivationRecord.factory('a'));
  }

  @ParameterizedTest
  @EnumSource(EnvironmentNames.class)
  void load_everyKindOfRecord_isWhatWasStored(EnvironmentNames names) throws DeviceException {
    for (Slot active : Slot.values()) {
      for (Slot trial : Slot.values()) {
        if (trial != Slot.BASE && trial == active) {
          continue;
        }
        for (int count = 0; count <= ActivationRecord.STARTS_MAX; count++) {
          put(0, 0, OTHERS);
          put(1, 1, OTHERS);
          SlotContent whole = new SlotContent(SlotContent.State.WHOLE, Optional.of(A));
          ActivationRecord stored =
              new ActivationRecord(
                  ActivationRecord.SEQUENCE_MAX,
                  active,
                  active == Slot.BASE ? 0 : count,
                  trial == Slot.BASE ? Optional.empty() : Optional.of(trial),
                  trial == Slot.BASE ? 0 : ActivationRecord.TRIES_MAX - count,
                  whole,
                  whole,
                  'b');
          record(names).store(stored);
          assertThat(record(names).load()).isEqualTo(stored);
        }
      }
    }
    assertThat(locks).isZero();
  }

  @ParameterizedTest
  @CsvSource({"9, 3, 0, 10, 11", "3, 9, 1, 10, 11", "255, 0, 1, 1, 2", "254, 253, 0, 255, 0"})
  void store_twoCopies_firstGoesOverTheOneThatDoesNotCount(
      int first, int second, int current, int next, int last) throws DeviceException {
    put(0, first, OTHERS);
    put(1, second, OTHERS);
    record(EnvironmentNames.RAUC).store(ActivationRecord.factory('a'));
    assertThat(medium.written).containsExactly(1 - current, current);
    assertThat(medium.areas[1 - current][4] & 0xff).isEqualTo(next);
    assertThat(medium.areas[current][4] & 0xff).isEqualTo(last);
    assertThat(text(0)).isEqualTo(text(1)).startsWith(OTHERS);
    ActivationRecord stored = record(EnvironmentNames.RAUC).load();
    for (int copy = 0; copy < 2; copy++) {
      byte[] kept = medium.areas[copy];
      medium.areas[copy] = new byte[BYTES];
      assertThat(record(EnvironmentNames.RAUC).load()).isEqualTo(stored);
      medium.areas[copy] = kept;
    }
  }

  @Test
  void store_sequenceIsNotTheNext_isRefused() throws DeviceException {
    put(0, 1, OTHERS);
    EnvironmentRecord record = record(EnvironmentNames.SUTURE);
    record.store(ActivationRecord.factory('a'));
    medium.written.clear();
    assertThatThrownBy(() -> record.store(ActivationRecord.factory('a')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected sequence 2, got 1");
    assertThat(medium.written).isEmpty();
    assertThat(locks).isZero();
  }

  @Test
  void store_doesNotFit_nothingIsWritten() {
    put(0, 1, "x=" + "y".repeat(BYTES - 100) + "\0");
    assertFails(
        FailureCode.DISK_FULL,
        () -> record(EnvironmentNames.SUTURE).store(ActivationRecord.factory('a')));
    assertThat(medium.written).isEmpty();
  }

  @Test
  void store_noCopyIsValid_isMadeAnewOnlyWhereNobodyElseHasVariables() throws DeviceException {
    assertFails(
            FailureCode.ACTIVATION_RECORD_DAMAGED,
            () -> record(EnvironmentNames.RAUC).store(ActivationRecord.factory('a')))
        .hasMessageContaining("not made anew");
    assertThat(medium.written).isEmpty();
    EnvironmentRecord ours =
        new EnvironmentRecord(medium, EnvironmentNames.RAUC, true, RecordLock.NONE);
    ours.store(ActivationRecord.factory('a'));
    assertThat(ours.load()).isEqualTo(ActivationRecord.factory('a'));
    assertThat(ours.raw()).hasSize(2 * BYTES);
  }

  @Test
  void load_validEnvironmentWithoutARecord_isDamagedAndCanBeWritten() throws DeviceException {
    put(0, 1, OTHERS);
    assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record(EnvironmentNames.RAUC)::load)
        .hasMessageContaining("expected suture, got nothing");
    assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record(EnvironmentNames.SUTURE)::load);
    record(EnvironmentNames.RAUC).store(ActivationRecord.factory('b'));
    assertThat(record(EnvironmentNames.RAUC).load()).isEqualTo(ActivationRecord.factory('b'));
  }

  @Test
  void load_olderCopyHasARecord_theNewerOneCountsAllTheSame() throws DeviceException {
    put(0, 1, OTHERS);
    record(EnvironmentNames.RAUC).store(ActivationRecord.factory('a'));
    put(1, 4, OTHERS);
    assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record(EnvironmentNames.RAUC)::load);
  }

  /** As a boot script, rauc or fw_setenv may leave it. */
  private ActivationRecord changed(String name, String value) throws DeviceException {
    put(0, 0, OTHERS);
    put(1, 1, OTHERS);
    record(EnvironmentNames.RAUC).store(onTrial(1, 3));
    UbootEnvironment environment = UbootEnvironment.decode(medium.areas[0]);
    TreeMap<String, String> variable = new TreeMap<>();
    variable.put(name, value);
    medium.areas[0] = environment.with(variable).encode(BYTES, environment.flags() + 1);
    return record(EnvironmentNames.RAUC).load();
  }

  @Test
  void load_bootScriptCounted_isCounted() throws DeviceException {
    assertThat(changed("BOOT_B_LEFT", "2").tries()).isEqualTo(2);
    assertThat(changed("BOOT_B_LEFT", "0").tries()).isZero();
    assertThat(changed("BOOT_A_LEFT", "0").starts()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "5", "6", "f"})
  void load_countsFilledUpByOthers_oursCount(String left) throws DeviceException {
    assertThat(changed("BOOT_A_LEFT", left).starts()).isEqualTo(1);
    assertThat(changed("BOOT_B_LEFT", left).tries()).isEqualTo(3);
  }

  /** A start, as boot script and agent count it, and then {@code rauc status mark-good}. */
  private boolean isStartLeft(Slot slot, String left) throws DeviceException {
    boolean isLeft = record(EnvironmentNames.RAUC).countStart(slot);
    put("BOOT_" + slot.name() + "_LEFT", left);
    return isLeft;
  }

  private void put(String name, String value) {
    UbootEnvironment environment = UbootEnvironment.decode(medium.areas[0]);
    TreeMap<String, String> variable = new TreeMap<>();
    variable.put(name, value);
    medium.areas[0] = environment.with(variable).encode(BYTES, environment.flags() + 1);
  }

  @Test
  void countStart_filledUpBehindEachStart_triesEndAllTheSame() throws DeviceException {
    changed("BOOT_B_LEFT", "3");
    for (int tries = 2; tries >= 0; tries--) {
      assertThat(isStartLeft(Slot.B, "2")).isTrue();
      assertThat(record(EnvironmentNames.RAUC).load().tries()).isEqualTo(tries);
    }
    medium.written.clear();
    assertThat(isStartLeft(Slot.B, "2")).isFalse();
    assertThat(medium.written).isEmpty();
    assertThat(locks).isZero();
  }

  @Test
  void countStart_filledUpBehindEachStart_startsOfWhatIsActiveEndAllTheSame()
      throws DeviceException {
    changed("BOOT_A_LEFT", "4");
    for (int starts = 2; starts <= ActivationRecord.STARTS_MAX; starts++) {
      assertThat(isStartLeft(Slot.A, "4")).isTrue();
      assertThat(record(EnvironmentNames.RAUC).load().starts()).isEqualTo(starts);
    }
    assertThat(isStartLeft(Slot.A, "4")).isFalse();
    ActivationRecord last = record(EnvironmentNames.RAUC).load();
    record(EnvironmentNames.RAUC).store(last.alive());
    assertThat(isStartLeft(Slot.A, "4")).isTrue();
  }

  @Test
  void countStart_isDurableForTheBootScriptAsWell() throws DeviceException {
    changed("BOOT_B_LEFT", "f");
    record(EnvironmentNames.RAUC).countStart(Slot.B);
    for (int copy = 0; copy < 2; copy++) {
      assertThat(text(copy)).contains("\0BOOT_B_LEFT=2\0").contains("\0suture=1 20 a ");
    }
  }

  @Test
  void countStart_powerFailedBeforeIt_bootScriptsCountIsLower() throws DeviceException {
    changed("BOOT_B_LEFT", "1");
    assertThat(record(EnvironmentNames.RAUC).countStart(Slot.B)).isTrue();
    assertThat(record(EnvironmentNames.RAUC).load().tries()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Slot.class)
  void countStart_nobodyFillsUp_nothingIsWritten(Slot slot) throws DeviceException {
    put(0, 1, OTHERS);
    record(EnvironmentNames.SUTURE).store(onTrial(1, 3));
    medium.written.clear();
    assertThat(record(EnvironmentNames.SUTURE).countStart(slot)).isTrue();
    assertThat(medium.written).isEmpty();
  }

  /** As an agent wrote it that had no counts of its own. */
  @Test
  void load_withoutOurCounts_bootScriptsCount() throws DeviceException {
    ActivationRecord record = changed("suture", "1 1f a whole " + A.hex() + " whole " + B.hex());
    assertThat(record).isEqualTo(onTrial(1, 3));
    assertThat(isStartLeft(Slot.B, "3")).isTrue();
    assertThat(record(EnvironmentNames.RAUC).load().tries()).isEqualTo(3);
    assertThat(isStartLeft(Slot.B, "3")).isTrue();
    assertThat(record(EnvironmentNames.RAUC).load().tries()).isEqualTo(2);
  }

  @Test
  void load_trialTakenOutOfTheOrder_isGivenUp() throws DeviceException {
    ActivationRecord record = changed("BOOT_ORDER", "A  base ");
    assertThat(record.trial()).isEmpty();
    assertThat(record.b().isFailed(B)).isTrue();
    assertThat(record.active()).isEqualTo(Slot.A);
    record(EnvironmentNames.RAUC).store(record.unusable(Slot.B, A));
    assertThat(text(0)).contains("\0BOOT_ORDER=A base\0").contains("suture_trial=none");
  }

  @Test
  void load_activeTakenOutOfTheOrder_isGivenUpAndTheTrialGoesOn() throws DeviceException {
    ActivationRecord record = changed("BOOT_ORDER", "B base");
    assertThat(record.active()).isEqualTo(Slot.BASE);
    assertThat(record.starts()).isZero();
    assertThat(record.a().isFailed(A)).isTrue();
    assertThat(record.isOnTrial(Slot.B)).isTrue();
    assertThat(record.tries()).isEqualTo(3);
    assertThat(record.sequence()).isEqualTo(onTrial(1, 3).sequence());
    record(EnvironmentNames.RAUC).store(record.confirmed(Slot.B));
    assertThat(text(0)).contains("\0BOOT_ORDER=B base\0").contains("suture_trial=none");
  }

  @Test
  void load_bothTakenOutOfTheOrder_baseIsActive() throws DeviceException {
    ActivationRecord record = changed("BOOT_ORDER", "base");
    assertThat(record.active()).isEqualTo(Slot.BASE);
    assertThat(record.trial()).isEmpty();
    assertThat(record.a().isFailed(A)).isTrue();
    assertThat(record.b().isFailed(B)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BOOT_ORDER=A B base",
        "BOOT_ORDER=B base base",
        "BOOT_ORDER=B A",
        "BOOT_ORDER=B A base C",
        "BOOT_ORDER=b a base",
        "BOOT_ORDER=",
        "BOOT_A_LEFT=10",
        "BOOT_A_LEFT=",
        "BOOT_A_LEFT=-1",
        "BOOT_A_LEFT=0x3",
        "BOOT_B_LEFT=10",
        "BOOT_B_LEFT=g",
        "suture=",
        "suture=1 2",
        "suture_os=c",
        "suture_os=",
        "suture_trial=a",
        "suture_trial=",
        "suture_trial=\u00fc",
        "suture_trial=b\n"
      })
  void load_saysWhatNoneOfOursSays_isDamaged(String assignment) {
    int equals = assignment.indexOf('=');
    assertFails(
        FailureCode.ACTIVATION_RECORD_DAMAGED,
        () -> changed(assignment.substring(0, equals), assignment.substring(equals + 1)));
  }

  @Test
  void load_longValue_isNotTold() {
    assertFails(
            FailureCode.ACTIVATION_RECORD_DAMAGED,
            () -> changed("BOOT_ORDER", "B A base" + "x".repeat(200)))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("xxx"));
  }
}
