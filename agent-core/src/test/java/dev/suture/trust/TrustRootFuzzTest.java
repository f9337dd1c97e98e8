package dev.suture.trust;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.sim.SimPublisher;
import org.junit.jupiter.api.Test;

class TrustRootFuzzTest {
  private final ParserContract<TrustRoot> contract =
      ParserContract.refusingWith("trust root", TrustRoot::decode, FailureCode.TRUST_ROOT_MISSING);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", new SimPublisher().trustRoot());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
