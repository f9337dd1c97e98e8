package dev.suture.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.policy.Answer;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotContent;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The table of docs/lifecycle.md once more, written as predicates, against the planner in every
 * situation that can be told apart.
 */
class PlannerTest {
  private static final Sha256 OURS = Sha256.of(new byte[] {1});
  private static final Sha256 OTHER = Sha256.of(new byte[] {2});
  private static final Patch PATCH = patch("b", OURS);

  /** Everything that a decision depends on. */
  private record Case(
      Optional<Attempt> attempt,
      Slot running,
      Optional<ActivationRecord> record,
      Conditions conditions) {
    Decision decide() {
      return Planner.decide(attempt, new Facts(running, record), conditions);
    }

    ActivationRecord known() {
      return record.orElseThrow();
    }

    Attempt attempted() {
      return attempt.orElseThrow();
    }

    Slot target() {
      return attempted().target();
    }

    SlotContent content() {
      return known().content(target());
    }

    boolean isHeldUp() {
      return conditions.heldUp().isPresent();
    }

    boolean is(Phase phase) {
      return attempt.isPresent() && attempted().phase() == phase;
    }

    boolean installs() {
      return attempt.isPresent() && !attempted().isRemoval();
    }

    boolean removes() {
      return attempt.isPresent() && attempted().isRemoval();
    }

    boolean targetIsFree() {
      return running != target() && known().active() != target() && !known().isOnTrial(target());
    }

    boolean targetIs(SlotContent.State state) {
      return content().state() == state && content().holds(OURS);
    }

    boolean baseIsActive() {
      return known().active() == Slot.BASE && !known().trial().isPresent();
    }

    boolean mayRestartAgain() {
      return attempted().restarts() < Attempt.RESTARTS_MAX;
    }
  }

  /** One line of the table: the first that holds decides. */
  private record Row(String name, Predicate<Case> when, Step step) {}

  private static final List<Row> TABLE = new ArrayList<>();

  private static void row(String name, Step step, Predicate<Case> when) {
    TABLE.add(new Row(name, when, step));
  }

  static {
    row("terminal", Step.CLOSE, c -> c.attempt.isPresent() && c.attempted().phase().isTerminal());
    row("record damaged", Step.FAIL_SAFE, c -> !c.record.isPresent());

    Predicate<Case> beforeTrial =
        c -> !c.attempt.isPresent() || c.attempted().phase().number() < Phase.ARMING.number();
    row(
        "given up, not noted",
        Step.NOTE_GIVEN_UP,
        beforeTrial.and(c -> c.conditions.unnoted().isPresent()));
    row(
        "bad on probation",
        Step.GIVE_UP_ACTIVE,
        beforeTrial.and(
            c ->
                c.conditions.activeIsBad().isPresent()
                    && c.known().active() != Slot.BASE
                    && !c.known().trial().isPresent()));
    row(
        "started, not seen alive",
        Step.WATCH_START,
        beforeTrial.and(c -> c.running == c.known().active() && c.known().starts() > 0));
    row(
        "on probation",
        Step.WATCH_PROBATION,
        beforeTrial.and(
            c ->
                c.conditions.isProbationDue()
                    && c.running != Slot.BASE
                    && c.running == c.known().active()));

    Predicate<Case> none = c -> !c.attempt.isPresent();
    row("trial of nobody", Step.GIVE_UP_TRIAL, none.and(c -> c.known().trial().isPresent()));
    row(
        "runs what the record does not say",
        Step.RESTART,
        none.and(c -> c.running != Slot.BASE && c.running != c.known().active()));
    row(
        "removal of nothing",
        Step.IDLE,
        none.and(
            c ->
                c.conditions.removalRequested()
                    && c.running == Slot.BASE
                    && c.known().active() == Slot.BASE));
    Predicate<Case> mayGoBack = c -> !c.conditions.baseForbidden().isPresent();
    Predicate<Case> removal = none.and(c -> c.conditions.removalRequested());
    row("removal", Step.BEGIN_REMOVAL, removal.and(mayGoBack));
    row("removal, base is forbidden", Step.IDLE, removal);
    Predicate<Case> withdrawn =
        none.and(
            c ->
                c.conditions.mustLeave().isPresent()
                    && !(c.conditions.candidate().isPresent()
                        && c.conditions.mayInstall().allowed()));
    row(
        "withdrawn, nowhere else to go, held up",
        Step.HOLD,
        withdrawn.and(mayGoBack).and(Case::isHeldUp));
    row("withdrawn, nowhere else to go", Step.BEGIN_REMOVAL, withdrawn.and(mayGoBack));
    row("withdrawn, base is forbidden", Step.IDLE, withdrawn);
    row(
        "nothing newer, a sealed file is published",
        Step.FETCH_SEALED,
        none.and(c -> !c.conditions.candidate().isPresent() && c.conditions.isSealedMissing()));
    row("nothing newer", Step.IDLE, none.and(c -> !c.conditions.candidate().isPresent()));
    row("newer, allowed", Step.BEGIN, none.and(c -> c.conditions.mayInstall().allowed()));
    row("newer, not allowed", Step.WAIT, none);

    row(
        "ARMING (base), written",
        Step.NOTE_ARMED,
        c -> c.removes() && c.is(Phase.ARMING) && c.baseIsActive());
    row("ARMING (base)", Step.ARM, c -> c.removes() && c.is(Phase.ARMING));
    row(
        "ARMED (base), base runs",
        Step.CONCLUDE_REMOVED,
        c -> c.removes() && c.is(Phase.ARMED) && c.baseIsActive() && c.running == Slot.BASE);
    row(
        "ARMED (base), another runs",
        Step.RESTART,
        c -> c.removes() && c.is(Phase.ARMED) && c.baseIsActive() && c.mayRestartAgain());
    row("removal, anything else", Step.FAIL_SAFE, Case::removes);

    Predicate<Case> early =
        c -> c.installs() && c.attempted().phase().number() < Phase.ARMING.number();
    row("dropped for removal", Step.SUPERSEDE, early.and(c -> c.conditions.removalRequested()));
    row(
        "dropped for a newer level",
        Step.SUPERSEDE,
        early.and(
            c ->
                c.conditions
                    .candidate()
                    .filter(one -> one.level().compareTo(PATCH.level()) > 0)
                    .isPresent()));
    row("NOTICED", Step.VERIFY_MANIFEST, c -> c.is(Phase.NOTICED));
    Predicate<Case> mayFetch = c -> c.is(Phase.VERIFIED) && c.conditions.mayInstall().allowed();
    row("VERIFIED, held up", Step.HOLD, mayFetch.and(Case::isHeldUp));
    row("VERIFIED, allowed", Step.FETCH_PAYLOADS, mayFetch);
    row("VERIFIED, not allowed", Step.WAIT, c -> c.is(Phase.VERIFIED));
    row("FETCHED", Step.MARK_UNUSABLE, c -> c.is(Phase.FETCHED) && c.targetIsFree());
    Predicate<Case> writing =
        c -> c.is(Phase.WRITING) && c.targetIsFree() && c.targetIs(SlotContent.State.UNUSABLE);
    row("WRITING, held up", Step.HOLD, writing.and(Case::isHeldUp));
    row("WRITING", Step.REBUILD, writing);
    Predicate<Case> staged =
        c ->
            c.is(Phase.STAGED)
                && c.targetIsFree()
                && c.targetIs(SlotContent.State.UNUSABLE)
                && c.attempted().arms() < Attempt.ARMS_MAX;
    Predicate<Case> mayArm = staged.and(c -> c.conditions.mayRestart().allowed());
    row("STAGED, held up", Step.HOLD, mayArm.and(Case::isHeldUp));
    row("STAGED, allowed", Step.COUNT_ARM, mayArm);
    row("STAGED, not allowed", Step.WAIT, staged);
    row(
        "ARMING, on trial already",
        Step.NOTE_ARMED,
        c ->
            c.is(Phase.ARMING)
                && c.targetIs(SlotContent.State.WHOLE)
                && c.known().isOnTrial(c.target()));
    row(
        "ARMING, tries used up",
        Step.CONCLUDE_REVERTED,
        c -> c.is(Phase.ARMING) && c.targetIs(SlotContent.State.FAILED));
    row(
        "ARMING",
        Step.ARM,
        c ->
            c.is(Phase.ARMING)
                && c.targetIs(SlotContent.State.UNUSABLE)
                && c.running != c.target()
                && c.known().active() != c.target());
    Predicate<Case> armed = c -> c.installs() && c.is(Phase.ARMED);
    row(
        "ARMED, failed, source runs",
        Step.CONCLUDE_REVERTED,
        armed.and(c -> c.targetIs(SlotContent.State.FAILED) && c.running != c.target()));
    Predicate<Case> otherRuns =
        armed.and(
            c ->
                c.targetIs(SlotContent.State.FAILED)
                    || c.targetIs(SlotContent.State.WHOLE)
                        && c.known().isOnTrial(c.target())
                        && c.running != c.target());
    row("ARMED, the other must run", Step.RESTART, otherRuns.and(Case::mayRestartAgain));
    row(
        "ARMED, restarted too often",
        Step.GIVE_UP_TRIAL,
        otherRuns.and(c -> !c.attempted().failure().isPresent()));
    row(
        "ARMED, on trial and runs",
        Step.JUDGE,
        armed.and(
            c ->
                !otherRuns.test(c)
                    && c.targetIs(SlotContent.State.WHOLE)
                    && c.known().isOnTrial(c.target())));
    row(
        "ARMED, confirmed",
        Step.CONCLUDE_ACTIVE,
        armed.and(
            c ->
                !otherRuns.test(c)
                    && c.targetIs(SlotContent.State.WHOLE)
                    && c.known().active() == c.target()));
    row("anything else", Step.FAIL_SAFE, c -> true);
  }

  private static Row rowOf(Case one) {
    return TABLE.stream().filter(row -> row.when.test(one)).findFirst().orElseThrow();
  }

  private static Patch patch(String level, Sha256 manifest) {
    return new Patch(
        new Baseline("26.1"), new Level(level), new FileRef("manifests/m.json", 10, manifest));
  }

  private static Attempt attempt(Slot target, Phase phase, int arms, int restarts, boolean failed) {
    return new Attempt(
        7,
        target == Slot.BASE ? Optional.empty() : Optional.of(PATCH),
        target,
        false,
        phase,
        false,
        arms,
        restarts,
        failed
            ? Optional.of(new Failure(dev.suture.protocol.failure.FailureCode.HEALTH_FAILED, "x"))
            : Optional.empty());
  }

  private static List<Optional<Attempt>> attempts() {
    List<Optional<Attempt>> all = new ArrayList<>();
    all.add(Optional.empty());
    for (Phase phase : Phase.values()) {
      for (Slot target : Slot.values()) {
        all.add(Optional.of(attempt(target, phase, 0, 0, false)));
        all.add(Optional.of(attempt(target, phase, Attempt.ARMS_MAX, 0, false)));
        all.add(Optional.of(attempt(target, phase, 1, Attempt.RESTARTS_MAX, false)));
        all.add(Optional.of(attempt(target, phase, 1, Attempt.RESTARTS_MAX, true)));
      }
    }
    return all;
  }

  private static List<SlotContent> contents() {
    List<SlotContent> all = new ArrayList<>();
    all.add(SlotContent.EMPTY);
    for (SlotContent.State state : SlotContent.State.values()) {
      if (state != SlotContent.State.EMPTY) {
        all.add(new SlotContent(state, Optional.of(OURS)));
        all.add(new SlotContent(state, Optional.of(OTHER)));
      }
    }
    return all;
  }

  private static List<Optional<ActivationRecord>> records() {
    List<Optional<ActivationRecord>> all = new ArrayList<>();
    all.add(Optional.empty());
    for (Slot active : Slot.values()) {
      for (Slot trial : Slot.values()) {
        if (trial != Slot.BASE && trial == active) {
          continue;
        }
        for (SlotContent a : contents()) {
          for (SlotContent b : contents()) {
            all.add(Optional.of(record(active, 0, trial, a, b)));
            // What the slots hold does not matter to a start.
            if (active != Slot.BASE && a.equals(b)) {
              all.add(Optional.of(record(active, 2, trial, a, b)));
            }
          }
        }
      }
    }
    return all;
  }

  private static ActivationRecord record(
      Slot active, int starts, Slot trial, SlotContent a, SlotContent b) {
    boolean onTrial = trial != Slot.BASE;
    return new ActivationRecord(
        9,
        active,
        starts,
        onTrial ? Optional.of(trial) : Optional.empty(),
        onTrial ? 2 : 0,
        a,
        b,
        'a');
  }

  private static Conditions conditions(
      Optional<Slot> unnoted,
      Optional<Patch> candidate,
      boolean removal,
      Answer mayInstall,
      Answer mayRestart) {
    return new Conditions(
        unnoted,
        candidate,
        removal,
        Optional.empty(),
        Optional.empty(),
        false,
        mayInstall,
        mayRestart,
        Optional.empty(),
        false,
        Optional.empty());
  }

  private static List<Conditions> conditions() {
    List<Conditions> all = new ArrayList<>();
    for (Optional<Patch> candidate :
        List.of(
            Optional.<Patch>empty(),
            Optional.of(patch("a", OTHER)),
            Optional.of(PATCH),
            Optional.of(patch("c", OTHER)))) {
      for (boolean removal : new boolean[] {false, true}) {
        for (boolean allowed : new boolean[] {false, true}) {
          Answer answer = allowed ? Answer.yes("it is on") : Answer.no("it is off");
          all.add(conditions(Optional.empty(), candidate, removal, answer, answer));
        }
      }
    }
    all.add(
        conditions(
            Optional.empty(),
            Optional.of(PATCH),
            false,
            Answer.yes("it is on"),
            Answer.no("it is off")));
    all.add(
        conditions(
            Optional.of(Slot.B),
            Optional.of(PATCH),
            false,
            Answer.yes("it is on"),
            Answer.yes("it is on")));
    for (Optional<String> leave :
        List.of(Optional.<String>empty(), Optional.of("it was withdrawn"))) {
      for (boolean allowed : new boolean[] {false, true}) {
        Answer answer = allowed ? Answer.yes("it is on") : Answer.no("it is off");
        all.add(
            new Conditions(
                Optional.empty(),
                Optional.empty(),
                false,
                leave,
                Optional.empty(),
                false,
                answer,
                answer,
                Optional.empty(),
                false,
                Optional.of("the battery is below 30 %")));
      }
    }
    for (boolean removal : new boolean[] {false, true}) {
      all.add(
          new Conditions(
              Optional.empty(),
              Optional.empty(),
              removal,
              Optional.empty(),
              Optional.of("no base"),
              true,
              Answer.yes("it is on"),
              Answer.yes("it is on"),
              Optional.empty(),
              false,
              Optional.empty()));
    }
    for (Optional<String> forbidden : List.of(Optional.<String>empty(), Optional.of("no base"))) {
      for (boolean allowed : new boolean[] {false, true}) {
        Answer answer = allowed ? Answer.yes("it is on") : Answer.no("it is off");
        for (Optional<Patch> candidate : List.of(Optional.<Patch>empty(), Optional.of(PATCH))) {
          all.add(
              new Conditions(
                  Optional.empty(),
                  candidate,
                  false,
                  Optional.of("it was withdrawn"),
                  forbidden,
                  true,
                  answer,
                  answer,
                  Optional.empty(),
                  false,
                  Optional.empty()));
        }
      }
    }
    for (Optional<String> bad : List.of(Optional.<String>empty(), Optional.of("it crashes"))) {
      for (Optional<Patch> candidate : List.of(Optional.<Patch>empty(), Optional.of(PATCH))) {
        all.add(
            new Conditions(
                Optional.empty(),
                candidate,
                false,
                Optional.empty(),
                Optional.empty(),
                false,
                Answer.yes("it is on"),
                Answer.yes("it is on"),
                bad,
                true,
                Optional.empty()));
      }
    }
    return all;
  }

  private interface Judge {
    void judge(Case one, Decision decision);
  }

  private static long everywhere(Judge judge) {
    long count = 0;
    List<Optional<ActivationRecord>> records = records();
    List<Conditions> conditions = conditions();
    for (Optional<Attempt> attempt : attempts()) {
      for (Slot running : Slot.values()) {
        for (Optional<ActivationRecord> record : records) {
          for (Conditions condition : conditions) {
            Case one = new Case(attempt, running, record, condition);
            judge.judge(one, one.decide());
            count++;
          }
        }
      }
    }
    return count;
  }

  @Test
  void decide_everySituation_isTheTableRow() {
    Map<Step, Integer> seen = new EnumMap<>(Step.class);
    long count =
        everywhere(
            (one, decision) -> {
              Row row = rowOf(one);
              if (decision.step() != row.step || decision.because().isEmpty()) {
                throw new AssertionError(
                    row.name + ": expected " + row.step + ", got " + decision + " for " + one);
              }
              seen.merge(decision.step(), 1, Integer::sum);
            });
    System.out.println("planner: " + count + " situations, " + seen);
    assertThat(seen.keySet()).containsExactlyInAnyOrder(Step.values());
  }

  @Test
  void decide_everySituation_neverWritesWhatRuns() {
    everywhere(
        (one, decision) -> {
          if (decision.step() == Step.MARK_UNUSABLE || decision.step() == Step.REBUILD) {
            assertHolds(one, one.target() != one.running);
            assertHolds(one, one.target() != one.known().active());
            assertHolds(one, !one.known().isOnTrial(one.target()));
          }
          if (decision.step() == Step.JUDGE) {
            assertHolds(one, one.running == one.target());
          }
        });
  }

  private static void assertHolds(Case one, boolean holds) {
    if (!holds) {
      throw new AssertionError("a slot in use is touched: " + one);
    }
  }

  @TestFactory
  List<DynamicTest> table_everyRow_decidesSomewhere() {
    List<Row> used = new ArrayList<>();
    everywhere(
        (one, decision) -> {
          Row row = rowOf(one);
          if (!used.contains(row)) {
            used.add(row);
          }
        });
    List<DynamicTest> tests = new ArrayList<>();
    for (Row row : TABLE) {
      tests.add(
          DynamicTest.dynamicTest(
              row.name + " -> " + row.step, () -> assertThat(used).contains(row)));
    }
    return tests;
  }
}
