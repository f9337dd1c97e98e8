package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.sim.SimPower;
import dev.suture.sim.SimRecordMedium;
import dev.suture.slot.SlotDevice.BootChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulated bootloader and our codec read and write each other's records. */
class SimRecordMediumTest {
  private static final Sha256 ID = Sha256.of(new byte[] {1});

  private final SimRecordMedium medium = new SimRecordMedium(new SimPower());
  private final TwoCopyRecord record = new TwoCopyRecord(medium);

  private ActivationRecord onTrial(int tries) throws DeviceException {
    record.store(record.load().unusable(Slot.A, ID));
    record.store(record.load().onTrial(Slot.A, ID, tries));
    return record.load();
  }

  @Test
  void bootloader_nothingOnTrial_runsTheActiveOneAndWritesNothing() throws DeviceException {
    ActivationRecord before = record.load();
    assertThat(medium.bootloader()).isEqualTo(new BootChoice(Slot.BASE, false, 'a'));
    assertThat(record.load()).isEqualTo(before);
  }

  @Test
  void bootloader_trialWithTries_countsDownAndRunsIt() throws DeviceException {
    ActivationRecord before = onTrial(3);
    assertThat(medium.bootloader()).isEqualTo(new BootChoice(Slot.A, true, 'a'));
    ActivationRecord after = record.load();
    assertThat(after.tries()).isEqualTo(2);
    assertThat(after.sequence()).isEqualTo(before.sequence() + 1);
    assertThat(after.isOnTrial(Slot.A)).isTrue();
  }

  @Test
  void bootloader_triesUsedUp_marksTheSlotFailedAndRunsTheActiveOne() throws DeviceException {
    onTrial(1);
    medium.bootloader();
    assertThat(medium.bootloader()).isEqualTo(new BootChoice(Slot.BASE, false, 'a'));
    assertThat(record.load().trial()).isEmpty();
    assertThat(record.load().a().state()).isEqualTo(SlotContent.State.FAILED);
    assertThat(record.load().a().holds(ID)).isTrue();
  }

  @Test
  void bootloader_cannotCountDown_runsTheActiveOne() throws DeviceException {
    ActivationRecord before = onTrial(3);
    medium.failWrites(1);
    assertThat(medium.bootloader()).isEqualTo(new BootChoice(Slot.BASE, false, 'a'));
    assertThat(record.load()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void bootloader_oneCopyDamaged_usesTheOther(int damaged) throws DeviceException {
    onTrial(3);
    medium.damage(damaged);
    assertThat(medium.bootloader()).isEqualTo(new BootChoice(Slot.A, true, 'a'));
    assertThat(record.load().tries()).isEqualTo(2);
  }

  /** None of ours leaves that behind; whoever did, agent and bootloader believe the same copy. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void bootloader_copiesOfOneSequenceDiffer_runsWhatTheAgentTakesForActive(int base)
      throws DeviceException {
    ActivationRecord onTrial = onTrial(3);
    ActivationRecord confirmed = onTrial.confirmed(Slot.A);
    ActivationRecord removed = onTrial.base();
    assertThat(removed.sequence()).isEqualTo(confirmed.sequence());
    medium.overwrite(base, ActivationRecordCodec.encode(removed));
    medium.overwrite(1 - base, ActivationRecordCodec.encode(confirmed));
    assertThat(medium.bootloader())
        .isEqualTo(new BootChoice(base == 0 ? Slot.BASE : Slot.A, false, 'a'));
    assertThat(record.load()).isEqualTo(base == 0 ? removed : confirmed);
  }

  @Test
  void bootloader_noValidCopy_runsBaseAndWritesNothing() {
    medium.damage(0);
    byte[] copy = medium.peek(0);
    assertThat(medium.bootloader()).isEqualTo(new BootChoice(Slot.BASE, false, 'a'));
    assertThat(medium.peek(0)).isEqualTo(copy);
  }
}
