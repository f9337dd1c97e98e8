package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SwitchLimitTest {
  private static final long NEVER = TimeUnit.HOURS.toMillis(1);
  private static final long SECONDS = 60;

  private static List<Thread> waiting() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("switch-limit"))
        .toList();
  }

  @Test
  void begin_longerThanAllowed_acts() throws Exception {
    CountDownLatch acted = new CountDownLatch(1);
    new SwitchLimit(1, acted::countDown).begin();
    assertThat(acted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Each would act in the middle of a later switch. */
  @Test
  void end_afterManySwitches_nobodyWaits() throws Exception {
    SwitchLimit limit = new SwitchLimit(NEVER, () -> fail("expected nobody to act"));
    for (int i = 0; i < 100; i++) {
      limit.begin();
      limit.begin();
      limit.end();
      limit.end();
    }
    for (Thread thread : waiting()) {
      thread.join(TimeUnit.SECONDS.toMillis(SECONDS));
    }
    assertThat(waiting()).isEmpty();
  }
}
