package dev.suture.store;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Probation;
import dev.suture.attempt.ServiceWatch;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.FailureCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class JournalFuzzTest {
  private static final int HEADER_BYTES = 16;
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final Sha256 ID = Sha256.of(Bytes.of("manifest"));
  private static final JournalState SAMPLE =
      new JournalState(
          BASELINE,
          7,
          Optional.of(
              new Attempt(
                  7,
                  Optional.of(
                      new Patch(
                          BASELINE, new Level("b"), new FileRef("manifests/b.json", 123, ID))),
                  Slot.B,
                  true,
                  Phase.ARMED,
                  true,
                  1,
                  2,
                  Optional.of(new Failure(FailureCode.HEALTH_FAILED, "expected 200, got 500")))),
          List.of(
              new Outcome(5, "26.1 (a)", Phase.ACTIVE, Optional.empty(), true),
              new Outcome(6, "removal", Phase.REMOVED, Optional.empty(), false)),
          List.of(new Held(ID, "26.1 (a)")),
          List.of(
              new Probation(
                  Sha256.of(new byte[] {2}),
                  true,
                  300_000,
                  List.of(
                      new ServiceWatch("web", false, true, 2, 1, "b-1", 7, 3),
                      ServiceWatch.of("store", true)),
                  Optional.empty()),
              Probation.before(ID, List.of())
                  .because(new Failure(FailureCode.PROBATION_FAILED, "web crashed"))));

  private final ParserContract<JournalState> contract =
      ParserContract.refusingBy("journal", JournalCodec::decode, IllegalArgumentException.class)
          .writtenBy(JournalCodec::encode);

  private final ParserContract<JournalState> inside =
      ParserContract.refusingBy(
              "journal, inside",
              json -> JournalCodec.decode(sealed(json)),
              IllegalArgumentException.class)
          .writtenBy(state -> json(JournalCodec.encode(state)));

  private static byte[] json(byte[] journal) {
    return Arrays.copyOfRange(journal, HEADER_BYTES, journal.length);
  }

  /** As {@link JournalCodec} would write it, if it wrote such JSON. */
  private static byte[] sealed(byte[] json) {
    CRC32 crc = new CRC32();
    crc.update(json, 0, json.length);
    return ByteBuffer.allocate(HEADER_BYTES + json.length)
        .putInt(0x5355_544a)
        .putInt(1)
        .putInt(json.length)
        .putInt((int) crc.getValue())
        .put(json)
        .array();
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
    inside.check(input.length < HEADER_BYTES ? input : json(input));
  }

  @Test
  void sweep_everyByteAndNumber_noneIsAccepted() {
    byte[] sample = Seeds.sample(getClass(), "valid", JournalCodec.encode(SAMPLE));
    Sweep.around(contract, sample)
        .everyByte()
        .bigEndianNumber(0, 4)
        .bigEndianNumber(4, 4)
        .bigEndianNumber(8, 4)
        .bigEndianNumber(12, 4)
        .noneIsAccepted();
  }

  @Test
  void sweep_everyByteAndNumberUnderATrueChecksum_keepsTheContract() {
    byte[] sample = json(Seeds.committed(getClass(), "valid"));
    Sweep.around(inside, sample).everyByte().textNumbers().keepsTheContract();
  }
}
