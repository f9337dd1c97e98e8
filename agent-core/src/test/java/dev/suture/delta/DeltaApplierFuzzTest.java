package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The whole way of a delta: header, compressed streams, and the decision by the verity root. */
class DeltaApplierFuzzTest {
  private static final byte[] BASE = bytes(1, 12_288);
  private static final byte[] IMAGE = image();

  /** Buffers, and the learned targets that a header can ask for: four MiB. */
  private static final long MEMORY_BYTES_MAX = 5 << 20;

  private final ImageIdentity identity;
  private final ParserContract<Sha256> contract;

  DeltaApplierFuzzTest() throws Exception {
    identity = MemoryImage.identity(IMAGE);
    contract =
        ParserContract.refusingWith(
                "delta",
                this::rebuilt,
                FailureCode.DELTA_MALFORMED,
                FailureCode.IMAGE_DIGEST_MISMATCH)
            .allocatingAtMost(MEMORY_BYTES_MAX, 0);
  }

  private static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** The base with a byte added to some of it, and something new in it. */
  private static byte[] image() {
    byte[] image = Arrays.copyOfRange(BASE, 4_096, 12_288);
    for (int i = 100; i < 140; i++) {
      image[i] = (byte) (image[i] + 3);
    }
    System.arraycopy(bytes(2, 60), 0, image, 140, 60);
    return image;
  }

  private static DeltaScript script() {
    byte[] three = new byte[40];
    Arrays.fill(three, (byte) 3);
    return new DeltaScript()
        .copy(100, 4_096)
        .add(4_196, three)
        .insert(bytes(2, 60))
        .copy(7_992, 4_296)
        .compressed();
  }

  private Sha256 rebuilt(byte[] delta) throws Exception {
    return Sha256.of(MemoryImage.rebuilt(delta, BASE, identity));
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract
        .check(input)
        .ifPresent(got -> assertThat(got).as("image").isEqualTo(identity.sha256()));
  }

  @Test
  void sweep_everyByteAndNumber_givesTheImageOrNothing() {
    byte[] sample = Seeds.sample(getClass(), "valid", script().build(BASE, identity));
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
        .number(104, 1)
        .number(105, 1)
        .number(106, 1)
        .number(104, 5)
        .acceptedIsTheSample();
  }

  @Test
  void apply_declaredImageOfUpTo2To64Bytes_allocatesNothing() {
    byte[] sample = Seeds.committed(getClass(), "valid");
    ParserContract<Sha256> nothing =
        ParserContract.refusingWith("delta", this::rebuilt, FailureCode.DELTA_MALFORMED)
            .allocatingAtMost(64 << 10, 0);
    for (long declared :
        new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 40, (2L << 30) + 1}) {
      for (int at : new int[] {24, 32, 104}) {
        assertThat(nothing.check(Bytes.with(sample, at, 8, declared, false))).isEmpty();
      }
    }
    System.out.println(
        "delta: declared lengths of 2^31+1 to 2^64-1 took at most "
            + nothing.allocatedMost()
            + " bytes");
  }
}
