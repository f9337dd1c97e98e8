package dev.suture.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeFuzzTest {
  /** Lengths of one, two and no bytes above a multiple of three, as base64 ends in three ways. */
  private static final Envelope SAMPLE =
      new Envelope(
          Envelope.INDEX_TYPE,
          Bytes.of("{\"x\":10}"),
          List.of(
              new Envelope.Signature(Sha256.of(Bytes.of("one")), new byte[64]),
              new Envelope.Signature(Sha256.of(Bytes.of("two")), new byte[66])));

  private final ParserContract<Envelope> contract =
      ParserContract.refusingWith("envelope", Envelope::decode, FailureCode.METADATA_MALFORMED)
          .writtenBy(Envelope::encode);

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
