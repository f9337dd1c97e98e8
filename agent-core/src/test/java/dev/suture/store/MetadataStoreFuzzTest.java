package dev.suture.store;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** One of the two copies of what a device believes. */
class MetadataStoreFuzzTest {
  private static final int SEQUENCE_AT = 8;
  private static final int LENGTH_AT = 16;
  private static final int CRC_AT = 20;
  private static final int HEADER_BYTES = 24;

  private final ParserContract<MetadataStore.Copy> contract = contract("copy of a trust state");
  private final ParserContract<MetadataStore.Copy> inside = contract("copy, inside");

  private static ParserContract<MetadataStore.Copy> contract(String name) {
    return ParserContract.refusingBy(
            name, bytes -> MetadataStore.decode("trust.0", bytes), IllegalArgumentException.class)
        .canonical(copy -> MetadataStore.encode(copy.sequence(), copy.content()));
  }

  /** With its checksum made true, as far as it is there. */
  private static byte[] summed(byte[] copy) {
    if (copy.length < HEADER_BYTES) {
      return copy;
    }
    CRC32 crc = new CRC32();
    crc.update(copy, SEQUENCE_AT, LENGTH_AT - SEQUENCE_AT);
    crc.update(copy, HEADER_BYTES, copy.length - HEADER_BYTES);
    return Bytes.with(copy, CRC_AT, 4, crc.getValue(), true);
  }

  private byte[] sample() {
    return Seeds.sample(
        getClass(), "valid", MetadataStore.encode(7, Bytes.of("what a device believes")));
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
    inside.check(summed(input));
  }

  private static Sweep<MetadataStore.Copy> sweep(
      ParserContract<MetadataStore.Copy> contract, byte[] sample) {
    return Sweep.around(contract, sample)
        .everyByte()
        .bigEndianNumber(0, 4)
        .bigEndianNumber(4, 4)
        .bigEndianNumber(SEQUENCE_AT, 8)
        .bigEndianNumber(LENGTH_AT, 4)
        .bigEndianNumber(CRC_AT, 4);
  }

  @Test
  void sweep_everyByteAndNumber_noneIsAccepted() {
    sweep(contract, sample()).noneIsAccepted();
  }

  @Test
  void sweep_everyByteAndNumberUnderATrueChecksum_keepsTheContract() {
    sweep(inside, sample()).sealedBy(MetadataStoreFuzzTest::summed).keepsTheContract();
  }
}
