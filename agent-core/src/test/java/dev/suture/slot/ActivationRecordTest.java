package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivationRecordTest {
  private static final Sha256 ID = Sha256.of(new byte[] {1});
  private static final ActivationRecord FACTORY = ActivationRecord.factory('a');
  private static final ActivationRecord ON_TRIAL =
      FACTORY.unusable(Slot.A, ID).onTrial(Slot.A, ID, 3);

  @Test
  void factory_runsBase_andHoldsNothing() {
    assertThat(FACTORY.active()).isEqualTo(Slot.BASE);
    assertThat(FACTORY.trial()).isEmpty();
    assertThat(FACTORY.a()).isEqualTo(SlotContent.EMPTY);
    assertThat(FACTORY.b()).isEqualTo(SlotContent.EMPTY);
  }

  @Test
  void everyChange_growsTheSequenceByOne() {
    assertThat(FACTORY.unusable(Slot.A, ID).sequence()).isEqualTo(2);
    assertThat(ON_TRIAL.sequence()).isEqualTo(3);
    assertThat(ON_TRIAL.confirmed(Slot.A).sequence()).isEqualTo(4);
    assertThat(ON_TRIAL.failed(Slot.A).sequence()).isEqualTo(4);
    assertThat(ON_TRIAL.base().sequence()).isEqualTo(4);
  }

  @Test
  void sequence_outsideItsRange_isRefused() {
    for (long sequence : new long[] {-1, Long.MIN_VALUE, ActivationRecord.SEQUENCE_MAX + 1}) {
      assertThatThrownBy(
              () ->
                  new ActivationRecord(
                      sequence,
                      Slot.BASE,
                      0,
                      Optional.empty(),
                      0,
                      SlotContent.EMPTY,
                      SlotContent.EMPTY,
                      'a'))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("sequence");
    }
  }

  @Test
  void confirmed_slotIsActive_andNothingIsOnTrial() {
    ActivationRecord confirmed = ON_TRIAL.confirmed(Slot.A);
    assertThat(confirmed.active()).isEqualTo(Slot.A);
    assertThat(confirmed.trial()).isEmpty();
    assertThat(confirmed.tries()).isZero();
    assertThat(confirmed.a().isWhole(ID)).isTrue();
  }

  @Test
  void confirmed_slotThatIsNotOnTrial_isRefused() {
    assertThatThrownBy(() -> FACTORY.confirmed(Slot.A))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ON_TRIAL.confirmed(Slot.B))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void failed_trialIsOver_andSlotKeepsWhatItWasAbout() {
    ActivationRecord failed = ON_TRIAL.failed(Slot.A);
    assertThat(failed.trial()).isEmpty();
    assertThat(failed.active()).isEqualTo(Slot.BASE);
    assertThat(failed.a()).isEqualTo(new SlotContent(SlotContent.State.FAILED, Optional.of(ID)));
  }

  @Test
  void base_slotsKeepWhatTheyHold() {
    ActivationRecord removed = ON_TRIAL.confirmed(Slot.A).base();
    assertThat(removed.active()).isEqualTo(Slot.BASE);
    assertThat(removed.a().isWhole(ID)).isTrue();
  }

  @Test
  void free_isNeitherActiveNorOnTrial() {
    assertThat(FACTORY.free()).isEqualTo(Slot.A);
    assertThat(ON_TRIAL.free()).isEqualTo(Slot.B);
    assertThat(ON_TRIAL.confirmed(Slot.A).free()).isEqualTo(Slot.B);
    assertThat(ON_TRIAL.failed(Slot.A).free()).isEqualTo(Slot.A);
  }

  @Test
  void unusable_slotInUseOrBase_isRefused() {
    for (ActivationRecord inUse : new ActivationRecord[] {ON_TRIAL, ON_TRIAL.confirmed(Slot.A)}) {
      assertThatThrownBy(() -> inUse.unusable(Slot.A, ID))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> FACTORY.unusable(Slot.BASE, ID))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void record_thatContradictsItself_isRefused() {
    assertThatThrownBy(() -> new SlotContent(SlotContent.State.EMPTY, Optional.of(ID)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SlotContent(SlotContent.State.WHOLE, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ON_TRIAL.confirmed(Slot.A).onTrial(Slot.A, ID, 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FACTORY.onTrial(Slot.A, ID, 16))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void gaveUp_isWhatASlotSays() {
    Sha256 other = Sha256.of(new byte[] {2});
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord onTrial = FACTORY.unusable(slot, ID).onTrial(slot, ID, 3);
      assertThat(onTrial.gaveUp(ID)).isFalse();
      assertThat(onTrial.failed(slot).gaveUp(ID)).isTrue();
      assertThat(onTrial.failed(slot).gaveUp(other)).isFalse();
    }
  }

  @Test
  void removed_isWholeWhileBaseIsActive() {
    Sha256 other = Sha256.of(new byte[] {2});
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord onTrial = FACTORY.unusable(slot, ID).onTrial(slot, ID, 3);
      assertThat(onTrial.removed(ID)).isFalse();
      assertThat(onTrial.failed(slot).removed(ID)).isFalse();
      assertThat(onTrial.confirmed(slot).removed(ID)).isFalse();
      assertThat(onTrial.confirmed(slot).base().removed(ID)).isTrue();
      assertThat(onTrial.confirmed(slot).base().removed(other)).isFalse();
    }
  }

  @Test
  void changesOfOneSlot_leaveTheOtherAndItsTrial() {
    Sha256 other = Sha256.of(new byte[] {2});
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      Slot beside = slot == Slot.A ? Slot.B : Slot.A;
      ActivationRecord onTrial =
          FACTORY.unusable(beside, other).unusable(slot, ID).onTrial(slot, ID, 3);
      assertThat(onTrial.content(beside).holds(other)).isTrue();
      ActivationRecord failed = onTrial.failed(beside);
      assertThat(failed.isOnTrial(slot)).isTrue();
      assertThat(failed.tries()).isEqualTo(3);
      assertThat(failed.content(slot).isWhole(ID)).isTrue();
      assertThat(failed.content(beside).isFailed(other)).isTrue();
    }
  }

  @Test
  void content_isAboutItsOwnPatch() {
    Sha256 other = Sha256.of(new byte[] {2});
    for (SlotContent.State state : SlotContent.State.values()) {
      if (state != SlotContent.State.EMPTY) {
        SlotContent content = new SlotContent(state, Optional.of(ID));
        assertThat(content.holds(ID)).isTrue();
        assertThat(content.holds(other)).isFalse();
        assertThat(content.isWhole(ID)).isEqualTo(state == SlotContent.State.WHOLE);
        assertThat(content.isWhole(other)).isFalse();
        assertThat(content.isFailed(ID)).isEqualTo(state == SlotContent.State.FAILED);
        assertThat(content.isFailed(other)).isFalse();
      }
    }
    assertThat(SlotContent.EMPTY.holds(ID)).isFalse();
  }
}
