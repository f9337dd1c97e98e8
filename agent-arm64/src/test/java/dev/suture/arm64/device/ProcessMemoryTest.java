package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  @Test
  void parse_ofTheKernelsText_isBothFigures() {
    String status = "Name:\tjava\nVmPeak:\t 9 kB\nVmHWM:\t   71234 kB\nVmRSS:\t   61234 kB\n";

    assertThat(ProcessMemory.parse(status)).isEqualTo(new ProcessMemory(61234, 71234));
  }

  @Test
  void parse_withoutAFigure_isRefused() {
    assertThatThrownBy(() -> ProcessMemory.parse("VmRSS:\t 1 kB\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a line \"VmHWM: N kB\"");
    assertThatThrownBy(() -> ProcessMemory.parse("VmRSS:\t x kB\nVmHWM:\t 1 kB\n"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void current_ofThisProcess_isPlausible() throws Exception {
    ProcessMemory memory = ProcessMemory.current();

    assertThat(memory.residentKib()).isBetween(10_000L, 16_000_000L);
    assertThat(memory.residentPeakKib()).isGreaterThanOrEqualTo(memory.residentKib() / 2);
  }
}
