package dev.suture.protocol.delta;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DeltaHeaderFuzzTest {
  private static final DeltaHeader SAMPLE =
      new DeltaHeader(
          false,
          16,
          1_234,
          56,
          78,
          5_619_712,
          Sha256.of(Bytes.of("base")),
          5_623_808,
          Sha256.of(Bytes.of("image")));

  /** Files that are shorter than the header are refused before. */
  private final ParserContract<DeltaHeader> contract =
      ParserContract.refusingWith(
              "delta header", DeltaHeaderFuzzTest::decode, FailureCode.DELTA_MALFORMED)
          .canonical(DeltaHeader::encode)
          .allocatingAtMost(16 << 10, 0);

  private static DeltaHeader decode(byte[] bytes) throws RejectedException {
    if (bytes.length != DeltaHeader.BYTES) {
      throw new RejectedException(FailureCode.DELTA_MALFORMED, "length");
    }
    return DeltaHeader.decode(bytes);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(Arrays.copyOf(input, DeltaHeader.BYTES));
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", SAMPLE.encode());
    Sweep.around(contract, sample)
        .everyByte()
        .number(8, 2)
        .number(10, 1)
        .number(11, 1)
        .number(12, 4)
        .number(16, 4)
        .number(20, 4)
        .number(24, 8)
        .number(32, 8)
        .keepsTheContract();
  }
}
