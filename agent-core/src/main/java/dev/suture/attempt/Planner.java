package dev.suture.attempt;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotContent;
import java.util.Optional;

/**
 * All transitions, in one place: what to do next, given where the attempt stands, what can be read
 * back, and what is allowed. Pure. docs/lifecycle.md has the same table; an unlisted combination
 * takes the fail-safe.
 */
public final class Planner {
  private Planner() {}

  /** The next step, and why. */
  public static Decision decide(Optional<Attempt> attempt, Facts facts, Conditions conditions) {
    if (attempt.isPresent() && attempt.get().phase().isTerminal()) {
      return new Decision(Step.CLOSE, "the attempt ended as " + attempt.get().phase());
    }
    if (!facts.record().isPresent()) {
      return new Decision(Step.FAIL_SAFE, "no copy of the activation record is valid");
    }
    if (!attempt.isPresent() || attempt.get().phase().number() < Phase.ARMING.number()) {
      Optional<Decision> aftermath = aftermath(facts, conditions);
      if (aftermath.isPresent()) {
        return aftermath.get();
      }
    }
    if (!attempt.isPresent()) {
      return begin(facts.running(), facts.record().get(), conditions);
    }
    return attempt.get().isRemoval()
        ? removal(attempt.get(), facts.running(), facts.record().get())
        : install(attempt.get(), facts.running(), facts.record().get(), conditions);
  }

  /** What became of earlier attempts comes before anything new. */
  private static Optional<Decision> aftermath(Facts facts, Conditions conditions) {
    if (conditions.unnoted().isPresent()) {
      return Optional.of(
          new Decision(
              Step.NOTE_GIVEN_UP,
              "slot " + conditions.unnoted().get().word() + " was given up outside any attempt"));
    }
    Slot running = facts.running();
    ActivationRecord record = facts.record().orElseThrow(IllegalStateException::new);
    if (conditions.activeIsBad().isPresent()
        && record.active() != Slot.BASE
        && !record.trial().isPresent()) {
      return Optional.of(new Decision(Step.GIVE_UP_ACTIVE, conditions.activeIsBad().get()));
    }
    if (running != record.active() || running == Slot.BASE) {
      return Optional.empty();
    }
    if (record.starts() > 0) {
      return Optional.of(
          new Decision(
              Step.WATCH_START, "slot " + running.word() + " was started, and must be seen alive"));
    }
    return conditions.isProbationDue()
        ? Optional.of(
            new Decision(Step.WATCH_PROBATION, "slot " + running.word() + " is on probation"))
        : Optional.empty();
  }

  private static Decision begin(Slot running, ActivationRecord record, Conditions conditions) {
    if (record.trial().isPresent()) {
      return new Decision(
          Step.GIVE_UP_TRIAL,
          "slot "
              + record.trial().get().word()
              + " is on trial, but no attempt is under way to judge it");
    }
    if (running != Slot.BASE && running != record.active()) {
      return new Decision(
          Step.RESTART,
          "slot " + running.word() + " runs, but the record says " + record.active().word());
    }
    if (conditions.removalRequested()) {
      return record.active() == Slot.BASE && running == Slot.BASE
          ? new Decision(Step.IDLE, "base runs already, nothing is to be removed")
          : toBase("removal was asked for", conditions);
    }
    if (conditions.mustLeave().isPresent()
        && !(conditions.candidate().isPresent() && conditions.mayInstall().allowed())) {
      Decision leave = toBase(conditions.mustLeave().get(), conditions);
      return leave.step() == Step.BEGIN_REMOVAL
          ? unlessHeldUp(conditions, leave.step(), leave.because())
          : leave;
    }
    if (!conditions.candidate().isPresent()) {
      return conditions.isSealedMissing()
          ? new Decision(Step.FETCH_SEALED, "a sealed file is published, its key will follow")
          : new Decision(Step.IDLE, "no newer level is published");
    }
    String title = conditions.candidate().get().title();
    return conditions.mayInstall().allowed()
        ? new Decision(Step.BEGIN, title + " is published and " + conditions.mayInstall().because())
        : new Decision(
            Step.WAIT, title + " is published, but " + conditions.mayInstall().because());
  }

  private static Decision toBase(String because, Conditions conditions) {
    return conditions.baseForbidden().isPresent()
        ? new Decision(Step.IDLE, because + ", but " + conditions.baseForbidden().get())
        : new Decision(Step.BEGIN_REMOVAL, because);
  }

  private static Decision removal(Attempt attempt, Slot running, ActivationRecord record) {
    boolean baseIsActive = record.active() == Slot.BASE && !record.trial().isPresent();
    return switch (attempt.phase()) {
      case ARMING ->
          baseIsActive
              ? new Decision(Step.NOTE_ARMED, "the record says base already")
              : new Decision(Step.ARM, "removal is one write of the record");
      case ARMED ->
          !baseIsActive
              ? new Decision(
                  Step.FAIL_SAFE, "removal was written, but the record does not say base")
              : running == Slot.BASE
                  ? new Decision(Step.CONCLUDE_REMOVED, "base runs")
                  : restart(
                      attempt, "the record says base, slot " + running.word() + " still runs");
      case NOTICED, VERIFIED, FETCHED, WRITING, STAGED ->
          new Decision(Step.FAIL_SAFE, "a removal has no phase " + attempt.phase());
      case ACTIVE, REVERTED, REJECTED, ABANDONED, REMOVED ->
          new Decision(Step.CLOSE, "the attempt ended as " + attempt.phase());
    };
  }

  private static Decision install(
      Attempt attempt, Slot running, ActivationRecord record, Conditions conditions) {
    Slot target = attempt.target();
    Sha256 id = attempt.goal().orElseThrow(IllegalStateException::new).manifest().sha256();
    SlotContent content = record.content(target);
    boolean inUse = running == target || record.active() == target || record.isOnTrial(target);
    boolean beingWritten = content.state() == SlotContent.State.UNUSABLE && content.holds(id);
    Optional<String> pointless = pointless(attempt, conditions);
    if (pointless.isPresent()) {
      return new Decision(Step.SUPERSEDE, pointless.get());
    }
    return switch (attempt.phase()) {
      case NOTICED ->
          new Decision(Step.VERIFY_MANIFEST, "the signed metadata names " + attempt.title());
      case VERIFIED ->
          conditions.mayInstall().allowed()
              ? unlessHeldUp(conditions, Step.FETCH_PAYLOADS, conditions.mayInstall().because())
              : new Decision(Step.WAIT, conditions.mayInstall().because());
      case FETCHED ->
          inUse
              ? new Decision(
                  Step.FAIL_SAFE, "slot " + target.word() + " is in use and must not be written")
              : new Decision(Step.MARK_UNUSABLE, "every payload is here and verified");
      case WRITING ->
          inUse || !beingWritten
              ? new Decision(
                  Step.FAIL_SAFE, "slot " + target.word() + " is not marked for this patch")
              : unlessHeldUp(
                  conditions, Step.REBUILD, "slot " + target.word() + " is marked unusable");
      case STAGED -> staged(attempt, inUse, beingWritten, conditions);
      case ARMING -> arming(attempt, running, record, id, beingWritten);
      case ARMED -> armed(attempt, running, record, id);
      case ACTIVE, REVERTED, REJECTED, ABANDONED, REMOVED ->
          new Decision(Step.CLOSE, "the attempt ended as " + attempt.phase());
    };
  }

  /** Before the trial is counted, an attempt can still be dropped without a trace. */
  private static Optional<String> pointless(Attempt attempt, Conditions conditions) {
    if (attempt.phase().number() >= Phase.ARMING.number()) {
      return Optional.empty();
    }
    if (conditions.removalRequested()) {
      return Optional.of("removal was asked for");
    }
    return conditions
        .candidate()
        .filter(
            newer ->
                newer
                        .level()
                        .compareTo(attempt.goal().orElseThrow(IllegalStateException::new).level())
                    > 0)
        .map(newer -> newer.title() + " is published, which is newer");
  }

  private static Decision staged(
      Attempt attempt, boolean inUse, boolean beingWritten, Conditions conditions) {
    if (inUse || !beingWritten) {
      return new Decision(
          Step.FAIL_SAFE, "slot " + attempt.target().word() + " is not marked for this patch");
    }
    if (attempt.arms() >= Attempt.ARMS_MAX) {
      return new Decision(Step.FAIL_SAFE, "it was on trial " + attempt.arms() + " times already");
    }
    return conditions.mayRestart().allowed()
        ? unlessHeldUp(
            conditions,
            Step.COUNT_ARM,
            "the images are read back and " + conditions.mayRestart().because())
        : new Decision(
            Step.WAIT, "the images are read back, but " + conditions.mayRestart().because());
  }

  private static Decision unlessHeldUp(Conditions conditions, Step step, String because) {
    return conditions
        .heldUp()
        .map(why -> new Decision(Step.HOLD, why))
        .orElse(new Decision(step, because));
  }

  private static Decision arming(
      Attempt attempt, Slot running, ActivationRecord record, Sha256 id, boolean beingWritten) {
    Slot target = attempt.target();
    SlotContent content = record.content(target);
    if (record.isOnTrial(target) && content.isWhole(id)) {
      return new Decision(Step.NOTE_ARMED, "the record says trial already");
    }
    if (content.state() == SlotContent.State.FAILED && content.holds(id)) {
      return new Decision(Step.CONCLUDE_REVERTED, "the bootloader used up the tries");
    }
    return beingWritten && running != target && record.active() != target
        ? new Decision(Step.ARM, "one write of the record is the activation")
        : new Decision(Step.FAIL_SAFE, "slot " + target.word() + " is not ready for a trial");
  }

  private static Decision armed(Attempt attempt, Slot running, ActivationRecord record, Sha256 id) {
    Slot target = attempt.target();
    SlotContent content = record.content(target);
    if (!content.holds(id)) {
      return new Decision(Step.FAIL_SAFE, "slot " + target.word() + " does not hold this patch");
    }
    if (content.state() == SlotContent.State.FAILED) {
      return running == target
          ? restart(attempt, "the trial failed and slot " + target.word() + " still runs")
          : new Decision(Step.CONCLUDE_REVERTED, "the trial was given up");
    }
    if (content.state() != SlotContent.State.WHOLE) {
      return new Decision(
          Step.FAIL_SAFE, "slot " + target.word() + " was on trial, but is not whole");
    }
    if (record.isOnTrial(target)) {
      return running == target
          ? new Decision(Step.JUDGE, "slot " + target.word() + " runs on trial")
          : restart(
              attempt, "slot " + target.word() + " is on trial, " + running.word() + " still runs");
    }
    if (record.active() == target) {
      return new Decision(Step.CONCLUDE_ACTIVE, "slot " + target.word() + " is confirmed");
    }
    return new Decision(
        Step.FAIL_SAFE, "slot " + target.word() + " is neither on trial nor confirmed");
  }

  private static Decision restart(Attempt attempt, String because) {
    if (attempt.restarts() < Attempt.RESTARTS_MAX) {
      return new Decision(Step.RESTART, because);
    }
    String worn = because + ", after " + attempt.restarts() + " restarts";
    return attempt.isRemoval() || attempt.failure().isPresent()
        ? new Decision(Step.FAIL_SAFE, worn)
        : new Decision(Step.GIVE_UP_TRIAL, worn);
  }
}
