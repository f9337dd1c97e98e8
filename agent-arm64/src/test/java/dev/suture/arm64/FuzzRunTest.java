package dev.suture.arm64;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.fuzz.FuzzRun;
import org.junit.jupiter.api.Test;

class FuzzRunTest {
  @Test
  void fuzzer_allParsersOfTheModule_findsNothing() throws Exception {
    assertThat(FuzzRun.allOf("agent-arm64")).isPositive();
  }
}
