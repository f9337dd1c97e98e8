package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The operations of a delta, behind a header and a frame that are made for them: what is damaged
 * here is what a damaged file would seldom reach. The first byte is the number of operations.
 */
class OperationsFuzzTest {
  private static final byte[] BASE = base();
  private static final int WINDOW_LOG = 20;

  private final ImageIdentity identity;
  private final ParserContract<Sha256> contract;

  OperationsFuzzTest() throws Exception {
    identity = MemoryImage.identity(Arrays.copyOf(BASE, 4_096));
    contract =
        ParserContract.refusingWith("operations", this::rebuilt, FailureCode.DELTA_MALFORMED)
            .allocatingAtMost(2 << 20, 8);
  }

  private static byte[] base() {
    byte[] base = new byte[8_192];
    new Random(3).nextBytes(base);
    return base;
  }

  private static byte[] sample() {
    byte[] operations =
        new DeltaScript()
            .copy(4_000, 8_192 - 4_000)
            .add(0, new byte[] {1, 2, 3, -1})
            .insert(new byte[92])
            .operationBytes();
    return DeltaScript.join(new byte[] {3}, operations);
  }

  /** Any image will do, as long as it has the length that was asked for. */
  private Sha256 rebuilt(byte[] input) throws Exception {
    int count = Math.max(1, input.length == 0 ? 0 : input[0] & 0xff);
    byte[] operations = Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
    // What the header alone refuses is not what is tried here: as many bytes as it wants.
    int length =
        (int)
            Math.max(
                count * (long) DeltaHeader.OPERATION_BYTES_MIN,
                Math.min(
                    operations.length, DeltaHeader.operationBytesMax(count, identity.bytes())));
    operations = Arrays.copyOf(operations, length);
    byte[] header =
        new DeltaHeader(
                WINDOW_LOG,
                count,
                operations.length,
                BASE.length,
                Sha256.of(BASE),
                identity.bytes(),
                identity.sha256())
            .encode();
    byte[] delta = DeltaScript.join(header, DeltaScript.frame(operations, WINDOW_LOG));
    MemoryImage.Sink sink = new MemoryImage.Sink(identity);
    DeltaApplier.apply(
        new ByteArrayInputStream(delta),
        delta.length,
        Sha256.of(BASE),
        identity,
        MemoryImage.base(BASE),
        sink);
    assertThat(sink.bytes()).hasSize((int) identity.bytes());
    return Sha256.of(sink.bytes());
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByte_makesAWholeImageOrNothing() {
    byte[] sample = Seeds.sample(getClass(), "valid", sample());
    Sweep.around(contract, sample)
        .everyByte()
        .number(1, 2)
        .number(3, 2)
        .number(1, 4)
        .number(1, 5)
        .number(1, 6)
        .number(3, 5)
        .keepsTheContract();
  }
}
