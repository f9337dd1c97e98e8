package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MiscRecordTest {
  private static final Sha256 ID = Sha256.ofHex("a1".repeat(32));
  private static final SlotContent WHOLE =
      new SlotContent(SlotContent.State.WHOLE, Optional.of(ID));

  private final MemoryMedium medium = new MemoryMedium(ActivationRecordCodec.BYTES);
  private final MiscRecord record = new MiscRecord(medium, medium);

  private static ActivationRecord with(Slot active, int starts, Optional<Slot> trial, int tries) {
    return new ActivationRecord(1, active, starts, trial, tries, WHOLE, WHOLE, 'b');
  }

  private static AbstractThrowableAssert<?, ?> assertFails(
      FailureCode code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(DeviceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private BootloaderControl control() {
    return BootloaderControl.decode(medium.areas[MemoryMedium.MISC]);
  }

  @Test
  void load_everyKindOfRecord_isWhatWasStored() throws DeviceException {
    for (Slot active : Slot.values()) {
      for (Slot trial : Slot.values()) {
        if (trial != Slot.BASE && trial == active) {
          continue;
        }
        for (int count = 0; count <= ActivationRecord.STARTS_MAX; count++) {
          ActivationRecord stored =
              with(
                  active,
                  active == Slot.BASE ? 0 : count,
                  trial == Slot.BASE ? Optional.empty() : Optional.of(trial),
                  trial == Slot.BASE ? 0 : 7 - count);
          MemoryMedium fresh = new MemoryMedium(ActivationRecordCodec.BYTES);
          MiscRecord written = new MiscRecord(fresh, fresh);
          written.store(stored);
          assertThat(written.load()).isEqualTo(stored);
        }
      }
    }
  }

  @Test
  void store_onTrial_anyBootloaderTriesItThenTheActiveOneThenBase() throws DeviceException {
    record.store(with(Slot.A, 1, Optional.of(Slot.B), 3));
    BootloaderControl control = control();
    assertThat(control.priority(0)).isEqualTo(14);
    assertThat(control.tries(0)).isEqualTo(4);
    assertThat(control.isSuccessful(0)).isFalse();
    assertThat(control.priority(1)).isEqualTo(15);
    assertThat(control.tries(1)).isEqualTo(3);
    assertThat(control.priority(2)).isEqualTo(1);
    assertThat(control.tries(2)).isEqualTo(7);
    assertThat(control.isSuccessful(2)).isTrue();
  }

  @Test
  void store_next_detailsThenDecisionThenTheOtherDetails() throws DeviceException {
    record.store(with(Slot.A, 0, Optional.empty(), 0));
    medium.written.clear();
    record.store(record.load().failed(Slot.B));
    assertThat(medium.written).containsExactly(1, MemoryMedium.MISC, 0);
    assertThat(medium.areas[0]).isEqualTo(medium.areas[1]);
  }

  @Test
  void store_nothingIsThere_bothDetailsThenDecision() throws DeviceException {
    assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record::load);
    // Of an older life, and with the decision that comes now.
    medium.areas[1] =
        ActivationRecordCodec.encode(
            new ActivationRecord(
                99, Slot.BASE, 0, Optional.empty(), 0, WHOLE, SlotContent.EMPTY, 'a'));
    record.store(ActivationRecord.factory('a'));
    assertThat(medium.written).containsExactly(0, 1, MemoryMedium.MISC);
    assertThat(record.load()).isEqualTo(ActivationRecord.factory('a'));
  }

  @Test
  void store_sequenceIsNotTheNext_isRefused() throws DeviceException {
    record.store(ActivationRecord.factory('a'));
    assertThatThrownBy(() -> record.store(ActivationRecord.factory('a')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected sequence 2, got 1");
  }

  @Test
  void store_moreTriesThanThreeBits_isRefused() {
    assertThatThrownBy(() -> record.store(with(Slot.BASE, 0, Optional.of(Slot.A), 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 to 7 tries");
    assertThat(medium.written).isEmpty();
  }

  @Test
  void store_whatIsOthers_isKept() throws DeviceException {
    record.store(ActivationRecord.factory('a'));
    byte[] misc = medium.areas[MemoryMedium.MISC];
    misc[0] = 'r';
    misc[4095] = 'v';
    int at = BootloaderControl.AT;
    misc[at] = 'a';
    misc[at + 9] |= (byte) 0xf8; // Recovery's tries, and the lower bits of merge_status.
    misc[at + 10] = 1;
    misc[at + 11] = 2;
    misc[at + 13] = (byte) 0xff; // Slot A: reserved, and corrupted.
    misc[at + 18] = 3; // A fourth slot.
    misc[at + 20] = 4;
    medium.areas[MemoryMedium.MISC] = sealed(misc);
    record.store(record.load().unusable(Slot.A, ID));
    byte[] after = medium.areas[MemoryMedium.MISC];
    misc[at + 13] = (byte) 0xfe; // What is written anew is not corrupted any more.
    assertThat(after).isEqualTo(sealed(misc));
  }

  /** With the checksum that a bootloader puts on it. */
  static byte[] sealed(byte[] misc) {
    byte[] sealed = misc.clone();
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(sealed, BootloaderControl.AT, 28);
    java.nio.ByteBuffer.wrap(sealed)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putInt(BootloaderControl.AT + 28, (int) crc.getValue());
    return sealed;
  }

  /** Changes a byte of the decision, as somebody who knows the checksum. */
  private void change(int at, int value) {
    byte[] misc = medium.areas[MemoryMedium.MISC].clone();
    misc[BootloaderControl.AT + at] = (byte) value;
    medium.areas[MemoryMedium.MISC] = sealed(misc);
  }

  @Test
  void load_bootloaderCounted_isCounted() throws DeviceException {
    record.store(with(Slot.A, 0, Optional.of(Slot.B), 3));
    change(14, 0x2f);
    assertThat(record.load().tries()).isEqualTo(2);
    change(12, 0x0e);
    assertThat(record.load().starts()).isEqualTo(5);
    change(15, 1);
    assertThat(record.load().tries()).as("corrupted").isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "9, 2, slots",
    "12, 0x5f, one slot on trial",
    "14, 0x3e, one active slot",
    "12, 0xde, counted",
    "14, 0xbf, not successful",
    "12, 0x7e, at most 5 starts",
    "12, 0x5d, priority 0",
    "16, 0x71, base",
    "16, 0xff, base",
    "16, 0x81, base",
    "17, 1, base",
    "4, 0, magic"
  })
  void load_saysWhatNoneOfOursSays_isDamaged(int at, String value, String expected)
      throws DeviceException {
    record.store(with(Slot.A, 0, Optional.of(Slot.B), 3));
    change(at, Integer.decode(value));
    assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record::load).hasMessageContaining(expected);
    record.store(ActivationRecord.factory('a'));
    assertThat(record.load()).isEqualTo(ActivationRecord.factory('a'));
  }

  @Test
  void load_activeAndTrialAreExchanged_isDamaged() throws DeviceException {
    record.store(with(Slot.A, 0, Optional.of(Slot.B), 3));
    change(14, 0x4e);
    change(12, 0x3f);
    assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record::load)
        .hasMessageContaining("details of b active, a on trial");
  }

  @Test
  void load_priorityOfTrialIsTakenAway_isGivenUp() throws DeviceException {
    record.store(with(Slot.A, 1, Optional.of(Slot.B), 3));
    change(14, 0);
    ActivationRecord left = record.load();
    assertThat(left.trial()).isEmpty();
    assertThat(left.b().isFailed(ID)).isTrue();
    assertThat(left.active()).isEqualTo(Slot.A);
    assertThat(left.starts()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0x30", "0x80"})
  void load_priorityOfActiveIsTakenAway_isGivenUpAndTheTrialGoesOn(String slot)
      throws DeviceException {
    record.store(with(Slot.A, 1, Optional.of(Slot.B), 3));
    change(12, Integer.decode(slot));
    ActivationRecord left = record.load();
    assertThat(left.active()).isEqualTo(Slot.BASE);
    assertThat(left.starts()).isZero();
    assertThat(left.a().isFailed(ID)).isTrue();
    assertThat(left.isOnTrial(Slot.B)).isTrue();
    assertThat(left.tries()).isEqualTo(3);
    assertThat(left.sequence()).isEqualTo(1);
    record.store(left.failed(Slot.B));
    assertThat(record.load()).isEqualTo(left.failed(Slot.B));
  }

  /** A cut left them; only behind them comes what others may have meant. */
  @Test
  void load_otherDetailsAgree_nothingIsGivenUp() throws DeviceException {
    record.store(with(Slot.A, 0, Optional.empty(), 0));
    ActivationRecord old = record.load();
    record.store(old.base());
    medium.areas[1] = ActivationRecordCodec.encode(old);
    assertThat(record.load()).isEqualTo(old.base());
    medium.areas[0] = medium.areas[1];
    medium.areas[1] = ActivationRecordCodec.encode(old.base());
    assertThat(record.load()).isEqualTo(old.base());
  }

  @Test
  void load_anyBitFlipped_isDamaged() throws DeviceException {
    record.store(with(Slot.A, 0, Optional.of(Slot.B), 3));
    byte[] misc = medium.areas[MemoryMedium.MISC];
    for (int bit = 0; bit < BootloaderControl.BYTES * 8; bit++) {
      byte[] flipped = misc.clone();
      flipped[BootloaderControl.AT + bit / 8] ^= (byte) (1 << bit % 8);
      medium.areas[MemoryMedium.MISC] = flipped;
      assertFails(FailureCode.ACTIVATION_RECORD_DAMAGED, record::load);
    }
  }

  @Test
  void load_detailsOfAnotherDecision_areNotBelieved() throws DeviceException {
    record.store(with(Slot.A, 0, Optional.empty(), 0));
    ActivationRecord old = record.load();
    // What a cut between details and decision leaves.
    medium.areas[1] = ActivationRecordCodec.encode(old.onTrial(Slot.B, ID, 3));
    assertThat(record.load()).isEqualTo(old);
    medium.written.clear();
    record.store(old.onTrial(Slot.B, ID, 2));
    assertThat(medium.written).containsExactly(1, MemoryMedium.MISC, 0);
    assertThat(record.load().tries()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "864, _a.., 868, BCc, BrilloBootInfo at byte 864",
    "864, _a.., 868, BCAB, bootloader_control at byte 864",
    "864, _b.., 900, x, a slot suffix at byte 864",
    "2048, _a.., 2052, BCc, BrilloBootInfo at byte 2048",
    "2048, BCc, 2052, x, BrilloBootInfo at byte 2048",
    "2048, .AB0, 2052, x, AvbABData"
  })
  void anything_otherLayout_isRefusedAndLeftAsItIs(
      int at, String text, int magicAt, String magic, String expected) throws DeviceException {
    record.store(ActivationRecord.factory('a'));
    byte[] misc = medium.areas[MemoryMedium.MISC];
    put(misc, at, text);
    put(misc, magicAt, magic);
    byte[] before = misc.clone();
    medium.written.clear();
    assertFails(FailureCode.CONFIG_INVALID, record::load).hasMessageContaining(expected);
    assertFails(FailureCode.CONFIG_INVALID, record::requireLayout).hasMessageContaining(expected);
    assertFails(
            FailureCode.CONFIG_INVALID, () -> record.store(ActivationRecord.factory('a').base()))
        .hasMessageContaining("it is left as it is");
    assertThat(medium.written).isEmpty();
    assertThat(medium.areas[MemoryMedium.MISC]).isEqualTo(before);
  }

  private static void put(byte[] misc, int at, String text) {
    byte[] bytes = text.replace('.', '\0').getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, misc, at, bytes.length);
  }

  @Test
  void anything_otherVersion_isRefused() throws DeviceException {
    record.store(ActivationRecord.factory('a'));
    change(8, 2);
    assertFails(FailureCode.CONFIG_INVALID, record::load).hasMessageContaining("another version");
  }

  @Test
  void requireLayout_oursOrDamagedOrNothing_passes() throws DeviceException {
    record.requireLayout();
    record.store(ActivationRecord.factory('a'));
    record.requireLayout();
    medium.areas[MemoryMedium.MISC][BootloaderControl.AT + 12] ^= 1;
    record.requireLayout();
    assertThat(record.raw()).hasSize(4096 + 2 * 512);
  }
}
