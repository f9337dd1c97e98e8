package dev.suture.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.fuzz.FuzzRun;
import org.junit.jupiter.api.Test;

class FuzzRunTest {
  @Test
  void fuzzer_allParsersOfTheModule_findsNothing() throws Exception {
    assertThat(FuzzRun.allOf("publisher")).isPositive();
  }
}
