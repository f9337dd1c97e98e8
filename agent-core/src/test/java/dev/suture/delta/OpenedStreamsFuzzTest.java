package dev.suture.delta;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a delta says about deflate streams, and what is in them, damaged in every place. */
class OpenedStreamsFuzzTest {
  private static final byte[] CONTENT =
      "never gonna give, never gonna let, never gonna run around, never gonna make, never gonna say"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STREAM = Deflated.of(CONTENT, 6);
  private static final byte[] BASE = Arrays.copyOf(STREAM, 4_096);

  private final ImageIdentity identity;
  private final ParserContract<Sha256> contract;

  OpenedStreamsFuzzTest() throws Exception {
    identity = MemoryImage.identity(BASE);
    // Of the streams' content, two MiB can be asked for; a class of the inflater's comes along.
    contract =
        ParserContract.refusingWith(
                "opened streams",
                this::rebuilt,
                FailureCode.DELTA_MALFORMED,
                FailureCode.IMAGE_DIGEST_MISMATCH,
                FailureCode.BASE_UNREADABLE)
            .allocatingAtMost(5 << 20, 8);
  }

  private static DeltaScript script() {
    return new DeltaScript()
        .opening(CONTENT.length + BASE.length - STREAM.length)
        .openedOfBase(0, CONTENT.length)
        .openedOfImage(0, CONTENT.length, 6)
        .copy(20, BASE.length)
        .add(BASE.length + 20, new byte[4])
        .insert(Arrays.copyOfRange(CONTENT, 24, 30))
        .copy(CONTENT.length - 30, BASE.length + 30)
        .copy(BASE.length - STREAM.length, STREAM.length);
  }

  private Sha256 rebuilt(byte[] body) throws Exception {
    byte[] delta = DeltaScript.join(script().header(BASE, identity), body);
    return Sha256.of(MemoryImage.rebuilt(delta, BASE, identity));
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_givesTheImageOrNothing() {
    byte[] sample = Seeds.sample(getClass(), "valid", script().body());
    Sweep.around(contract, sample)
        .everyByte()
        .number(0, 1)
        .number(1, 1)
        .number(2, 2)
        .number(4, 1)
        .number(6, 1)
        .keepsTheContract();
  }
}
