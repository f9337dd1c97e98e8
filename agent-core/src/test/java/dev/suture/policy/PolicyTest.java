package dev.suture.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {
  @ParameterizedTest
  @CsvSource({"true,true,true", "true,false,true", "false,true,true", "false,false,false"})
  void mayInstallAndRestart_automaticOrRequested_isAllowedWithAReason(
      boolean automatic, boolean requested, boolean allowed) {
    Policy policy = new Policy(automatic);
    assertThat(policy.mayInstall(requested).allowed()).isEqualTo(allowed);
    assertThat(policy.mayRestart(requested).allowed()).isEqualTo(allowed);
    assertThat(policy.mayInstall(requested).because()).isNotEmpty();
    assertThat(policy.mayRestart(requested).because()).isNotEmpty();
  }
}
