package dev.suture.slot;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class EnvironmentRecordFuzzTest {
  private static final int BYTES = 512;
  private static final int ALLOCATED_MAX = 48 << 10;

  /** The fuzzer's own hooks on maps and strings allocate at each of some thousand comparisons. */
  private static final int HOOKS_MAX = 8 << 20;

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

  private final ParserContract<UbootEnvironment> environment = environment(ALLOCATED_MAX);
  private final ParserContract<ActivationRecord> inside =
      record(EnvironmentNames.RAUC, ALLOCATED_MAX);
  private final ParserContract<UbootEnvironment> fuzzedEnvironment =
      environment(ALLOCATED_MAX + HOOKS_MAX);
  private final ParserContract<ActivationRecord> fuzzedRauc =
      record(EnvironmentNames.RAUC, ALLOCATED_MAX + HOOKS_MAX);
  private final ParserContract<ActivationRecord> fuzzedSuture =
      record(EnvironmentNames.SUTURE, ALLOCATED_MAX + HOOKS_MAX);

  private static ParserContract<UbootEnvironment> environment(int allocatedMax) {
    return ParserContract.refusingBy(
            "environment", UbootEnvironment::decode, IllegalArgumentException.class)
        .writtenBy(value -> value.encode(BYTES, value.flags()))
        .allocatingAtMost(allocatedMax, 0);
  }

  private static ParserContract<ActivationRecord> record(EnvironmentNames names, int allocatedMax) {
    return ParserContract.refusingBy(
            "record in an environment, " + names.word(),
            copy -> names.record(UbootEnvironment.decode(copy)),
            IllegalArgumentException.class)
        .writtenBy(record -> UbootEnvironment.EMPTY.with(names.variables(record)).encode(BYTES, 0))
        .allocatingAtMost(allocatedMax, 0);
  }

  private static byte[] sample() {
    return UbootEnvironment.EMPTY
        .with(Map.of("ethaddr", "52:54:00:12:34:56"))
        .with(EnvironmentNames.RAUC.variables(SAMPLE))
        .encode(BYTES, 7);
  }

  /** With the checksum that a writer who makes mistakes would put on it. */
  private static byte[] sealed(byte[] copy) {
    byte[] whole = Arrays.copyOf(copy, BYTES);
    CRC32 crc = new CRC32();
    crc.update(whole, 5, whole.length - 5);
    return Bytes.with(whole, 0, 4, crc.getValue(), false);
  }

  @FuzzTest
  void fuzz(byte[] input) {
    byte[] copy = Arrays.copyOf(input, BYTES);
    fuzzedEnvironment.check(copy);
    fuzzedEnvironment.check(sealed(copy));
    fuzzedRauc.check(sealed(copy));
    fuzzedSuture.check(sealed(copy));
  }

  @Test
  void sweep_everyByteUnderATrueChecksum_theEnvironmentKeepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", sample());
    Sweep.around(environment, sample)
        .everyByte()
        .sealedBy(EnvironmentRecordFuzzTest::sealed)
        .keepsTheContract();
  }

  @Test
  void sweep_everyByteUnderATrueChecksum_theRecordKeepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", sample());
    Sweep.around(inside, sample)
        .everyByte()
        .values(
            "BOOT_B_LEFT=2", "BOOT_B_LEFT=", "0", "1", "-1", "-0", "+3", "f", "F", "10", "0x1", "")
        .values(
            "BOOT_ORDER=B A base",
            "BOOT_ORDER=",
            "A base",
            "base",
            "A B base",
            "B",
            " B  A base ",
            "")
        .sealedBy(EnvironmentRecordFuzzTest::sealed)
        .keepsTheContract();
  }
}
