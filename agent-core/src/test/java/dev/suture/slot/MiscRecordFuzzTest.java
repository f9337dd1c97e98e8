package dev.suture.slot;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class MiscRecordFuzzTest {
  private static final int ALLOCATED_MAX = 64 << 10;

  /** The fuzzer's own hooks on maps and strings allocate beside the parser. */
  private static final int HOOKS_MAX = 512 << 10;

  private static final SlotContent WHOLE =
      new SlotContent(SlotContent.State.WHOLE, Optional.of(Sha256.of(Bytes.of("a"))));
  private static final ActivationRecord SAMPLE =
      new ActivationRecord(0x1234, Slot.A, 1, Optional.of(Slot.B), 2, WHOLE, WHOLE, 'a');

  private final ParserContract<ActivationRecord> contract = contract(ALLOCATED_MAX);
  private final ParserContract<ActivationRecord> inside = contract(ALLOCATED_MAX);
  private final ParserContract<ActivationRecord> fuzzed = contract(ALLOCATED_MAX + HOOKS_MAX);

  /** The input is the 32 bytes, and then what is where they were in older layouts. */
  private static ParserContract<ActivationRecord> contract(int allocatedMax) {
    return ParserContract.refusingWith(
            "bootloader_control",
            input -> new MiscRecord(medium(input), medium(input)).load(),
            FailureCode.ACTIVATION_RECORD_DAMAGED,
            FailureCode.CONFIG_INVALID)
        .writtenBy(MiscRecordFuzzTest::written)
        .allocatingAtMost(allocatedMax, 0);
  }

  private static MemoryMedium medium(byte[] input) {
    MemoryMedium medium = new MemoryMedium(ActivationRecordCodec.BYTES);
    medium.areas[0] = ActivationRecordCodec.encode(SAMPLE);
    byte[] misc = medium.areas[MemoryMedium.MISC];
    System.arraycopy(input, 0, misc, BootloaderControl.AT, Math.min(32, input.length));
    System.arraycopy(input, Math.min(32, input.length), misc, 864, Math.max(0, input.length - 32));
    return medium;
  }

  private static byte[] written(ActivationRecord record) {
    MemoryMedium medium = new MemoryMedium(ActivationRecordCodec.BYTES);
    try {
      new MiscRecord(medium, medium).store(record);
    } catch (DeviceException e) {
      throw new AssertionError("zeros are no other layout", e);
    }
    return medium.control();
  }

  /** With the checksum that a writer who makes mistakes would put on it. */
  private static byte[] sealed(byte[] control) {
    byte[] whole = Arrays.copyOf(control, 64);
    CRC32 crc = new CRC32();
    crc.update(whole, 0, 28);
    return Bytes.with(whole, 28, 4, crc.getValue(), false);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    byte[] whole = Arrays.copyOf(input, 64);
    fuzzed.check(whole);
    fuzzed.check(sealed(whole));
  }

  @Test
  void sweep_everyBitAndChecksum_noneIsAccepted() {
    byte[] sample = Seeds.sample(getClass(), "valid", written(SAMPLE));
    Sweep.around(contract, sample).everyBit().number(28, 4).noneIsAccepted();
  }

  @Test
  void sweep_everyByteUnderATrueChecksum_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", written(SAMPLE));
    Sweep.around(inside, sample)
        .everyByte()
        .number(4, 4)
        .number(12, 2)
        .number(14, 2)
        .sealedBy(MiscRecordFuzzTest::sealed)
        .keepsTheContract();
  }
}
