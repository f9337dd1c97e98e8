package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.attempt.Failure;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Probation;
import dev.suture.attempt.ProbationTerms;
import dev.suture.health.CheckResult;
import dev.suture.live.Services.Condition;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.sim.CacheFate;
import dev.suture.sim.SimDevice;
import dev.suture.sim.SimPublisher;
import dev.suture.slot.SlotContent;
import dev.suture.store.JournalBytes;
import dev.suture.store.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is confirmed is watched for a while, and left when it turns out bad. */
class ProbationWatchTest {
  private static final ProbationTerms TERMS = new ProbationTerms(60, 5, 3, 10);
  private static final long LOOK = ProbationWatch.LOOK_EVERY_MILLIS;
  private static final int LOOKS_PER_MINUTE = 2;

  private final SimPublisher publisher = new SimPublisher();
  private final SimDevice device = new SimDevice(publisher);

  private void on(ProbationTerms terms) {
    device.probation(terms);
    device.boot();
    device.settle();
  }

  private Manifest installed(SimPublisher.Release release) {
    Manifest manifest = publisher.release(release);
    device.agent().check();
    device.settle();
    return manifest;
  }

  /** Looks of the agent, half a minute between any two. */
  private void looks(int count) {
    for (int look = 0; look < count; look++) {
      device.clock().advance(LOOK);
      device.settle();
    }
  }

  /** Ends once between two looks, so often. */
  private void endsInLooks(String service, int times) throws SutureException {
    for (int i = 0; i < times; i++) {
      device.services().die(service, 1, 0);
      looks(1);
    }
  }

  private Optional<Integer> minutesLeft() {
    return device.agent().status().probation().map(StatusDocument.Probation::minutesLeft);
  }

  private Probation probation() {
    return device.agent().history().probations().get(0);
  }

  private void assertRuns(Slot slot) throws SutureException {
    assertThat(device.kernel().mountedSlot()).isEqualTo(slot);
    assertThat(device.record().active()).isEqualTo(slot);
    assertThat(device.services().isOldCodeRunning()).isFalse();
    device.invariants().checkRunning();
  }

  private void assertGivenUp(Manifest manifest, Slot runs, String because) throws SutureException {
    assertRuns(runs);
    Outcome outcome = device.agent().history().lastOutcome().orElseThrow();
    assertThat(outcome.title()).isEqualTo(manifest.title());
    assertThat(outcome.phase()).isEqualTo(Phase.REVERTED);
    assertThat(outcome.failure().map(Failure::code)).contains(FailureCode.PROBATION_FAILED);
    assertThat(outcome.failure().orElseThrow().message()).contains(because);
    assertThat(device.agent().history().holds(manifest.digest())).isTrue();
    assertThat(device.agent().history().probations()).isEmpty();
    assertThat(device.agent().status().held()).contains(manifest.title());
    assertThat(device.reports().outcomes())
        .contains(outcome.number() + " " + manifest.title() + " REVERTED");
    assertThat(minutesLeft()).isEmpty();
  }

  @Test
  void confirmed_nothingHappens_isWatchedForItsTime_andNoLonger() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    assertThat(minutesLeft()).contains(60);
    looks(20 * LOOKS_PER_MINUTE);
    assertThat(minutesLeft()).contains(40);
    looks(40 * LOOKS_PER_MINUTE + 1);
    assertThat(minutesLeft()).isEmpty();
    assertThat(device.agent().history().probations()).isEmpty();
    device.services().die("web", 100, 100);
    looks(10);
    assertRuns(Slot.A);
  }

  @Test
  void switchedOff_confirmedIsNotWatched() throws SutureException {
    on(ProbationTerms.OFF);
    installed(SimPublisher.level("a").live());
    assertThat(minutesLeft()).isEmpty();
    assertThat(device.agent().history().probations()).isEmpty();
    device.services().die("web", 100, 100);
    looks(3);
    assertRuns(Slot.A);
  }

  @Test
  void serviceCrashes_goesBackLive_says_why_andIsNotTriedAgain() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    Manifest bad = installed(SimPublisher.level("b").live());
    assertRuns(Slot.B);
    device.services().die("web", 2, 2);
    looks(1);
    assertRuns(Slot.B);
    device.services().die("web", 1, 1);
    looks(1);
    assertGivenUp(bad, Slot.A, "service web crashed 3 times");
    assertThat(device.boots()).isEqualTo(1);
    device.agent().check();
    device.settle();
    looks(3);
    assertRuns(Slot.A);
    assertThat(device.agent().status().lastOutcome().orElseThrow().problem().orElseThrow().code())
        .isEqualTo(508);
  }

  @Test
  void serviceEndsByItself_patchThatNeedsAReboot_goesBackByOne() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a"));
    int boots = device.boots();
    for (int trouble = 1; trouble <= 4; trouble++) {
      device.services().die("web", 6, 0);
      looks(1);
      assertRuns(Slot.A);
    }
    device.services().die("web", 1, 0);
    looks(1);
    assertGivenUp(bad, Slot.BASE, "service web ended by itself 5 times");
    assertThat(device.boots()).isEqualTo(boots + 1);
  }

  @Test
  void givenUp_newerLevel_orAnExplicitWish_isTried() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a").live());
    device.services().die("web", 5, 5);
    looks(1);
    assertGivenUp(bad, Slot.BASE, "crashed 5 times");
    device.agent().requestInstall();
    device.settle();
    assertRuns(Slot.A);
    assertThat(minutesLeft()).contains(60);
    assertThat(probation().services()).allMatch(one -> one.deaths() == 0);
    installed(SimPublisher.level("b").live());
    assertRuns(Slot.B);
  }

  /** As often as a level may not, or between the writing and the switch, or down at the switch. */
  @Test
  void inTroubleBefore_isNotHeldAgainstTheLevel() throws SutureException {
    on(TERMS);
    device.services().die("web", 5, 0);
    device.services().become("store", Condition.Kind.DOWN);
    installed(SimPublisher.level("a").live());
    device.services().die("web", 50, 50);
    device.services().die("store", 50, 50);
    looks(2);
    assertRuns(Slot.A);
    assertThat(probation().services()).allMatch(one -> one.isExcused() && one.deaths() == 1);
  }

  @Test
  void endsWhileTheSlotIsWritten_isNotHeldAgainstTheLevel() throws SutureException {
    on(TERMS);
    publisher.release(SimPublisher.level("a").live());
    device.agent().check();
    while (!device.stage().equals(Phase.STAGED.name())) {
      device.steps(1);
    }
    device.services().die("web", 1, 1);
    device.settle();
    device.services().die("web", 50, 50);
    looks(1);
    assertRuns(Slot.A);
    endsInLooks("store", 5);
    assertRuns(Slot.BASE);
  }

  @Test
  void servicesCannotBeAsked_beforeOrMeanwhile_costsNothing() throws SutureException {
    on(TERMS);
    device.services().uncounted(true);
    installed(SimPublisher.level("a").live());
    looks(2);
    device.services().uncounted(false);
    device.services().die("store", 50, 50);
    looks(2);
    assertRuns(Slot.A);
    installed(SimPublisher.level("b").live());
    device.services().uncounted(true);
    device.services().die("web", 50, 50);
    looks(2);
    assertRuns(Slot.B);
    device.services().uncounted(false);
    looks(1);
    assertRuns(Slot.A);
  }

  @Test
  void checkFails_onEndForTheTime_goesBack() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a").live());
    device.probe().complain(Optional.of("expected 200, got 500"));
    looks(10 * LOOKS_PER_MINUTE);
    assertRuns(Slot.A);
    assertThat(device.agent().status().lastFailure().orElseThrow().code()).isEqualTo(501);
    device.probe().complain(Optional.empty());
    looks(1);
    assertThat(device.agent().status().lastFailure()).isEmpty();
    device.probe().complain(Optional.of("expected 200, got 500"));
    looks(10 * LOOKS_PER_MINUTE);
    assertRuns(Slot.A);
    looks(1);
    assertGivenUp(bad, Slot.BASE, "expected 200, got 500 (on end for 10 min)");
  }

  @Test
  void requiredCheck_saysFailed_goesBack_notYetAndWantedDoNot() throws SutureException {
    on(TERMS);
    device.checks().require("10-modem", CheckResult.Kind.PASSED);
    Manifest bad = installed(SimPublisher.level("a").live());
    device.checks().require("10-modem", CheckResult.Kind.NOT_YET);
    device.checks().want("20-printer", CheckResult.Kind.FAILED);
    looks(11 * LOOKS_PER_MINUTE);
    assertRuns(Slot.A);
    assertThat(device.agent().status().checks()).hasSize(2);
    device.checks().require("10-modem", CheckResult.Kind.FAILED);
    looks(10 * LOOKS_PER_MINUTE + 1);
    assertGivenUp(bad, Slot.BASE, "10-modem");
  }

  @Test
  void serviceIsGivenUp_onEndForTheTime_goesBack() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a").live());
    device.services().become("web", Condition.Kind.FAILED);
    device.services().becomeWhenRestarted("web", Condition.Kind.UP);
    looks(10 * LOOKS_PER_MINUTE + 1);
    assertGivenUp(bad, Slot.BASE, "service web was given up");
  }

  /** Each run of the agent pays for its first step at once, so many of them are soon through. */
  @Test
  void agentStartsAgain_costsAtMostAStep_andNeverMakesItLonger() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    looks(3 * LOOKS_PER_MINUTE);
    assertThat(minutesLeft()).contains(57);
    device.restartAgent();
    device.settle();
    assertThat(minutesLeft()).contains(55);
    looks(LOOKS_PER_MINUTE);
    int starts = 0;
    while (minutesLeft().isPresent()) {
      device.powerCycle(CacheFate.lost());
      device.settle();
      starts++;
    }
    assertThat(starts).isEqualTo(11);
    assertRuns(Slot.A);
  }

  @Test
  void agentStartsAgain_whatWasCountedCounts() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a").live());
    endsInLooks("web", 4);
    device.restartAgent();
    device.settle();
    assertThat(probation().services().stream().mapToInt(one -> one.deaths()).sum()).isEqualTo(4);
    device.services().die("web", 1, 0);
    looks(1);
    assertGivenUp(bad, Slot.BASE, "ended by itself 5 times");
  }

  /** The attempt has its target in the slots' old parts: it is dropped, and begun again. */
  @Test
  void newerLevelIsUnderWay_badOneIsLeft_andTheNewerIsInstalled() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    Manifest bad = installed(SimPublisher.level("b").live());
    publisher.release(SimPublisher.level("c").live());
    device.agent().check();
    while (!device.stage().equals(Phase.FETCHED.name())) {
      device.steps(1);
    }
    device.services().die("web", 3, 3);
    device.clock().advance(LOOK);
    device.settle();
    assertThat(device.agent().history().holds(bad.digest())).isTrue();
    assertThat(device.agent().status().release()).isEqualTo("26.1 (c)");
    assertThat(device.agent().status().held()).containsExactly(bad.title());
    assertThat(minutesLeft()).contains(60);
  }

  @Test
  void newerLevelFailsItsTrial_theWatchOverTheOldOneGoesOn() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a").live());
    endsInLooks("web", 4);
    installed(SimPublisher.level("b").live().sick());
    assertRuns(Slot.A);
    assertThat(device.agent().history().probations()).hasSize(1);
    device.services().die("web", 1, 0);
    looks(1);
    assertGivenUp(bad, Slot.BASE, "ended by itself 5 times");
  }

  /** What ends while something else runs says nothing about what ran before. */
  @Test
  void newerLevelCrashesOnItsTrial_isNotHeldAgainstTheOldOne() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    publisher.release(SimPublisher.level("b").live().sick());
    device.agent().check();
    while (device.kernel().mountedSlot() != Slot.B) {
      device.steps(1);
    }
    device.services().die("web", 9, 9);
    device.settle();
    looks(2);
    assertRuns(Slot.A);
    assertThat(minutesLeft()).isPresent();
    assertThat(probation().services()).allMatch(one -> one.deaths() == 0);
  }

  /** An agent that is started again right behind the way back does not know that it was one. */
  @Test
  void newerLevelCrashedOnItsTrial_andTheAgentDies_isNotHeldAgainstTheOldOne()
      throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    looks(1);
    publisher.release(SimPublisher.level("b").live().sick());
    device.agent().check();
    while (!device.stage().equals(Phase.REVERTED.name())) {
      device.services().die("web", 1, 1);
      device.steps(1);
    }
    device.steps(1);
    device.restartAgent();
    device.settle();
    looks(2);
    assertRuns(Slot.A);
    assertThat(probation().services()).allMatch(one -> one.crashes() == 0);
  }

  @Test
  void removal_endsIt() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    device.agent().requestRemoval();
    device.settle();
    assertRuns(Slot.BASE);
    assertThat(device.agent().history().probations()).isEmpty();
    assertThat(minutesLeft()).isEmpty();
  }

  /** Its publisher has forbidden to go below it: it is told of, and stays. */
  @Test
  void wayBackIsForbidden_isReported_andStays() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    installed(CrashStory.withFloor("b", false).live());
    device.services().die("web", 9, 9);
    looks(2);
    assertRuns(Slot.B);
    StatusDocument.Problem told = device.agent().status().lastFailure().orElseThrow();
    assertThat(told.code()).isEqualTo(508);
    assertThat(told.message())
        .contains("crashed 9 times", "it stays: 26.1 (a): expected level (b)");
    looks(60 * LOOKS_PER_MINUTE + 1);
    assertRuns(Slot.B);
    assertThat(device.agent().status().lastFailure().orElseThrow().code()).isEqualTo(508);
    assertThat(minutesLeft()).contains(0);
  }

  /** A level that was taken back for harm does not run again because the next one is bad. */
  @Test
  void levelBeforeWasWithdrawn_goesBackToBase() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    Manifest bad = installed(SimPublisher.level("b").live());
    publisher.withdraw("a");
    device.agent().check();
    device.settle();
    assertRuns(Slot.B);
    device.services().die("web", 3, 3);
    looks(1);
    assertGivenUp(bad, Slot.BASE, "service web crashed 3 times");
    assertThat(device.record().a().state()).isEqualTo(SlotContent.State.UNUSABLE);
  }

  /** Each look takes longer than there is between two: a removal comes in between all the same. */
  @Test
  void looksTakeLong_removalIsDone() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    device.checks().take(LOOK + 1_000);
    device.clock().advance(LOOK);
    device.agent().requestRemoval();
    device.steps(12);
    assertThat(device.record().active()).isEqualTo(Slot.BASE);
  }

  @Test
  void decidedAndPowerFails_isLeftBehindIt() throws SutureException {
    on(TERMS);
    Manifest bad = installed(SimPublisher.level("a").live());
    device.services().die("web", 9, 9);
    device.clock().advance(LOOK);
    device.step();
    assertThat(probation().failure()).isPresent();
    assertThat(device.record().active()).isEqualTo(Slot.A);
    device.powerCycle(CacheFate.lost());
    device.settle();
    assertGivenUp(bad, Slot.BASE, "crashed 9 times");
  }

  /** A look is a glance: what waits, and why, stays told. */
  @Test
  void look_saysNothingNew_isNotReported() throws SutureException {
    on(TERMS);
    installed(SimPublisher.level("a").live());
    device.settle();
    int reports = device.reports().documents().size();
    looks(20);
    assertThat(device.reports().documents()).hasSize(reports);
  }

  @Test
  void journalOfAnOlderAgent_isRead_andItsLevelIsNotWatched() throws SutureException {
    on(ProbationTerms.OFF);
    installed(SimPublisher.level("a").live());
    byte[] journal = device.flash().disk().durable(SimDevice.statePath("journal")).orElseThrow();
    assertThat(new String(journal, StandardCharsets.ISO_8859_1)).doesNotContain("probation");
    assertThat(JournalBytes.decode(journal).probations()).isEqualTo(List.of());
    device.probation(TERMS);
    device.powerCycle(CacheFate.lost());
    device.settle();
    device.services().die("web", 100, 100);
    looks(3);
    assertRuns(Slot.A);
  }
}
