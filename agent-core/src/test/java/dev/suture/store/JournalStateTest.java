package dev.suture.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JournalStateTest {
  private static final Sha256 ID = Sha256.of(new byte[] {1});
  private static final Sha256 OTHER = Sha256.of(new byte[] {2});
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final Attempt ATTEMPT =
      Attempt.install(
          1, new Patch(BASELINE, new Level("a"), new FileRef("m.json", 1, ID)), Slot.A, false);
  private static final JournalState UNDER_WAY = JournalState.empty(BASELINE).with(ATTEMPT);

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"ACTIVE", "REVERTED", "REJECTED", "ABANDONED"})
  void closed_installation_isHeldUnlessItWentWell(Phase phase) {
    JournalState closed = UNDER_WAY.closed(ATTEMPT.in(phase), List.of(new Held(OTHER, "x")));
    assertThat(closed.attempt()).isEmpty();
    assertThat(closed.holds(ID)).isEqualTo(phase != Phase.ACTIVE);
    assertThat(closed.holds(OTHER)).isFalse();
    assertThat(closed.lastOutcome())
        .hasValue(new Outcome(1, "26.1 (a)", phase, Optional.empty(), false));
    assertThat(closed.hasUnreported()).isTrue();
    assertThat(closed.acknowledged().hasUnreported()).isFalse();
  }

  @Test
  void closed_removal_holdsWhatIsPublished_once() {
    Attempt removal = Attempt.remove(2, true).in(Phase.REMOVED);
    List<Held> published = List.of(new Held(ID, "26.1 (a)"), new Held(OTHER, "26.1 (b)"));
    JournalState closed =
        UNDER_WAY.with(removal).closed(removal, published).closed(removal, published);
    assertThat(closed.held()).isEqualTo(published);
  }

  @Test
  void superseded_nothingIsHeld_andOutcomeIsKept() {
    JournalState superseded = UNDER_WAY.superseded(ATTEMPT, List.of());
    assertThat(superseded.attempt()).isEmpty();
    assertThat(superseded.held()).isEmpty();
    assertThat(superseded.lastOutcome().orElseThrow().phase()).isEqualTo(Phase.ABANDONED);
  }

  @Test
  void superseded_forRemoval_holdsWhatIsPublished() {
    List<Held> published = List.of(new Held(ID, "26.1 (a)"), new Held(OTHER, "26.1 (b)"));
    assertThat(UNDER_WAY.superseded(ATTEMPT, published).held()).isEqualTo(published);
  }

  @Test
  void retired_onlyTheCountIsLeft() {
    Baseline next = new Baseline("26.2");
    JournalState retired =
        UNDER_WAY.closed(ATTEMPT.in(Phase.REVERTED), List.of()).with(ATTEMPT).retired(next);
    assertThat(retired)
        .isEqualTo(new JournalState(next, 1, Optional.empty(), List.of(), List.of(), List.of()));
  }

  @Test
  void released_isNotHeldAnyMore() {
    JournalState held = UNDER_WAY.closed(ATTEMPT.in(Phase.REVERTED), List.of());
    assertThat(held.released(OTHER).holds(ID)).isTrue();
    assertThat(held.released(ID).holds(ID)).isFalse();
  }

  @Test
  void with_attempt_numberNeverGoesBack() {
    assertThat(UNDER_WAY.with(Attempt.remove(9, true)).with(ATTEMPT).lastNumber()).isEqualTo(9);
  }

  @Test
  void failure_longMessage_isBounded() {
    assertThat(new Failure(FailureCode.STORAGE_IO, "x".repeat(5_000)).message()).hasSize(500);
  }

  @Test
  void holding_more_isHeldOnce_andNothingElseChanges() {
    List<Held> held = List.of(new Held(ID, "26.1 (a)"), new Held(OTHER, "26.1 (b)"));
    JournalState holding = UNDER_WAY.holding(held).holding(held);
    assertThat(holding.held()).isEqualTo(held);
    assertThat(holding.attempt()).hasValue(ATTEMPT);
  }

  @Test
  void with_outcomeOutsideAnyAttempt_isNumberedLikeOne() {
    Outcome outcome = new Outcome(2, "fail-safe", Phase.ABANDONED, Optional.empty(), false);
    JournalState state = UNDER_WAY.with(outcome);
    assertThat(state.lastOutcome()).hasValue(outcome);
    assertThat(state.lastNumber()).isEqualTo(2);
    assertThat(state.attempt()).hasValue(ATTEMPT);
    assertThat(state.with(ATTEMPT).lastNumber()).isEqualTo(2);
  }

  @Test
  void unreported_isWhatWasNotAcknowledged_oldestFirst() {
    Outcome first = new Outcome(1, "x", Phase.ACTIVE, Optional.empty(), false);
    Outcome second = new Outcome(2, "y", Phase.REVERTED, Optional.empty(), false);
    Outcome third = new Outcome(3, "z", Phase.ACTIVE, Optional.empty(), false);
    JournalState acknowledged = UNDER_WAY.with(first).acknowledged();
    assertThat(acknowledged.unreported()).isEmpty();
    assertThat(acknowledged.with(second).with(third).unreported()).containsExactly(second, third);
  }

  @Test
  void outcome_saysTheSame_butForNumberAndAcknowledgement() {
    Outcome outcome = new Outcome(2, "fail-safe", Phase.ABANDONED, Optional.empty(), false);
    assertThat(
            outcome.saysTheSameAs(
                new Outcome(3, "fail-safe", Phase.ABANDONED, Optional.empty(), true)))
        .isTrue();
    assertThat(outcome.saysTheSameAs(new Outcome(2, "x", Phase.ABANDONED, Optional.empty(), false)))
        .isFalse();
    assertThat(
            outcome.saysTheSameAs(
                new Outcome(2, "fail-safe", Phase.REVERTED, Optional.empty(), false)))
        .isFalse();
    Failure failure = new Failure(FailureCode.STATE_UNEXPECTED, "x");
    assertThat(
            outcome.saysTheSameAs(
                new Outcome(2, "fail-safe", Phase.ABANDONED, Optional.of(failure), false)))
        .isFalse();
  }

  @Test
  void lastOutcome_isTheNewest_ifThereIsOne() {
    JournalState empty = JournalState.empty(BASELINE);
    assertThat(empty.lastOutcome()).isEmpty();
    assertThat(empty.baseline()).isEqualTo(BASELINE);
    Outcome first = new Outcome(1, "x", Phase.ACTIVE, Optional.empty(), false);
    Outcome second = new Outcome(2, "y", Phase.ACTIVE, Optional.empty(), false);
    assertThat(empty.with(first).with(second).lastOutcome()).hasValue(second);
  }
}
