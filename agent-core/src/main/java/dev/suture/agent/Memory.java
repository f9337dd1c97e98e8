package dev.suture.agent;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.store.Held;
import dev.suture.store.Journal;
import dev.suture.store.JournalState;
import dev.suture.store.Outcome;
import java.util.Collections;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the agent remembers: the journal, in memory as it is on disk. */
final class Memory {
  private static final Logger LOG = LoggerFactory.getLogger(Memory.class);

  private final Journal journal;
  private final Baseline baseline;
  private JournalState state;
  private boolean loaded;

  Memory(Journal journal, Baseline baseline) {
    this.journal = journal;
    this.baseline = baseline;
    this.state = JournalState.empty(baseline);
  }

  /**
   * Reads the journal, once. A damaged one is kept aside, which is an outcome of its own, and the
   * device goes on without; one of another baseline is retired.
   *
   * @return what was wrong with it
   */
  Optional<Failure> load() throws SutureException {
    if (loaded) {
      return Optional.empty();
    }
    Optional<Failure> damage = Optional.empty();
    try {
      state = journal.load(baseline);
    } catch (DeviceException e) {
      if (e.code() != FailureCode.JOURNAL_DAMAGED) {
        throw e;
      }
      LOG.error("journal damaged, kept aside: {}", e.getMessage());
      journal.keepAside();
      damage = Optional.of(Failure.of(e));
      note("journal", Phase.ABANDONED, Failure.of(e));
    }
    if (!state.baseline().equals(baseline)) {
      LOG.info("baseline {} replaces {}: every attempt is retired", baseline, state.baseline());
      state = state.retired(baseline);
    }
    loaded = true;
    return damage;
  }

  /** Replaces what is remembered. Durable on return; after a failure it is as before. */
  void save(JournalState next) throws SutureException {
    journal.save(next);
    state = next;
  }

  /** Saves the attempt under way. */
  void save(Attempt next) throws SutureException {
    save(state.with(next));
  }

  /**
   * Remembers something outside any attempt as an outcome of its own, so that it is reported until
   * it is acknowledged; once, even if what led to it is done again.
   */
  void note(String title, Phase phase, Failure failure) throws SutureException {
    Outcome outcome =
        new Outcome(state.lastNumber() + 1, title, phase, Optional.of(failure), false);
    boolean isNoted =
        state
            .lastOutcome()
            .filter(last -> !last.reported() && last.saysTheSameAs(outcome))
            .isPresent();
    if (!isNoted) {
      save(state.with(outcome));
    }
  }

  /**
   * Remembers that a patch was given up outside any attempt: an outcome of its own, and not to be
   * tried again by itself.
   */
  void noteGivenUp(Held patch, Failure failure) throws SutureException {
    Outcome outcome =
        new Outcome(
            state.lastNumber() + 1, patch.title(), Phase.REVERTED, Optional.of(failure), false);
    save(
        state
            .with(outcome)
            .holding(Collections.singletonList(patch))
            .withoutProbation(patch.manifest()));
  }

  JournalState state() {
    return state;
  }

  /** The attempt under way, where the planner has seen one. */
  Attempt attempt() {
    return state.attempt().orElseThrow(IllegalStateException::new);
  }

  /** The patch that the attempt under way is to install. */
  Patch goal() {
    return attempt().goal().orElseThrow(IllegalStateException::new);
  }
}
