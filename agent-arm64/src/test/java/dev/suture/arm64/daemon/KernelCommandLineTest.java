package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.agent.BootControlConfig;
import dev.suture.protocol.Slot;
import dev.suture.slot.EnvironmentNames;
import dev.suture.slot.SlotDevice.BootChoice;
import java.util.List;
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

  private static final BootControlConfig RAUC =
      new BootControlConfig(
          BootControlConfig.Kind.ENVIRONMENT,
          Optional.of(
              new BootControlConfig.Environment(
                  EnvironmentNames.RAUC, false, "/run/lock", List.of())),
          Optional.empty());
  private static final BootControlConfig MISC =
      new BootControlConfig(
          BootControlConfig.Kind.MISC, Optional.empty(), Optional.of("/dev/vda8"));

  private static BootChoice counted(Slot run) {
    return new BootChoice(run, false, 'a', Optional.empty(), true);
  }

  @Test
  void parse_bootScriptCounted_saysSo() {
    assertThat(KernelCommandLine.parse("suture.run=a suture.counted=1", MISC))
        .isEqualTo(counted(Slot.A));
    assertThat(KernelCommandLine.parse("suture.run=a suture.counted=0", MISC).counted()).isFalse();
    assertThat(KernelCommandLine.parse("suture.run=a", MISC).counted()).isFalse();
    assertThat(KernelCommandLine.parse("suture.run=a suture.counted=1").counted()).isFalse();
  }

  @Test
  void parse_wordsOfOtherBootloaders_countWhereTheRecordIsTheirs() {
    assertThat(KernelCommandLine.parse("quiet rauc.slot=B", RAUC)).isEqualTo(counted(Slot.B));
    assertThat(KernelCommandLine.parse("rauc.slot=base", RAUC)).isEqualTo(counted(Slot.BASE));
    assertThat(KernelCommandLine.parse("androidboot.slot_suffix=_a", MISC))
        .isEqualTo(counted(Slot.A));
    assertThat(KernelCommandLine.parse("androidboot.slot_suffix=_c", MISC))
        .isEqualTo(counted(Slot.BASE));
    for (String other : new String[] {"rauc.slot=A", "androidboot.slot_suffix=_b"}) {
      assertThat(KernelCommandLine.parse(other).run()).as(other).isEqualTo(Slot.BASE);
      assertThat(KernelCommandLine.parse("suture.run=base " + other, RAUC).run())
          .as(other)
          .isEqualTo(Slot.BASE);
      assertThat(KernelCommandLine.parse("suture.run=x " + other, MISC).run())
          .as(other)
          .isEqualTo(Slot.BASE);
    }
    assertThat(KernelCommandLine.parse("rauc.slot=A", MISC).run()).isEqualTo(Slot.BASE);
    assertThat(KernelCommandLine.parse("rauc.slot=C", RAUC))
        .isEqualTo(new BootChoice(Slot.BASE, false, 'a'));
  }
}
