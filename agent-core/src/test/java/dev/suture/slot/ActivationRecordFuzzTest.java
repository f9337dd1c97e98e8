package dev.suture.slot;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class ActivationRecordFuzzTest {
  private static final ActivationRecord SAMPLE =
      new ActivationRecord(
          0x1234,
          Slot.A,
          1,
          Optional.of(Slot.B),
          2,
          new SlotContent(SlotContent.State.WHOLE, Optional.of(Sha256.of(Bytes.of("a")))),
          new SlotContent(SlotContent.State.WHOLE, Optional.of(Sha256.of(Bytes.of("b")))),
          'a');

  private static final int ALLOCATED_MAX = 32 << 10;

  /** The fuzzer's own hooks on maps and strings allocate beside the parser. */
  private static final int HOOKS_MAX = 32 << 10;

  private final ParserContract<ActivationRecord> contract =
      contract("activation record", ALLOCATED_MAX);
  private final ParserContract<ActivationRecord> inside =
      contract("activation record, inside", ALLOCATED_MAX);
  private final ParserContract<ActivationRecord> fuzzed =
      contract("activation record", ALLOCATED_MAX + HOOKS_MAX);
  private final ParserContract<ActivationRecord> fuzzedInside =
      contract("activation record, inside", ALLOCATED_MAX + HOOKS_MAX);

  private static ParserContract<ActivationRecord> contract(String name, int allocatedMax) {
    return ParserContract.refusingBy(
            name, ActivationRecordCodec::decode, IllegalArgumentException.class)
        .writtenBy(ActivationRecordCodec::encode)
        .allocatingAtMost(allocatedMax, 0);
  }

  /** With the checksum that a writer who makes mistakes would put on it. */
  private static byte[] sealed(byte[] copy) {
    byte[] whole = Arrays.copyOf(copy, ActivationRecordCodec.BYTES);
    CRC32 crc = new CRC32();
    crc.update(whole, 4, whole.length - 4);
    return Bytes.with(whole, 0, 4, crc.getValue(), false);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    fuzzed.check(input);
    fuzzedInside.check(sealed(input));
  }

  @Test
  void sweep_everyByteAndNumber_noneIsAccepted() {
    byte[] sample = Seeds.sample(getClass(), "valid", ActivationRecordCodec.encode(SAMPLE));
    Sweep.around(contract, sample).everyByte().number(0, 4).noneIsAccepted();
  }

  @Test
  void sweep_everyByteUnderATrueChecksum_keepsTheContract() {
    byte[] sample = Seeds.committed(getClass(), "valid");
    Sweep.around(inside, sample)
        .everyByte()
        .values(
            "su_seq=1234",
            "su_seq=",
            "0",
            "1",
            "-1",
            "-0",
            "+1",
            "7fffffffffffffff",
            "7ffffffffffffffe",
            "8000000000000000",
            "-8000000000000000",
            "ffffffffffffffff",
            "10000000000000000",
            "00",
            "A",
            " 1",
            "1 ",
            "0x1",
            "")
        .values(
            "su_tries=2",
            "su_tries=",
            "0",
            "1",
            "-1",
            "f",
            "F",
            "10",
            "ff",
            "7fffffff",
            "80000000",
            "ffffffff",
            "100000000",
            "-0",
            "+3",
            "")
        .sealedBy(ActivationRecordFuzzTest::sealed)
        .keepsTheContract();
  }
}
