package dev.suture.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivationRecordTest {
  private static final Sha256 ID = Sha256.of(new byte[] {1});
  private static final Sha256 OTHER = Sha256.of(new byte[] {2});
  private static final ActivationRecord FACTORY = ActivationRecord.factory('a');
  private static final ActivationRecord ON_TRIAL =
      FACTORY.unusable(Slot.A, ID).onTrial(Slot.A, ID, 3);

  private static Slot other(Slot slot) {
    return slot == Slot.A ? Slot.B : Slot.A;
  }

  private static ActivationRecord confirmed(ActivationRecord before, Slot slot, Sha256 manifest) {
    return before.unusable(slot, manifest).onTrial(slot, manifest, 3).confirmed(slot);
  }

  /** This slot runs; the other one holds what ran before. */
  private static ActivationRecord second(Slot slot) {
    return confirmed(confirmed(FACTORY, other(slot), OTHER), slot, ID);
  }

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
    ActivationRecord confirmed = ON_TRIAL.confirmed(Slot.A);
    assertThat(confirmed.started().sequence()).isEqualTo(5);
    assertThat(confirmed.alive().sequence()).isEqualTo(5);
    assertThat(confirmed.activeFailed().sequence()).isEqualTo(5);
    assertThat(confirmed.activeDamaged().sequence()).isEqualTo(5);
    assertThat(confirmed.retired().sequence()).isEqualTo(5);
  }

  @Test
  void tryTaken_isOneLess_andNothingElse_untilNoneIsLeft() {
    ActivationRecord taken = ON_TRIAL.tryTaken();
    assertThat(taken)
        .isEqualTo(
            new ActivationRecord(
                ON_TRIAL.sequence() + 1,
                ON_TRIAL.active(),
                ON_TRIAL.starts(),
                ON_TRIAL.trial(),
                2,
                ON_TRIAL.a(),
                ON_TRIAL.b(),
                ON_TRIAL.osSlot()));
    ActivationRecord last = taken.tryTaken().tryTaken();
    assertThat(last.tries()).isZero();
    assertThat(last.isOnTrial(Slot.A)).isTrue();
    assertThatThrownBy(last::tryTaken).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(FACTORY::tryTaken).isInstanceOf(IllegalArgumentException.class);
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
  void confirmed_otherSlotRanUntilNow_staysWhole() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      assertThat(second(slot).content(other(slot)).isWhole(OTHER)).isTrue();
    }
  }

  @Test
  void confirmed_otherSlotWasRemovedBefore_isNothingToGoBackTo() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord removed = confirmed(FACTORY, other(slot), OTHER).base();
      assertThat(confirmed(removed, slot, ID).content(other(slot)))
          .isEqualTo(new SlotContent(SlotContent.State.UNUSABLE, Optional.of(OTHER)));
    }
  }

  @Test
  void confirmed_otherSlotWasGivenUpBefore_staysKnownAsThat() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord givenUp =
          FACTORY.unusable(other(slot), OTHER).onTrial(other(slot), OTHER, 3).failed(other(slot));
      assertThat(confirmed(givenUp, slot, ID).gaveUp(OTHER)).isTrue();
    }
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
    assertThat(failed.tries()).isZero();
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
    for (ActivationRecord any : new ActivationRecord[] {FACTORY, ON_TRIAL.confirmed(Slot.A)}) {
      assertThatThrownBy(() -> any.unusable(Slot.BASE, ID))
          .isInstanceOf(IllegalArgumentException.class);
    }
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
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord onTrial = FACTORY.unusable(slot, ID).onTrial(slot, ID, 3);
      assertThat(onTrial.gaveUp(ID)).isFalse();
      assertThat(onTrial.failed(slot).gaveUp(ID)).isTrue();
      assertThat(onTrial.failed(slot).gaveUp(OTHER)).isFalse();
    }
  }

  @Test
  void removed_isWholeWhileBaseIsActive() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord onTrial = FACTORY.unusable(slot, ID).onTrial(slot, ID, 3);
      assertThat(onTrial.removed(ID)).isFalse();
      assertThat(onTrial.failed(slot).removed(ID)).isFalse();
      assertThat(onTrial.confirmed(slot).removed(ID)).isFalse();
      assertThat(onTrial.confirmed(slot).base().removed(ID)).isTrue();
      assertThat(onTrial.confirmed(slot).base().removed(OTHER)).isFalse();
    }
  }

  @Test
  void changesOfOneSlot_leaveTheOtherAndItsTrial() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      Slot beside = other(slot);
      ActivationRecord onTrial =
          FACTORY.unusable(beside, OTHER).unusable(slot, ID).onTrial(slot, ID, 3);
      assertThat(onTrial.content(beside).holds(OTHER)).isTrue();
      ActivationRecord failed = onTrial.failed(beside);
      assertThat(failed.isOnTrial(slot)).isTrue();
      assertThat(failed.tries()).isEqualTo(3);
      assertThat(failed.content(slot).isWhole(ID)).isTrue();
      assertThat(failed.content(beside).isFailed(OTHER)).isTrue();
    }
  }

  @Test
  void content_isAboutItsOwnPatch() {
    for (SlotContent.State state : SlotContent.State.values()) {
      if (state != SlotContent.State.EMPTY) {
        SlotContent content = new SlotContent(state, Optional.of(ID));
        assertThat(content.holds(ID)).isTrue();
        assertThat(content.holds(OTHER)).isFalse();
        assertThat(content.isWhole(ID)).isEqualTo(state == SlotContent.State.WHOLE);
        assertThat(content.isWhole(OTHER)).isFalse();
        assertThat(content.isFailed(ID)).isEqualTo(state == SlotContent.State.FAILED);
        assertThat(content.isFailed(OTHER)).isFalse();
        assertThat(content.failed())
            .isEqualTo(state == SlotContent.State.FAILED ? Optional.of(ID) : Optional.empty());
      }
    }
    assertThat(SlotContent.EMPTY.holds(ID)).isFalse();
    assertThat(SlotContent.EMPTY.failed()).isEmpty();
  }

  @Test
  void retired_onlyTheOsSlotIsLeft() {
    ActivationRecord running =
        confirmed(confirmed(ActivationRecord.factory('b'), Slot.B, OTHER), Slot.A, ID).started();
    assertThat(running.retired())
        .isEqualTo(
            new ActivationRecord(
                running.sequence() + 1,
                Slot.BASE,
                0,
                Optional.empty(),
                0,
                SlotContent.EMPTY,
                SlotContent.EMPTY,
                'b'));
  }

  @Test
  void started_isCounted_andAliveForgetsIt_andNothingElseChanges() {
    ActivationRecord before =
        confirmed(FACTORY, Slot.A, ID).unusable(Slot.B, OTHER).onTrial(Slot.B, OTHER, 3);
    ActivationRecord twice = before.started().started();
    assertThat(twice)
        .isEqualTo(
            new ActivationRecord(
                before.sequence() + 2,
                Slot.A,
                2,
                Optional.of(Slot.B),
                3,
                before.a(),
                before.b(),
                'a'));
    assertThat(twice.alive())
        .isEqualTo(
            new ActivationRecord(
                before.sequence() + 3,
                Slot.A,
                0,
                Optional.of(Slot.B),
                3,
                before.a(),
                before.b(),
                'a'));
  }

  @Test
  void isWornOut_withTheLastStartWithoutASignOfLife_notBefore() {
    ActivationRecord record = confirmed(FACTORY, Slot.A, ID);
    for (int starts = 0; starts < ActivationRecord.STARTS_MAX; starts++) {
      assertThat(record.starts()).isEqualTo(starts);
      assertThat(record.isWornOut()).isFalse();
      record = record.started();
    }
    assertThat(record.isWornOut()).isTrue();
    assertThat(record.alive().isWornOut()).isFalse();
    assertThatThrownBy(record::started).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void activeFailed_otherSlotRanBefore_runsAgain() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord failed = second(slot).started().activeFailed();
      assertThat(failed.active()).isEqualTo(other(slot));
      assertThat(failed.starts()).isZero();
      assertThat(failed.content(slot).isFailed(ID)).isTrue();
      assertThat(failed.content(other(slot)).isWhole(OTHER)).isTrue();
    }
  }

  @Test
  void activeFailed_otherSlotIsNotWhole_baseRuns() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord first = confirmed(FACTORY, slot, ID).started();
      for (ActivationRecord running :
          new ActivationRecord[] {first, first.unusable(other(slot), OTHER)}) {
        ActivationRecord failed = running.activeFailed();
        assertThat(failed.active()).isEqualTo(Slot.BASE);
        assertThat(failed.starts()).isZero();
        assertThat(failed.content(slot).isFailed(ID)).isTrue();
        assertThat(failed.content(other(slot))).isEqualTo(running.content(other(slot)));
      }
    }
  }

  @Test
  void activeFailed_otherSlotIsOnTrial_baseRuns_andTheTrialGoesOn() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord failed =
          confirmed(FACTORY, slot, ID)
              .unusable(other(slot), OTHER)
              .onTrial(other(slot), OTHER, 3)
              .activeFailed();
      assertThat(failed.active()).isEqualTo(Slot.BASE);
      assertThat(failed.isOnTrial(other(slot))).isTrue();
      assertThat(failed.tries()).isEqualTo(3);
    }
  }

  @Test
  void activeDamaged_otherSlotRanBefore_runsAgain_andThePatchIsNotGivenUp() {
    for (Slot slot : new Slot[] {Slot.A, Slot.B}) {
      ActivationRecord damaged = second(slot).started().activeDamaged();
      assertThat(damaged.active()).isEqualTo(other(slot));
      assertThat(damaged.starts()).isZero();
      assertThat(damaged.content(slot))
          .isEqualTo(new SlotContent(SlotContent.State.UNUSABLE, Optional.of(ID)));
      assertThat(damaged.gaveUp(ID)).isFalse();
    }
  }
}
