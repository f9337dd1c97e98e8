package dev.suture.agent;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.agent.DeviceConfig.Component;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class OsStatementFuzzTest {
  private static final String HEX = "cd".repeat(32);
  private static final String SAMPLE =
      """
      {"components":[
        {"name":"os","base_image":"/dev/vda3","size":197197824,"sha256":"HEX",
         "verity_root":"HEX","verity_salt":"HEX"},
        {"name":"boot","base_image":"/boot/a/os.fit","size":37945344,"sha256":"HEX",
         "verity_root":"HEX","verity_salt":"HEX"}]}
      """
          .replace("HEX", HEX);

  private final ParserContract<List<Component>> contract =
      ParserContract.refusingWith(
          "a/os.json",
          bytes -> OsConfig.decodeStatement("a/os.json", bytes),
          FailureCode.CONFIG_INVALID);

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
