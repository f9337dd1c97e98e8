package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceClockTest {
  /** A slow rate makes a rebuild pause for minutes, and nothing may take it for hung. */
  @Test
  void pause_ofMoreThanASecond_showsProgressMeanwhile() {
    AtomicInteger shown = new AtomicInteger();
    DeviceClock clock = new DeviceClock(shown::incrementAndGet);

    long start = clock.monotonicMillis();
    clock.pause(1_001);

    assertThat(clock.monotonicMillis() - start).isGreaterThanOrEqualTo(1_001);
    assertThat(shown).hasValue(2);
  }
}
