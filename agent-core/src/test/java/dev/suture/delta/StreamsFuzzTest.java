package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The streams of a delta, behind a header that is made for them: what is damaged here is what a
 * damaged file would seldom reach. The first three bytes are how many copies, segments and spans
 * there are. The base is noise with spans of every kind in it, so that the predictors are tried
 * with whatever a base can have.
 */
class StreamsFuzzTest {
  private static final byte[] BASE = base();
  private static final int COUNTS = 3;
  private static final int LEARNED_LOG = 6;

  /**
   * What docs/patch-format.md 1.7 allows, without a map: a part's streams and a dictionary, 2 MiB
   * each, what is learned of a kernel's types, and half a MiB for everything else.
   */
  private static final int ALLOCATED_MAX = (2048 + 2048 + 1056 + 512) << 10;

  private final ImageIdentity identity;
  private final ParserContract<Sha256> contract;

  StreamsFuzzTest() throws Exception {
    identity = MemoryImage.identity(Arrays.copyOf(BASE, 4_096));
    contract =
        ParserContract.refusingWith("streams", this::rebuilt, FailureCode.DELTA_MALFORMED)
            .allocatingAtMost(ALLOCATED_MAX, 8);
  }

  private static byte[] base() {
    byte[] base = new byte[8_192];
    new Random(3).nextBytes(base);
    return base;
  }

  private static byte[] sample() {
    DeltaScript script =
        new DeltaScript()
            .copy(3_200, 1_000)
            .add(0, new byte[] {1, 2, 3, -1})
            .insert(new byte[92])
            .copy(800, 4_900)
            .segment(1, 0, 4_000, 0, 0, 0, 0)
            .segment(0, 0, 4_000, 2 * 65_536, 0, 7_807, 8)
            .span(SpanKind.SYMBOLS, 960, 240)
            .span(SpanKind.RELOCATIONS, 0, 480)
            .span(SpanKind.CODE, 0, 1_600)
            .span(SpanKind.FRAME_TABLE, 0, 80)
            .span(SpanKind.FRAMES, 0, 600)
            .span(SpanKind.SYMBOL_NUMBERS, 0, 40)
            .span(SpanKind.SECTION_SYMBOLS, 0, 480)
            .span(SpanKind.SECTION_RELOCATIONS, 0, 480)
            .span(SpanKind.DISTANCES_3_OF_3, 0, 240)
            .span(SpanKind.DISTANCES_2_OF_3, 0, 240)
            .span(SpanKind.DISTANCES_3_OF_4, 0, 240)
            .span(SpanKind.OFFSETS, 0, 120)
            .span(SpanKind.TYPES, 0, 400)
            .span(SpanKind.POINTERS, 0, 1_800);
    return DeltaScript.join(new byte[] {3, 2, 14}, script.body());
  }

  /** Any image will do, as long as it has the length that was asked for. */
  private Sha256 rebuilt(byte[] input) throws Exception {
    byte[] counts = Arrays.copyOf(input, COUNTS);
    byte[] streams = Arrays.copyOfRange(input, Math.min(COUNTS, input.length), input.length);
    byte[] header =
        new DeltaHeader(
                false,
                LEARNED_LOG,
                counts[0] & 0xff,
                counts[1] & 0xff,
                counts[2] & 0xff,
                BASE.length,
                Sha256.of(BASE),
                identity.bytes(),
                identity.sha256())
            .encode();
    byte[] delta = DeltaScript.join(header, streams);
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
    assertThat(contract.check(sample)).isPresent();
    Sweep.around(contract, sample)
        .everyByte()
        .number(3, 1)
        .number(3, 5)
        .number(5, 5)
        .number(7, 5)
        .keepsTheContract();
  }
}
