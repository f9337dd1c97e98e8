package dev.suture.hil.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Slot;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatePlanTest {
  @TempDir private Path folder;

  private WriteLog log() {
    return new LogBytes()
        .write(0, 1, 'a')
        .flush()
        .flush()
        .write(100, 1, 'b')
        .write(0, 1, 'c')
        .flush()
        .write(101, 2, 'd')
        .openIn(folder);
  }

  @Test
  void flushBoundaries_areBeforeAndAfterEachFlush() {
    try (WriteLog log = log()) {
      assertThat(new StatePlan(log, 1).flushBoundaries())
          .extracting(DiskState::toString)
          .containsExactly("0.landed.0", "2.landed.0", "3.landed.0", "6.landed.0", "7.landed.0");
    }
  }

  @Test
  void betweenFlushes_everyIntervalWithWritesHasEveryFate() {
    try (WriteLog log = log()) {
      List<DiskState> states = new StatePlan(log, 1).betweenFlushes(2);
      assertThat(states).hasSizeBetween(3 * 4, 3 * 7);
      for (int[] interval : new int[][] {{1, 1}, {4, 5}, {7, 7}}) {
        for (DiskState.Fate fate : DiskState.Fate.values()) {
          if (fate != DiskState.Fate.LOST) {
            assertThat(states)
                .anyMatch(
                    state ->
                        state.fate() == fate
                            && state.cut() >= interval[0]
                            && state.cut() <= interval[1]);
          }
        }
      }
      assertThat(states).allMatch(state -> !state.pending(log).isEmpty());
      assertThat(new StatePlan(log, 1).betweenFlushes(2)).isEqualTo(states);
      assertThat(new StatePlan(log, 2).betweenFlushes(2)).isNotEqualTo(states);
    }
  }

  @Test
  void aroundWritesTo_isBeforeAfterAndBehindTheNextFlush() {
    try (WriteLog log = log()) {
      assertThat(new StatePlan(log, 1).aroundWritesTo(new Partition("state", 100 * 512, 512)))
          .extracting(DiskState::toString)
          .containsExactly("3.landed.0", "4.lost.0", "4.landed.0", "6.landed.0");
    }
  }

  @Test
  void stratified_everyBeginningHasAllSituationsAlike() {
    try (WriteLog log = log()) {
      Map<DiskState, StateCheck.Findings> findings = new HashMap<>();
      for (int i = 0; i < 90; i++) {
        findings.put(
            new DiskState(i, DiskState.Fate.TORN, 1),
            new StateCheck.Findings(Slot.BASE, false, i < 80 ? "often" : "rare", List.of()));
      }
      List<DiskState> order = new StatePlan(log, 1).stratified(findings);
      assertThat(order).hasSize(90).doesNotHaveDuplicates();
      assertThat(order.subList(0, 20)).filteredOn(state -> state.cut() >= 80).hasSize(10);
    }
  }

  @Test
  void toBoot_isAllThatIsNotBootedAnyway() {
    try (WriteLog log = log()) {
      StatePlan plan = new StatePlan(log, 1);
      Map<DiskState, StateCheck.Findings> findings = new HashMap<>();
      for (List<DiskState> states : List.of(plan.flushBoundaries(), plan.betweenFlushes(2))) {
        for (DiskState state : states) {
          findings.put(state, new StateCheck.Findings(Slot.BASE, false, "any", List.of()));
        }
      }
      List<DiskState> first = List.of(DiskState.landed(3), DiskState.landed(0));

      List<DiskState> order = plan.toBoot(first, findings);

      assertThat(order).doesNotHaveDuplicates().doesNotContainAnyElementsOf(first);
      findings.keySet().removeAll(first);
      assertThat(order).containsExactlyInAnyOrderElementsOf(findings.keySet());
    }
  }

  @Test
  void toFinish_isOnlyWhatIsNotFinished() {
    try (WriteLog log = log()) {
      Map<DiskState, StateCheck.Findings> findings = new HashMap<>();
      findings.put(DiskState.landed(1), new StateCheck.Findings(Slot.BASE, false, "x", List.of()));
      findings.put(DiskState.landed(2), new StateCheck.Findings(Slot.A, true, "y", List.of()));
      findings.put(DiskState.landed(3), new StateCheck.Findings(Slot.A, false, "z", List.of()));

      assertThat(new StatePlan(log, 1).toFinish(findings))
          .containsExactlyInAnyOrder(DiskState.landed(1), DiskState.landed(2));
    }
  }
}
