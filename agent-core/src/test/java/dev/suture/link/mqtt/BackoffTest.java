package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  /** Always the same fraction of the ceiling. */
  private static Random always(double fraction) {
    return new Random() {
      private static final long serialVersionUID = 1L;

      @Override
      public double nextDouble() {
        return fraction;
      }
    };
  }

  @Test
  void ceiling_doublesUpToItsOwnCeiling() {
    Backoff backoff = new Backoff(always(Math.nextDown(1.0)), 1_000, 60_000);

    long[] pauses = new long[9];
    for (int i = 0; i < pauses.length; i++) {
      pauses[i] = backoff.nextMillis();
    }

    assertThat(pauses)
        .containsExactly(1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000);
  }

  @Test
  void manyFailures_doNotOverflow() {
    Backoff backoff = new Backoff(always(Math.nextDown(1.0)), 1_000, 60_000);

    for (int i = 0; i < 100; i++) {
      assertThat(backoff.nextMillis()).isBetween(1_000L, 60_000L);
    }
  }

  @Test
  void jitter_isFull() {
    Backoff backoff = new Backoff(always(0), 1_000, 60_000);

    assertThat(backoff.nextMillis()).isZero();
    assertThat(new Backoff(always(0.5), 1_000, 60_000).nextMillis()).isEqualTo(500);
  }

  @Test
  void reset_startsOver() {
    Backoff backoff = new Backoff(always(Math.nextDown(1.0)), 1_000, 60_000);
    backoff.nextMillis();
    backoff.nextMillis();

    backoff.reset();

    assertThat(backoff.nextMillis()).isEqualTo(1_000);
  }
}
