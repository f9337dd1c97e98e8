package dev.suture.store;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Probation;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What the agent remembers, replaced as a whole.
 *
 * @param baseline the OS release it belongs to; another one retires all of it but the count
 * @param lastNumber number of the newest attempt
 * @param attempt the attempt under way
 * @param outcomes how earlier ones ended, oldest first, at most {@link #OUTCOMES_MAX}
 * @param held patches that are not tried again by themselves, oldest first, at most {@link
 *     #HELD_MAX}
 * @param probations the watch over what is active and over what is tried, at most {@link
 *     #PROBATIONS_MAX}; none of two is about the same level
 */
public record JournalState(
    Baseline baseline,
    long lastNumber,
    Optional<Attempt> attempt,
    List<Outcome> outcomes,
    List<Held> held,
    List<Probation> probations) {
  /** Most outcomes that are kept. */
  public static final int OUTCOMES_MAX = 32;

  /**
   * Most patches that are remembered as bad. A baseline has 702 levels; a publisher that needs more
   * has other worries.
   */
  public static final int HELD_MAX = 702;

  /** Most watches: one level is active, one is tried. */
  public static final int PROBATIONS_MAX = 2;

  /** Copies the lists, dropping the oldest over their limits. */
  public JournalState {
    outcomes = newest(outcomes, OUTCOMES_MAX);
    held = newest(held, HELD_MAX);
    probations = newest(probations, PROBATIONS_MAX);
  }

  private static <T> List<T> newest(List<T> all, int countMax) {
    int from = Math.max(0, all.size() - countMax);
    return Collections.unmodifiableList(new ArrayList<>(all.subList(from, all.size())));
  }

  /** A device that remembers nothing. */
  public static JournalState empty(Baseline baseline) {
    return new JournalState(
        baseline,
        0,
        Optional.empty(),
        Collections.emptyList(),
        Collections.emptyList(),
        Collections.emptyList());
  }

  /** What is left of it when another OS release was flashed: the count. */
  public JournalState retired(Baseline next) {
    return new JournalState(
        next,
        lastNumber,
        Optional.empty(),
        Collections.emptyList(),
        Collections.emptyList(),
        Collections.emptyList());
  }

  /** The same with this attempt under way. */
  public JournalState with(Attempt next) {
    return new JournalState(
        baseline,
        Math.max(lastNumber, next.number()),
        Optional.of(next),
        outcomes,
        held,
        probations);
  }

  /**
   * The attempt ended: its outcome is kept, and unless it went well its patch is held. A removal
   * that was asked for holds the patch that was removed, or else it would come back by itself; what
   * was withdrawn does not come back anyway.
   *
   * @param published what a removal must keep from coming back by itself
   */
  public JournalState closed(Attempt ended, List<Held> published) {
    List<Outcome> longer = new ArrayList<>(outcomes);
    longer.add(new Outcome(ended.number(), ended.title(), ended.phase(), ended.failure(), false));
    List<Held> more = new ArrayList<>(held);
    if (ended.phase() != Phase.ACTIVE && ended.goal().isPresent()) {
      more.add(new Held(ended.goal().get().manifest().sha256(), ended.title()));
    }
    if (ended.phase() == Phase.REMOVED && ended.requested()) {
      more.addAll(published);
    }
    return new JournalState(
        baseline, lastNumber, Optional.empty(), longer, distinct(more), remaining(ended));
  }

  /**
   * What was confirmed ends the watch over what ran before; base is not watched. What ended while a
   * patch was tried that is given up is not held against what ran before.
   */
  private List<Probation> remaining(Attempt ended) {
    List<Probation> remaining = new ArrayList<>(probations);
    remaining.removeIf(
        one ->
            ended.phase() == Phase.REMOVED
                || (ended.phase() == Phase.ACTIVE) != isAbout(one, ended)
                    && ended.goal().isPresent());
    if (ended.phase() == Phase.REVERTED) {
      remaining.replaceAll(Probation::unlooked);
    }
    return remaining;
  }

  private static boolean isAbout(Probation one, Attempt attempt) {
    return attempt
        .goal()
        .filter(goal -> goal.manifest().sha256().equals(one.manifest()))
        .isPresent();
  }

  /**
   * The attempt was dropped: its outcome is kept, nothing is held against its patch.
   *
   * @param published what must not come back by itself because removal was asked for; nothing if it
   *     was dropped for something newer
   */
  public JournalState superseded(Attempt dropped, List<Held> published) {
    List<Outcome> longer = new ArrayList<>(outcomes);
    longer.add(
        new Outcome(dropped.number(), dropped.title(), Phase.ABANDONED, dropped.failure(), false));
    List<Held> more = new ArrayList<>(held);
    more.addAll(published);
    return new JournalState(
        baseline, lastNumber, Optional.empty(), longer, distinct(more), remaining(dropped));
  }

  /** The same with these patches held as well. */
  public JournalState holding(List<Held> more) {
    List<Held> all = new ArrayList<>(held);
    all.addAll(more);
    return new JournalState(baseline, lastNumber, attempt, outcomes, distinct(all), probations);
  }

  private static List<Held> distinct(List<Held> all) {
    List<Held> distinct = new ArrayList<>();
    for (Held held : all) {
      if (!distinct.contains(held)) {
        distinct.add(held);
      }
    }
    return distinct;
  }

  /** The patch was asked for: it is not held any more. */
  public JournalState released(Sha256 manifest) {
    List<Held> fewer = new ArrayList<>(held);
    fewer.removeIf(one -> one.manifest().equals(manifest));
    return new JournalState(baseline, lastNumber, attempt, outcomes, fewer, probations);
  }

  /** Whether this patch is not to be tried by itself. */
  public boolean holds(Sha256 manifest) {
    return held.stream().anyMatch(one -> one.manifest().equals(manifest));
  }

  /** The same with an outcome of its own, for what happened outside any attempt. */
  public JournalState with(Outcome outcome) {
    List<Outcome> longer = new ArrayList<>(outcomes);
    longer.add(outcome);
    return new JournalState(
        baseline, Math.max(lastNumber, outcome.number()), attempt, longer, held, probations);
  }

  /** The watch over this level, if there is one. */
  public Optional<Probation> probation(Sha256 manifest) {
    return probations.stream().filter(one -> one.manifest().equals(manifest)).findFirst();
  }

  /** The same with this watch instead of that over the same level. */
  public JournalState with(Probation probation) {
    List<Probation> all = new ArrayList<>(withoutProbation(probation.manifest()).probations);
    all.add(probation);
    return new JournalState(baseline, lastNumber, attempt, outcomes, held, all);
  }

  /** The same without a watch over this level. */
  public JournalState withoutProbation(Sha256 manifest) {
    List<Probation> fewer = new ArrayList<>(probations);
    fewer.removeIf(one -> one.manifest().equals(manifest));
    return new JournalState(baseline, lastNumber, attempt, outcomes, held, fewer);
  }

  /** Everything is reported. */
  public JournalState acknowledged() {
    List<Outcome> all = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      all.add(outcome.acknowledged());
    }
    return new JournalState(baseline, lastNumber, attempt, all, held, probations);
  }

  /** The outcomes that the broker has not acknowledged, oldest first. */
  public List<Outcome> unreported() {
    List<Outcome> unreported = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (!outcome.reported()) {
        unreported.add(outcome);
      }
    }
    return unreported;
  }

  /** Whether there is an outcome that the broker has not acknowledged. */
  public boolean hasUnreported() {
    return outcomes.stream().anyMatch(outcome -> !outcome.reported());
  }

  /** The newest outcome. */
  public Optional<Outcome> lastOutcome() {
    return outcomes.isEmpty() ? Optional.empty() : Optional.of(outcomes.get(outcomes.size() - 1));
  }
}
