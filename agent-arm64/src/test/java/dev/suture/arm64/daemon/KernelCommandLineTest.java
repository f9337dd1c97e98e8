package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelCommandLineTest {
  @Test
  void refusedOsSlot_isTheWordOfTheBootScript_andNothingElse() {
    assertThat(KernelCommandLine.refusedOsSlot("quiet suture.os=b suture.os_refused=a\n"))
        .contains('a');
    assertThat(KernelCommandLine.refusedOsSlot("suture.os_refused=b quiet")).contains('b');
    for (String other :
        new String[] {
          "", "suture.os=a", "suture.os_refused=", "suture.os_refused=ab", "xsuture.os_refused=a"
        }) {
      assertThat(KernelCommandLine.refusedOsSlot(other)).as(other).isEmpty();
    }
  }
}
