package dev.suture.arm64.control;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.json.Fields;
import org.junit.jupiter.api.Test;

class ControlRequestFuzzTest {
  private final ParserContract<Fields> contract =
      ParserContract.refusingBy(
          "control request", ControlServer::request, IllegalArgumentException.class);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByte_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", Bytes.of("{\"command\":\"status\"}"));
    Sweep.around(contract, sample).everyByte().keepsTheContract();
  }
}
