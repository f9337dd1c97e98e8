package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.sim.CacheFate;
import dev.suture.sim.PowerCut;
import dev.suture.sim.SimPower;
import dev.suture.sim.SimRecordMedium;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TwoCopyRecordTest {
  private static final Sha256 ID = Sha256.of(new byte[] {1});

  private final SimPower power = new SimPower();
  private final SimRecordMedium medium = new SimRecordMedium(power);
  private final TwoCopyRecord record = new TwoCopyRecord(medium);

  @Test
  void store_isInBothCopies() throws DeviceException {
    record.store(record.load().unusable(Slot.A, ID));
    assertThat(medium.peek(1)).isEqualTo(medium.peek(0));
    record.store(record.load().onTrial(Slot.A, ID, 3));
    assertThat(medium.peek(1)).isEqualTo(medium.peek(0));
    assertThat(record.load().sequence()).isEqualTo(3);
    assertThat(record.load().isOnTrial(Slot.A)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void load_oneCopyDamaged_nothingIsLost(int damaged) throws DeviceException {
    record.store(record.load().unusable(Slot.A, ID));
    ActivationRecord stored = record.load();
    medium.damage(damaged);
    assertThat(record.load()).isEqualTo(stored);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void store_cutInFirstWrite_newestCopyIsUntouched(int damaged) throws DeviceException {
    record.store(record.load().unusable(Slot.A, ID));
    medium.damage(damaged);
    byte[] kept = medium.peek(1 - damaged);
    power.cutIn(1);
    assertThatThrownBy(() -> record.store(record.load().unusable(Slot.B, ID)))
        .isInstanceOf(PowerCut.class);
    medium.powerOn(CacheFate.torn(1));
    power.on();
    assertThat(medium.peek(1 - damaged)).isEqualTo(kept);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void store_oneCopyDamaged_bothAreGoodAgain(int damaged) throws DeviceException {
    record.store(record.load().unusable(Slot.A, ID));
    medium.damage(damaged);
    record.store(record.load().unusable(Slot.B, ID));
    assertThat(medium.peek(1)).isEqualTo(medium.peek(0));
    assertThat(record.load().b().holds(ID)).isTrue();
  }

  @Test
  void load_bothCopiesDamaged_isAFailureOfItsOwn() {
    medium.damage(0);
    medium.damage(1);
    assertThatThrownBy(record::load)
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.ACTIVATION_RECORD_DAMAGED));
  }

  @Test
  void store_bothCopiesDamaged_startsAgain() throws DeviceException {
    medium.damage(0);
    medium.damage(1);
    record.store(ActivationRecord.factory('b'));
    assertThat(record.load()).isEqualTo(ActivationRecord.factory('b'));
  }

  @Test
  void store_sequenceIsNotTheNext_isRefused() throws DeviceException {
    ActivationRecord old = record.load();
    record.store(old.unusable(Slot.A, ID));
    assertThatThrownBy(() -> record.store(old.unusable(Slot.B, ID)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected sequence 3, got 2");
  }

  @Test
  void store_cutInside_oldOrNewIsThere() throws DeviceException {
    for (int seed = 0; seed < 300; seed++) {
      ActivationRecord old = record.load();
      ActivationRecord next = old.unusable(Slot.A, Sha256.of(new byte[] {(byte) seed}));
      power.cutIn(1 + seed % 2);
      assertThatThrownBy(() -> record.store(next)).isInstanceOf(PowerCut.class);
      medium.powerOn(seed == 0 ? CacheFate.landed() : CacheFate.torn(seed));
      power.on();
      assertThat(record.load()).isIn(old, next);
    }
  }

  @Test
  void raw_isBothCopies() throws DeviceException {
    medium.damage(1);
    assertThat(record.raw()).hasSize(1024).startsWith(medium.peek(0)).endsWith(medium.peek(1));
  }
}
