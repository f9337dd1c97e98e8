package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemStateTest {
  @TempDir Path booted;

  private boolean isStopping(String says) {
    return new SystemState(List.of("sh", "-c", says), booted).isStopping();
  }

  /** It ends with 1 for all but "running". */
  @Test
  void isStopping_isItsWordAlone() {
    assertThat(isStopping("echo stopping; exit 1")).isTrue();
    for (String other : List.of("running", "degraded", "maintenance", "starting", "offline", "")) {
      assertThat(isStopping("echo " + other + "; exit 1")).as(other).isFalse();
    }
  }

  @Test
  void isStopping_nobodyCanTell_isNot() {
    assertThat(new SystemState(List.of("/nowhere/systemctl"), booted).isStopping()).isFalse();
    Path elsewhere = booted.resolve("elsewhere");
    assertThat(new SystemState(List.of("echo", "stopping"), elsewhere).isStopping()).isFalse();
  }
}
