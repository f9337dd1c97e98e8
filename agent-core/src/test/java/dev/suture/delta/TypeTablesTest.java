package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.suture.protocol.failure.SutureException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Descriptions of types from byte 64 of the base on; some of their names move. */
class TypeTablesTest {
  private static final int FROM = 64;
  private static final int POINTER = 2 << 24;
  private static final int STRUCT = 4 << 24;
  private static final int NAMES_BYTES = 64;

  private long bytesRead;

  /** A pointer to type 5, a structure with two members, a pointer to type 6. */
  private static final int[] WORDS = {
    0, POINTER, 5, 1, STRUCT | 2, 16, 9, 5, 0, 12, 70, 64, 0, POINTER, 6,
  };

  private static byte[] base(int... words) {
    ByteBuffer base =
        ByteBuffer.allocate(FROM + words.length * 4 + NAMES_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < words.length; i++) {
      base.putInt(FROM + i * 4, words[i]);
    }
    return base.array();
  }

  private TypeTables tables(byte[] base) {
    int end = base.length - NAMES_BYTES;
    Segments segments = new Segments(1);
    segments.set(0, true, 0, base.length, 0x1000, 0, base.length + 8, 0x1000);
    // The names behind the first ten bytes move by four.
    CopyMap map =
        new CopyMap(
            new int[] {0, end, end + 14},
            new int[] {0, end, end + 10},
            new int[] {end, 10, NAMES_BYTES - 10});
    BaseImage counted = MemoryImage.counted(base, length -> bytesRead += length);
    return new TypeTables(
        new BaseReader(counted),
        segments,
        new MovedAddresses(map, segments, new LearnedTargets(0)));
  }

  private static Piece piece(byte[] base, int from, int length) {
    byte[] bytes = new byte[length];
    System.arraycopy(base, from, bytes, 0, length);
    return new Piece(0, FROM, base.length - NAMES_BYTES, from, 0x1000 + from, length, bytes, 0);
  }

  /** Makes type 5 type 7, and counts what was corrected. */
  private static final class Renumbering implements Corrector {
    private int corrected;

    @Override
    public void insert(byte[] target, int offset, int length) {
      throw new AssertionError("nothing is new");
    }

    @Override
    public void correct(byte[] predicted, int offset, int length) {
      assertThat(length).isPositive();
      int last = offset + length - Integer.BYTES;
      if (length >= Integer.BYTES && Piece.get(predicted, last, Integer.BYTES) == 5) {
        predicted[last] = 7;
      }
      corrected += length;
    }
  }

  private static int[] predicted(TypeTables tables, Piece piece) throws SutureException {
    Renumbering corrector = new Renumbering();
    tables.predict(piece, corrector);
    assertThat(corrector.corrected).isEqualTo(piece.length());
    int[] words = new int[piece.length() / 4];
    ByteBuffer.wrap(piece.bytes()).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
    return words;
  }

  @Test
  void predict_ofDescriptions_movesNamesAndNumbers() throws Exception {
    byte[] base = base(WORDS);
    int[] words = predicted(tables(base), piece(base, FROM, WORDS.length * 4));
    assertThat(words)
        .containsExactly(0, POINTER, 7, 1, STRUCT | 2, 16, 9, 7, 0, 16, 72, 64, 0, POINTER, 8);
  }

  @Test
  void predict_ofAPieceWithinADescription_knowsItsFields() throws Exception {
    byte[] base = base(WORDS);
    int[] words = predicted(tables(base), piece(base, FROM + 36, 24));
    // 12 is a name, 64 a place.
    assertThat(words).containsExactly(16, 70, 64, 0, POINTER, 6);
  }

  /** Whatever is there, and in whatever order it is copied. */
  @Test
  void predict_ofAnyBytes_correctsAllOfThem() throws Exception {
    Random random = new Random(3);
    byte[] base = new byte[40_000];
    random.nextBytes(base);
    for (int i = 0; i < base.length; i += 4) {
      // Few members, so that descriptions are short.
      base[i + 1] = 0;
    }
    TypeTables tables = tables(base);
    for (int i = 0; i < 3_000; i++) {
      int from = FROM + random.nextInt(base.length - NAMES_BYTES - FROM);
      int length = Math.min(random.nextInt(300), base.length - NAMES_BYTES - from);
      Renumbering corrector = new Renumbering();
      tables.predict(piece(base, from, length), corrector);
      assertThat(corrector.corrected).isEqualTo(length);
    }
  }

  /** Each piece is before the one before it. */
  @Test
  void predict_ofPiecesFromTheEndToTheBeginning_doesNotFollowAllForEach() throws Exception {
    int[] words = new int[600_000];
    for (int i = 0; i < words.length; i += 3) {
      words[i + 1] = POINTER;
      words[i + 2] = 1 + i / 3;
    }
    byte[] base = base(words);
    TypeTables tables = tables(base);
    int end = base.length - NAMES_BYTES;
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int from = end - 1_200; from >= FROM; from -= 1_200) {
            tables.predict(piece(base, from, 1_200), new Renumbering());
          }
        });
    // Each begins at most a step before the piece, and the base is read ahead.
    assertThat(bytesRead).isLessThan(20L * base.length);
  }
}
