package dev.suture.arm64.control;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import org.junit.jupiter.api.Test;

class ControlReplyFuzzTest {
  private static final ControlReply SAMPLE =
      new ControlReply(
          ControlExit.REFUSED,
          "SUT-602 nothing to do: base runs\n\u20ac",
          "{\"format\":1,\"list\":[1,-2.5,true,null,\"x\"],\"deep\":{\"a\":{}}}");

  private final ParserContract<ControlReply> contract =
      ParserContract.refusingBy(
              "control reply",
              line -> ControlReply.parse(ControlReply.decode(line)),
              IllegalArgumentException.class)
          .writtenBy(ControlReply::encode);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", SAMPLE.encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
