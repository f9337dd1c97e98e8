package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.SutureException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Who knows beforehand what is right, and who does not, must make the same image. */
class CodePredictorTest {
  private static final int BYTES = 6 * BaseCode.BATCH * Arm64.BYTES;

  /** Instructions of all kinds, with their operands zero. */
  private static final int[] WORDS = {
    0x94000000, 0x14000000, 0x54000000, 0xb4000000, 0x36000000, 0x10000000, 0x90000000, 0x90000000,
    0x91000000, 0x91000000, 0xf9400000, 0xf9400000, 0xb9000000, 0xa9000000, 0x11000000, 0x3d800000,
    0xd65f03c0, 0xd63f0000, 0xaa0003e0, 0xf94003e0, 0x910003e0, 0x58000000, 0x00000000
  };

  /** Adds to some bytes, wherever the walk asks. */
  private static class Adding implements Corrector {
    private final int[] places;
    private int next;
    int done;

    Adding(int[] places) {
      this.places = places;
    }

    @Override
    public void insert(byte[] target, int offset, int length) {
      throw new AssertionError("nothing is new");
    }

    @Override
    public void correct(byte[] predicted, int offset, int length) {
      for (; next < places.length && places[next] < done + length; next++) {
        predicted[offset + places[next] - done] += (byte) (places[next] % 7 + 1);
      }
      done += length;
    }

    int untilNext() {
      return (next < places.length ? places[next] : BYTES) - done;
    }
  }

  private static final class Knowing extends Adding {
    int passed;

    Knowing(int[] places) {
      super(places);
    }

    @Override
    public int right() {
      return untilNext();
    }

    @Override
    public void pass(int length) {
      assertThat(length).isBetween(1, untilNext());
      done += length;
      passed += length;
    }
  }

  private static byte[] code(Random random) {
    ByteBuffer code = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (code.hasRemaining()) {
      int word = WORDS[random.nextInt(WORDS.length)];
      int kind = Arm64.kind(word);
      if (word == 0) {
        word = random.nextInt();
      } else if (kind == Arm64.BRANCH || kind == Arm64.ADR || kind == Arm64.NEAR) {
        word = Arm64.with(kind, word, random.nextInt(BYTES) & -4, code.position());
      } else if (kind == Arm64.ADRP) {
        word = Arm64.with(kind, word, random.nextInt(BYTES), code.position()) | random.nextInt(4);
      } else if (word != 0xd65f03c0) {
        // Offsets and registers, of which few are used.
        word |= random.nextInt(16) << 15 | random.nextInt(4) << 5 | random.nextInt(4);
      }
      code.putInt(word);
    }
    return code.array();
  }

  /** Two halves that changed places, with something left out between them. */
  private static byte[] walk(byte[] base, Corrector corrector) throws SutureException {
    int middle = BYTES / 2;
    CopyMap map =
        new CopyMap(
            new int[] {0, middle - 64},
            new int[] {middle + 64, 0},
            new int[] {middle - 64, middle});
    int imageBytes = BYTES - 64;
    Segments segments = new Segments(1);
    segments.set(0, true, 0, BYTES, 0, 0, imageBytes, 0);
    Spans spans =
        new Spans(new SpanKind[] {SpanKind.CODE}, new long[] {0}, new long[] {base.length});
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    BaseImage memory = MemoryImage.base(base);
    new ImageWalk(map, segments, spans, 12, imageBytes, memory, corrector, image::write).run();
    return image.toByteArray();
  }

  @RepeatedTest(10)
  void predict_whetherOrNotItIsKnownWhatIsRight_isTheSame(RepetitionInfo round) throws Exception {
    Random random = new Random(round.getCurrentRepetition());
    byte[] base = code(random);
    int every = 4 << round.getCurrentRepetition();
    int[] places = random.ints(BYTES / every, 0, BYTES - 64).sorted().distinct().toArray();
    Knowing knowing = new Knowing(places);
    byte[] image = walk(base, knowing);

    assertThat(image).isEqualTo(walk(base, new Adding(places)));
    assertThat(knowing.passed).isPositive();
    assertThat(Arrays.equals(image, 0, 4096, base, BYTES / 2 + 64, BYTES / 2 + 64 + 4096))
        .isFalse();
  }
}
