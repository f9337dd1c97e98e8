package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Slot;
import dev.suture.slot.SlotDevice.BootChoice;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelCommandLineTest {
  @Test
  void parse_patchedOs_isTheSlotWhoseOwnOsBooted() {
    assertThat(
            KernelCommandLine.parse("suture.run=a suture.trial=1 suture.os=b suture.patched_os=a"))
        .isEqualTo(new BootChoice(Slot.A, true, 'b', Optional.of(Slot.A)));
    for (String other :
        new String[] {
          "", "suture.patched_os=base", "suture.patched_os=", "suture.patched_os_refused=a"
        }) {
      assertThat(KernelCommandLine.parse("suture.run=a " + other).patchedOs()).as(other).isEmpty();
    }
  }

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
