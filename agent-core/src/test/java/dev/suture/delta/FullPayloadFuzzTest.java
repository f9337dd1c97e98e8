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
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The zstd frame of a full payload, and the decision by the verity root. */
class FullPayloadFuzzTest {
  private static final byte[] IMAGE =
      Arrays.copyOf(Bytes.of("This line is in the image over and over.\n".repeat(200)), 8_192);

  private static final int WINDOW_LOG = 20;

  private final ImageIdentity identity;
  private final ParserContract<Sha256> contract;

  FullPayloadFuzzTest() throws Exception {
    identity = MemoryImage.identity(IMAGE);
    contract =
        ParserContract.refusingWith(
                "full payload",
                this::expanded,
                FailureCode.DELTA_MALFORMED,
                FailureCode.IMAGE_DIGEST_MISMATCH)
            .allocatingAtMost(1 << 20, 0);
  }

  private Sha256 expanded(byte[] payload) throws Exception {
    MemoryImage.Sink sink = new MemoryImage.Sink(identity);
    VerifyingSink verifying = new VerifyingSink(sink, identity, (position, block) -> {});
    FullPayload.expand(new ByteArrayInputStream(payload), payload.length, identity, verifying);
    verifying.finish();
    return Sha256.of(sink.bytes());
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract
        .check(input)
        .ifPresent(got -> assertThat(got).as("image").isEqualTo(identity.sha256()));
  }

  @Test
  void sweep_everyByteAndNumber_givesTheImageOrNothing() {
    byte[] sample = Seeds.sample(getClass(), "valid", DeltaScript.frame(IMAGE, WINDOW_LOG));
    Sweep.around(contract, sample)
        .everyByte()
        .number(0, 4)
        .number(4, 1)
        .number(5, 1)
        .number(5, 2)
        .number(6, 2)
        .number(5, 4)
        .number(5, 8)
        .number(8, 3)
        .acceptedIsTheSample();
  }

  @Test
  void expand_declaredContentOfUpTo2To64Bytes_allocatesNothing() {
    ParserContract<Sha256> nothing =
        ParserContract.refusingWith("full payload", this::expanded, FailureCode.DELTA_MALFORMED)
            .allocatingAtMost(160 << 10, 0);
    for (long declared : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 40}) {
      for (int window = 0; window < 256; window++) {
        // Magic, a descriptor that says "8 bytes of content size", window, content size, a block.
        byte[] frame = new byte[32];
        frame = Bytes.with(frame, 0, 4, 0xFD2FB528L, false);
        frame = Bytes.with(frame, 4, 1, 0xC0, false);
        frame = Bytes.with(frame, 5, 1, window, false);
        assertThat(nothing.check(Bytes.with(frame, 6, 8, declared, false))).isEmpty();
      }
    }
    System.out.println(
        "full payload: declared lengths of 2^40 to 2^64-1, all 256 windows, took at most "
            + nothing.allocatedMost()
            + " bytes");
  }
}
