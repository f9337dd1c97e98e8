package dev.suture.arm64.daemon;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.slot.SlotDevice.BootChoice;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KernelCommandLineFuzzTest {
  private static final String SAMPLE =
      "console=ttyAMA0 quiet panic=1 suture.run=b suture.trial=1 suture.os=b suture.record=ok\n";

  private final ParserContract<BootChoice> contract =
      ParserContract.total(
          "kernel command line",
          bytes -> KernelCommandLine.parse(new String(bytes, StandardCharsets.UTF_8)));

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", Bytes.of(SAMPLE));
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
