package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Devices through years of everything. A failure names its seed; {@code -Dsuture.seed=N} lives that
 * life again, bit for bit.
 */
@Execution(ExecutionMode.CONCURRENT)
class RandomLifeTest {
  private static final String SEED_PROPERTY = "suture.seed";
  private static final int EVENTS = 60;
  private static final int HOURS_OF_A_YEAR = 24 * 365;

  private static int lives() {
    return "nightly".equals(System.getProperty(CrashBounds.PROPERTY)) ? 10_000 : 60;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void device_wholeLife_keepsEveryInvariantAndEndsPatched(int half) {
    Long chosen = Long.getLong(SEED_PROPERTY);
    int cuts = 0;
    int boots = 0;
    int patches = 0;
    long hours = 0;
    for (long seed = half; seed < 2L * lives(); seed += 2) {
      long one = chosen == null ? seed : chosen;
      RandomLife.Lived lived = live(one);
      cuts += lived.cuts();
      boots += lived.boots();
      hours += lived.hours();
      patches += lived.patches();
      if (chosen != null) {
        break;
      }
    }
    System.out.printf(
        "random lives: %d devices, %d patches, %d power cuts, %d starts, %d device-years%n",
        chosen == null ? lives() : 1, patches, cuts, boots, hours / HOURS_OF_A_YEAR);
    assertThat(boots).isPositive();
  }

  private static RandomLife.Lived live(long seed) {
    try {
      return new RandomLife(seed).live(EVENTS);
    } catch (AssertionError e) {
      throw new AssertionError("-D" + SEED_PROPERTY + "=" + seed + ": " + e.getMessage(), e);
    }
  }

  @Test
  void sameSeed_isTheSameLife() {
    assertThat(live(7)).isEqualTo(live(7));
  }
}
