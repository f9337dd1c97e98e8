package dev.suture.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProbationTest {
  private static final Sha256 ID = Sha256.of(new byte[] {1});
  private static final long MINUTE = 60_000;
  private static final ProbationTerms TERMS = new ProbationTerms(60, 5, 3, 10);

  private static ServiceWatch counted(
      boolean isExcused, boolean usesPatch, int deaths, int crashes) {
    return new ServiceWatch("web", isExcused, usesPatch, deaths, crashes, "boot", 0, 0);
  }

  private static Optional<FailureCode> verdict(ServiceWatch service) {
    return Probation.before(ID, List.of(ServiceWatch.of("store", false), service))
        .begun(TERMS)
        .verdict(TERMS)
        .map(Failure::code);
  }

  private static ProbationTerms read(String json) {
    return ProbationTerms.read(
        StrictJson.parse("probation", json.getBytes(StandardCharsets.UTF_8), 1_000));
  }

  @Test
  void verdict_asOftenAsTheLimit_isBad_andOnceLessIsNot() {
    assertThat(verdict(counted(false, false, 4, 0))).isEmpty();
    assertThat(verdict(counted(false, false, 5, 0))).contains(FailureCode.PROBATION_FAILED);
    assertThat(verdict(counted(false, true, 4, 2))).isEmpty();
    assertThat(verdict(counted(false, true, 3, 3))).contains(FailureCode.PROBATION_FAILED);
  }

  /** A crash in a program that has nothing of the patch counts as any other end. */
  @Test
  void verdict_crashesWithoutPatchedCode_countAsEnds() {
    assertThat(verdict(counted(false, false, 4, 4))).isEmpty();
    assertThat(verdict(counted(false, false, 5, 5))).contains(FailureCode.PROBATION_FAILED);
  }

  @Test
  void verdict_excusedService_isNoWitness() {
    assertThat(verdict(counted(true, true, 1_000, 1_000))).isEmpty();
  }

  @Test
  void verdict_saysWhoAndHowOften() {
    Failure bad =
        Probation.before(ID, List.of(counted(false, true, 3, 3))).verdict(TERMS).orElseThrow();
    assertThat(bad.message())
        .isEqualTo(
            "service web crashed 3 times since the level was confirmed, expected fewer than 3");
  }

  @Test
  void looked_firstTime_isWhereTheCountersStand() {
    ServiceWatch first = ServiceWatch.of("web", false).looked("boot", 40, 7);
    assertThat(first.deaths()).isZero();
    assertThat(first.crashes()).isZero();
    ServiceWatch second = first.looked("boot", 42, 8);
    assertThat(second.deaths()).isEqualTo(1);
    assertThat(second.crashes()).isEqualTo(1);
    assertThat(second.looked("boot", 42, 8)).isEqualTo(second);
  }

  @Test
  void looked_afterAStartOfTheDevice_allThatIsCountedIsNew() {
    ServiceWatch before = ServiceWatch.of("web", false).looked("boot 1", 40, 7);
    ServiceWatch after = before.looked("boot 2", 3, 2);
    assertThat(after.deaths()).isEqualTo(1);
    assertThat(after.crashes()).isEqualTo(2);
    assertThat(before.looked("boot 2", 41, 8).deaths()).isEqualTo(1);
  }

  /** Somebody started it: systemd counts from 0. A journal forgets its oldest entries. */
  @Test
  void looked_lowerCounters_countNothingTwice() {
    ServiceWatch before = ServiceWatch.of("web", false).looked("boot", 0, 0).looked("boot", 4, 4);
    ServiceWatch after = before.looked("boot", 0, 1);
    assertThat(after.deaths()).isEqualTo(1);
    assertThat(after.crashes()).isEqualTo(4);
    assertThat(after.looked("boot", 1, 2).deaths()).isEqualTo(2);
    assertThat(after.looked("boot", 1, 2).crashes()).isEqualTo(5);
  }

  @Test
  void looked_hugeCounters_countingIsBounded() {
    ServiceWatch service = ServiceWatch.of("web", false).looked("boot", 0, 0);
    for (int look = 1; look <= 3; look++) {
      service = service.looked("boot " + look, Long.MAX_VALUE, Long.MAX_VALUE);
      assertThat(service.deaths()).isEqualTo(look);
      assertThat(service.crashes()).isEqualTo(ServiceWatch.COUNT_MAX);
    }
  }

  /** The first step is paid for when it begins, the last one no more than what is left. */
  @Test
  void paid_stepByStep_isTheWholeTimeAndNoMore() {
    ProbationTerms odd = new ProbationTerms(62, 5, 3, 10);
    Probation probation = Probation.before(ID, Collections.emptyList()).begun(odd);
    assertThat(probation.paidMillis()).isEqualTo(5 * MINUTE);
    int steps = 1;
    while (!probation.isPaid(odd)) {
      probation = probation.paid(odd);
      steps++;
    }
    assertThat(steps).isEqualTo(13);
    assertThat(probation.paidMillis()).isEqualTo(62 * MINUTE);
    assertThat(probation.paid(odd)).isEqualTo(probation);
  }

  /** Another configuration may want less than was watched already. */
  @Test
  void paid_shorterThanWhatIsPaid_takesNothingBack() {
    Probation probation = Probation.before(ID, List.of()).begun(TERMS).paid(TERMS);
    ProbationTerms shorter = new ProbationTerms(1, 5, 3, 10);
    assertThat(probation.isPaid(shorter)).isTrue();
    assertThat(probation.paid(shorter)).isEqualTo(probation);
  }

  @Test
  void steps_areOneMinuteToAQuarterOfAnHour() {
    for (int[] one : new int[][] {{1, 1}, {12, 1}, {60, 5}, {180, 15}, {10_080, 15}}) {
      assertThat(new ProbationTerms(one[0], 5, 3, 10).stepMillis()).isEqualTo(one[1] * MINUTE);
    }
  }

  @Test
  void read_whatIsLeftOut_isTheDefault() {
    assertThat(read("{}")).isEqualTo(ProbationTerms.DEFAULT);
    assertThat(read("{\"minutes\": 0}").isOn()).isFalse();
    assertThat(read("{\"minutes\": 120, \"restarts\": 9, \"crashes\": 9, \"failing_minutes\": 1}"))
        .isEqualTo(new ProbationTerms(120, 9, 9, 1));
    assertThat(read("{\"restarts\": 2}")).isEqualTo(new ProbationTerms(60, 2, 2, 10));
  }

  @Test
  void read_outOfBounds_orUnknown_isRefusedNamingIt() {
    for (String[] bad :
        new String[][] {
          {"{\"minutes\": -1}", "minutes"},
          {"{\"minutes\": 10081}", "minutes"},
          {"{\"minutes\": \"60\"}", "minutes"},
          {"{\"restarts\": 0}", "restarts"},
          {"{\"restarts\": 1001}", "restarts"},
          {"{\"crashes\": 0}", "crashes"},
          {"{\"restarts\": 2, \"crashes\": 3}", "probation.crashes: expected at most 2, got 3"},
          {"{\"failing_minutes\": 0}", "failing_minutes"},
          {"{\"minute\": 60}", "minute"},
        }) {
      assertThatThrownBy(() -> read(bad[0]))
          .as(bad[0])
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(bad[1]);
    }
  }

  @Test
  void more_thanIsBounded_isRefused() {
    List<ServiceWatch> tooMany =
        Collections.nCopies(Probation.SERVICES_MAX + 1, ServiceWatch.of("web", false));
    assertThatThrownBy(() -> Probation.before(ID, tooMany)).hasMessageContaining("64 services");
    assertThatThrownBy(() -> new Probation(ID, true, -1, List.of(), Optional.empty()))
        .hasMessageContaining("got -1");
    assertThatThrownBy(() -> counted(false, false, -1, 0)).hasMessageContaining("got -1");
    assertThatThrownBy(() -> ServiceWatch.of("web", false).looked("e".repeat(65), 0, 0))
        .hasMessageContaining("64");
    assertThatThrownBy(() -> ServiceWatch.of("web", false).looked("e", -1, 0))
        .hasMessageContaining("got -1");
    assertThatThrownBy(() -> new ProbationTerms(1, 2, 3, 1)).hasMessageContaining("got 3");
  }
}
