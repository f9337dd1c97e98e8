package dev.suture.protocol.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.release.Rollout.Step;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
  private static final Sha256 PATCH = Sha256.ofHex("ab".repeat(32));
  private static final Rollout ROLLOUT =
      new Rollout(
          Optional.of("internal"),
          START,
          List.of(new Step(0, 1), new Step(24, 10), new Step(48, 100)));

  private static long admitted(Sha256 patch, Instant now) {
    return IntStream.range(0, 10_000)
        .filter(i -> ROLLOUT.admits("dev-" + i, Optional.empty(), patch, now))
        .count();
  }

  @Test
  void admits_growsWithSignedTime() {
    assertThat(admitted(PATCH, START.minusSeconds(1))).isZero();
    assertThat(admitted(PATCH, START)).isBetween(70L, 130L);
    assertThat(admitted(PATCH, START.plusSeconds(24 * 3600 - 1))).isBetween(70L, 130L);
    assertThat(admitted(PATCH, START.plusSeconds(24 * 3600))).isBetween(900L, 1_100L);
    assertThat(admitted(PATCH, START.plusSeconds(48 * 3600))).isEqualTo(10_000);
  }

  @Test
  void admits_whoWasAdmitted_staysSo_andOtherPatchesBeginWithOthers() {
    Instant later = START.plusSeconds(24 * 3600);
    Sha256 other = Sha256.ofHex("cd".repeat(32));
    int both = 0;
    for (int i = 0; i < 10_000; i++) {
      String device = "dev-" + i;
      boolean first = ROLLOUT.admits(device, Optional.empty(), PATCH, START);
      assertThat(!first || ROLLOUT.admits(device, Optional.empty(), PATCH, later)).isTrue();
      both += first && ROLLOUT.admits(device, Optional.empty(), other, START) ? 1 : 0;
    }
    assertThat(both).isLessThan(10);
  }

  @Test
  void admits_ring_isFirst() {
    Instant before = START.minusSeconds(1);
    assertThat(ROLLOUT.admits("d", Optional.of("internal"), PATCH, before)).isTrue();
    assertThat(ROLLOUT.admits("d", Optional.of("other"), PATCH, before)).isFalse();
    Rollout nobody = new Rollout(Optional.empty(), START, List.of());
    assertThat(nobody.admits("d", Optional.empty(), PATCH, START.plusSeconds(1_000_000))).isFalse();
  }

  @Test
  void new_stepsOutOfOrder_isRefused() {
    assertThatThrownBy(
            () -> new Rollout(Optional.empty(), START, List.of(new Step(0, 5), new Step(1, 4))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Rollout(Optional.empty(), START, List.of(new Step(2, 5), new Step(2, 6))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Step(-1, 5)).isInstanceOf(IllegalArgumentException.class);
  }
}
