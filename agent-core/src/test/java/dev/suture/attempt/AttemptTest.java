package dev.suture.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttemptTest {
  private static final Patch PATCH =
      new Patch(
          new Baseline("26.1"),
          new Level("b"),
          new FileRef("manifests/b.json", 123, Sha256.of(new byte[] {1})));
  private static final Failure FAILURE = new Failure(FailureCode.HEALTH_FAILED, "expected 200");

  /** Far on its way; no two of its counts are the same. */
  private static final Attempt ATTEMPT = attempt(Phase.STAGED, false, 1, 4, Optional.of(FAILURE));

  private static Attempt attempt(
      Phase phase, boolean fullPayload, int arms, int restarts, Optional<Failure> failure) {
    return new Attempt(
        7, Optional.of(PATCH), Slot.B, true, phase, fullPayload, arms, restarts, failure);
  }

  @Test
  void arming_countsTheTrial_andNothingElseChanges() {
    assertThat(ATTEMPT.arming())
        .isEqualTo(attempt(Phase.ARMING, false, 2, 4, Optional.of(FAILURE)));
  }

  @Test
  void restarting_countsTheRestart_andNothingElseChanges() {
    assertThat(ATTEMPT.restarting())
        .isEqualTo(attempt(Phase.STAGED, false, 1, 5, Optional.of(FAILURE)));
  }

  @Test
  void confirmed_whatWasWrongOnTheWay_doesNotCountAnyMore() {
    assertThat(ATTEMPT.confirmed()).isEqualTo(attempt(Phase.ACTIVE, false, 1, 4, Optional.empty()));
  }

  @Test
  void withFullPayload_isBackBeforeFetching_andSaysWhy() {
    assertThat(ATTEMPT.withFullPayload())
        .isEqualTo(attempt(Phase.VERIFIED, true, 1, 4, Optional.of(FAILURE)));
  }

  @Test
  void title_isThePatch_orWhoWantedItGone() {
    assertThat(ATTEMPT.title()).isEqualTo("26.1 (b)");
    assertThat(Attempt.remove(7, true).title()).isEqualTo("removal");
    assertThat(Attempt.remove(7, false).title()).isEqualTo("withdrawal");
  }

  @Test
  void attempt_goalAndTargetDisagree_isRefused() {
    assertThatThrownBy(() -> Attempt.install(7, PATCH, Slot.BASE, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new Attempt(
                    7, Optional.empty(), Slot.A, true, Phase.ARMING, false, 1, 0, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
