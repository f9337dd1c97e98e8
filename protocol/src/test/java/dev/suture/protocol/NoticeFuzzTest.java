package dev.suture.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import org.junit.jupiter.api.Test;

class NoticeFuzzTest {
  private final ParserContract<Notice> contract =
      ParserContract.refusingWith("notice", Notice::decode, FailureCode.NOTICE_MALFORMED)
          .writtenBy(Notice::encode);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", new Notice(1_234_567).encode());
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
