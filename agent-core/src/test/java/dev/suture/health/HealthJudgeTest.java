package dev.suture.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HealthJudgeTest {
  private static final HealthCheck ONE = new HealthCheck.Https(443, "/", 200);
  private static final HealthCheck TWO = new HealthCheck.Https(8443, "/x", 204);
  private static final long START = 1_000_000;

  private final Set<HealthCheck> failing = new HashSet<>();
  private List<CheckResult> results = List.of();
  private int runs;
  private final HealthJudge judge =
      new HealthJudge(
          new HealthPlan(30, 10, List.of(ONE, TWO)),
          check -> failing.contains(check) ? Optional.of("got 500") : Optional.empty(),
          () -> {
            runs++;
            return results;
          },
          START);

  private Verdict.Kind at(long seconds) {
    return judge.look(START + seconds * 1_000).kind();
  }

  @Test
  void look_healthyForTheSettlingTime_isHealthy() {
    assertThat(at(0)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(at(9)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(at(10)).isEqualTo(Verdict.Kind.HEALTHY);
  }

  @Test
  void look_interrupted_settlesAnew() {
    assertThat(at(0)).isEqualTo(Verdict.Kind.UNDECIDED);
    failing.add(TWO);
    assertThat(at(9)).isEqualTo(Verdict.Kind.UNDECIDED);
    failing.clear();
    assertThat(at(10)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(at(19)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(at(20)).isEqualTo(Verdict.Kind.HEALTHY);
  }

  @Test
  void look_notHealthyAtTheDeadline_failsWithTheReason() {
    failing.add(ONE);
    assertThat(at(29)).isEqualTo(Verdict.Kind.UNDECIDED);
    Verdict verdict = judge.look(START + 30_000);
    assertThat(verdict.kind()).isEqualTo(Verdict.Kind.FAILED);
    assertThat(verdict.because()).contains("got 500", "30 s");
  }

  @Test
  void look_healthyJustBeforeTheDeadline_maySettleBeyondIt() {
    failing.add(ONE);
    assertThat(at(28)).isEqualTo(Verdict.Kind.UNDECIDED);
    failing.clear();
    assertThat(at(29)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(at(39)).isEqualTo(Verdict.Kind.HEALTHY);
  }

  @Test
  void look_failsWhileItSettlesBeyondTheDeadline_fails() {
    failing.add(ONE);
    assertThat(at(28)).isEqualTo(Verdict.Kind.UNDECIDED);
    failing.clear();
    assertThat(at(29)).isEqualTo(Verdict.Kind.UNDECIDED);
    failing.add(TWO);
    assertThat(at(31)).isEqualTo(Verdict.Kind.FAILED);
  }

  @Test
  void look_nothingToCheckAndNothingToSettle_isHealthyAtOnce() {
    HealthJudge easy =
        new HealthJudge(
            new HealthPlan(1, 0, List.of()),
            check -> Optional.of("never"),
            Collections::emptyList,
            START);
    assertThat(easy.look(START).kind()).isEqualTo(Verdict.Kind.HEALTHY);
  }

  private static CheckResult required(String name, CheckResult.Kind kind) {
    return new CheckResult(name, true, kind, "exit code 7: no modem");
  }

  private static CheckResult wanted(String name, CheckResult.Kind kind) {
    return new CheckResult(name, false, kind, "exit code 8: no printer");
  }

  @Test
  void look_requiredCheckFailed_failsAtOnceWithWhatItSaid() {
    results =
        List.of(
            required("r/1", CheckResult.Kind.NOT_YET), required("r/2", CheckResult.Kind.FAILED));
    Verdict verdict = judge.look(START);
    assertThat(verdict.kind()).isEqualTo(Verdict.Kind.FAILED);
    assertThat(verdict.because()).contains("r/2", "exit code 7: no modem");
  }

  @Test
  void look_requiredCheckFailsWhileItSettles_failsAtOnce() {
    results = List.of(required("r/1", CheckResult.Kind.PASSED));
    assertThat(at(9)).isEqualTo(Verdict.Kind.UNDECIDED);
    results = List.of(required("r/1", CheckResult.Kind.FAILED));
    assertThat(at(10)).isEqualTo(Verdict.Kind.FAILED);
  }

  @Test
  void look_requiredCheckNotYet_isWaitedForUntilTheDeadline() {
    results = List.of(required("r/1", CheckResult.Kind.NOT_YET));
    assertThat(at(29)).isEqualTo(Verdict.Kind.UNDECIDED);
    Verdict verdict = judge.look(START + 30_000);
    assertThat(verdict.kind()).isEqualTo(Verdict.Kind.FAILED);
    assertThat(verdict.because()).contains("r/1", "no modem", "30 s");
  }

  @Test
  void look_requiredCheckNotYetInBetween_settlesAnew() {
    results = List.of(required("r/1", CheckResult.Kind.PASSED));
    assertThat(at(0)).isEqualTo(Verdict.Kind.UNDECIDED);
    results = List.of(required("r/1", CheckResult.Kind.NOT_YET));
    assertThat(at(9)).isEqualTo(Verdict.Kind.UNDECIDED);
    results = List.of(required("r/1", CheckResult.Kind.PASSED));
    assertThat(at(10)).isEqualTo(Verdict.Kind.UNDECIDED);
    Verdict verdict = judge.look(START + 20_000);
    assertThat(verdict).isEqualTo(new Verdict(Verdict.Kind.HEALTHY, "3 checks passed for 10 s"));
  }

  @Test
  void look_wantedChecks_changeNothingButAreKnown() {
    results =
        List.of(
            required("r/1", CheckResult.Kind.PASSED),
            wanted("w/1", CheckResult.Kind.FAILED),
            wanted("w/2", CheckResult.Kind.NOT_YET),
            wanted("w/3", CheckResult.Kind.PASSED));
    assertThat(at(0)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(at(10)).isEqualTo(Verdict.Kind.HEALTHY);
    assertThat(judge.notPassed()).extracting(CheckResult::name).containsExactly("w/1", "w/2");
  }

  @Test
  void look_manifestChecksFail_runsNoneOfTheDevice() {
    failing.add(ONE);
    results = List.of(required("r/1", CheckResult.Kind.FAILED));
    assertThat(at(0)).isEqualTo(Verdict.Kind.UNDECIDED);
    assertThat(runs).isZero();
  }
}
