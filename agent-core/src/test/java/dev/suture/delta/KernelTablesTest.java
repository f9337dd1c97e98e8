package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.delta.SpanKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is predicted of a file whose first half stays and whose second half moves by 256 bytes. */
class KernelTablesTest {
  private static final int HALF = 4096;
  private static final int MOVED = 256;
  private static final long BASE_ADDRESS = 0x10000;
  private static final long IMAGE_ADDRESS = 0x30000;

  private final Segments segments = new Segments(1);
  private final MovedAddresses addresses;

  KernelTablesTest() {
    segments.set(0, true, 0, 2 * HALF, BASE_ADDRESS, 0, 2 * HALF + MOVED, IMAGE_ADDRESS);
    CopyMap map =
        new CopyMap(new int[] {0, HALF + MOVED}, new int[] {0, HALF}, new int[] {HALF, HALF});
    addresses = new MovedAddresses(map, segments, new LearnedTargets(0));
  }

  /** A piece of a span that begins at 1,024 of the base. */
  private static Piece piece(int skip, int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return new Piece(
        0,
        1024,
        2048,
        1024 + skip,
        IMAGE_ADDRESS + 1024 + skip,
        bytes.capacity() - skip,
        bytes.array(),
        skip);
  }

  private static int[] words(Piece piece) {
    int[] words = new int[piece.bytes().length / 4];
    ByteBuffer.wrap(piece.bytes()).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
    return words;
  }

  private int[] distances(SpanKind kind, int skip, int... words) {
    Piece piece = piece(skip, words);
    new KernelTables(segments, addresses).distances(kind, piece);
    return words(piece);
  }

  @Test
  void distances_ofEachKind_moveWithWhatTheyLeadTo() {
    int far = HALF;
    assertThat(distances(SpanKind.DISTANCES_3_OF_3, 0, far, 8, far, far))
        .containsExactly(far + MOVED, 8, far + MOVED, far + MOVED);
    assertThat(distances(SpanKind.DISTANCES_2_OF_3, 0, far, far, far, far, far, far))
        .containsExactly(far + MOVED, far + MOVED, far, far + MOVED, far + MOVED, far);
    assertThat(distances(SpanKind.DISTANCES_3_OF_4, 0, far, far, far, far, far))
        .containsExactly(far + MOVED, far + MOVED, far + MOVED, far, far + MOVED);
  }

  @Test
  void distances_inAPieceWithinAWord_countFromTheSpan() {
    // What is left of the first word is as the base has it.
    assertThat(distances(SpanKind.DISTANCES_2_OF_3, 2, HALF, HALF, HALF))
        .containsExactly(HALF, HALF + MOVED, HALF);
  }

  @Test
  void distances_thatLeadNowhere_stay() {
    assertThat(distances(SpanKind.DISTANCES_3_OF_3, 0, 0, -70_000, Integer.MIN_VALUE))
        .containsExactly(0, -70_000, Integer.MIN_VALUE);
  }

  /** Behind what the file has bytes for, everything moves with its end. */
  @Test
  void distances_behindTheFile_moveWithItsEnd() {
    assertThat(distances(SpanKind.DISTANCES_3_OF_3, 0, 3 * HALF)).containsExactly(3 * HALF + MOVED);
  }

  @Test
  void offsets_countFromTheFirstAddress() {
    Piece piece = piece(0, 0, 100, HALF - 1, HALF, HALF + 100, -1);
    new KernelTables(segments, addresses).offsets(piece);
    assertThat(words(piece))
        .containsExactly(0, 100, HALF - 1, HALF + MOVED, HALF + MOVED + 100, -1 + MOVED);
  }

  @Test
  void anyTable_ofAnyBytes_isPredicted() {
    Random random = new Random(4);
    KernelTables tables = new KernelTables(segments, addresses);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      int from = 1024 + random.nextInt(900);
      Piece piece = new Piece(0, 1024, 2048, from, IMAGE_ADDRESS + from, bytes.length, bytes, 0);
      tables.distances(SpanKind.DISTANCES_3_OF_4, piece);
      tables.distances(SpanKind.DISTANCES_2_OF_3, piece);
      tables.offsets(piece);
      assertThat(bytes).hasSize(piece.length());
    }
  }
}
