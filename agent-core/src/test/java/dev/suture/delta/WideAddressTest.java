package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WideAddressTest {
  @Test
  void low_ofAKernelsAddress_isItsLowerHalf() {
    assertThat(WideAddress.low(0xffff_8000_0801_0000L)).isEqualTo(0x0801_0000L);
    assertThat(WideAddress.low(0xffff_ffc0_8000_0000L)).isEqualTo(0x8000_0000L);
    assertThat(WideAddress.bytes(0xffff_8000_0801_0000L)).isEqualTo(4);
  }

  @Test
  void low_ofAnyOther_isTheAddress() {
    for (long address : new long[] {0, 1, 0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThat(WideAddress.low(address)).isEqualTo(address);
      assertThat(WideAddress.bytes(address)).isEqualTo(8);
    }
  }
}
