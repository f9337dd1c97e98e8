package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.SutureException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the walk predicts of tables and code at their borders, and what it costs. */
class ImageWalkTest {
  private static final int RECORD_BYTES = 20;
  private static final int RELOCATION_BYTES = 24;

  private long bytesRead;

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Spans span(SpanKind kind, long start, long length) {
    return new Spans(new SpanKind[] {kind}, new long[] {start}, new long[] {length});
  }

  /** One segment of the same place and addresses in base and image. */
  private static Segments segment(long bytes) {
    Segments segments = new Segments(1);
    segments.set(0, true, 0, bytes, 0, 0, bytes, 0);
    return segments;
  }

  /** Makes an image of which all is predicted right. */
  private byte[] walk(byte[] base, CopyMap map, Segments segments, Spans spans, int imageBytes)
      throws SutureException {
    BaseImage counted = MemoryImage.counted(base, length -> bytesRead += length);
    Corrector right =
        new Corrector() {
          @Override
          public void insert(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, (byte) 0);
          }

          @Override
          public void correct(byte[] predicted, int offset, int length) {
            assertThat(length).isPositive();
          }
        };
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    new ImageWalk(map, segments, spans, 10, imageBytes, counted, right, image::write).run();
    assertThat(image.size()).isEqualTo(imageBytes);
    return image.toByteArray();
  }

  @Test
  void run_ofRelocationsUpToTheEnd_correctsNothingBehindThem() throws Exception {
    byte[] base = new byte[10 * RELOCATION_BYTES];
    CopyMap map = new CopyMap(new int[] {0}, new int[] {0}, new int[] {base.length});
    Spans spans = span(SpanKind.RELOCATIONS, 0, base.length);
    assertThat(walk(base, map, segment(base.length), spans, base.length)).isEqualTo(base);
  }

  /** What follows {@code .eh_frame} in its segment can be long, and copied in many pieces. */
  @Test
  void run_ofCopiesBehindTheLastRecord_doesNotFollowAllRecordsForEach() throws Exception {
    int records = 20_000;
    int end = records * RECORD_BYTES;
    int copies = 200;
    int copyBytes = 500;
    byte[] base = new byte[end + Integer.BYTES + copies * copyBytes];
    ByteBuffer frames = littleEndian(base);
    for (int i = 0; i < records; i++) {
      frames.putInt(i * RECORD_BYTES, RECORD_BYTES - Integer.BYTES);
    }
    int[] imageStarts = new int[copies];
    int[] baseStarts = new int[copies];
    int[] lengths = new int[copies];
    for (int i = 0; i < copies; i++) {
      imageStarts[i] = i * copyBytes;
      baseStarts[i] = end + Integer.BYTES + i * copyBytes;
      lengths[i] = copyBytes;
    }
    walk(
        base,
        new CopyMap(imageStarts, baseStarts, lengths),
        segment(base.length),
        span(SpanKind.FRAMES, 0, base.length),
        copies * copyBytes);
    assertThat(bytesRead).isLessThan(4L * base.length);
  }

  /** Copies can come in any order, and be of several files in turn. */
  @Test
  void run_ofRecordsInAnyOrder_doesNotFollowAllBeforeForEach() throws Exception {
    int copies = 400;
    int copyBytes = 10 * RECORD_BYTES;
    int small = 2 * RECORD_BYTES;
    byte[] base = new byte[50 * copies * copyBytes + small];
    ByteBuffer frames = littleEndian(base);
    for (int i = 0; i < base.length; i += RECORD_BYTES) {
      frames.putInt(i, RECORD_BYTES - Integer.BYTES);
    }
    int[] imageStarts = new int[copies];
    int[] baseStarts = new int[copies];
    int[] lengths = new int[copies];
    for (int i = 0; i < copies; i++) {
      imageStarts[i] = i * copyBytes;
      // From both ends to the middle, and the small file's in between.
      int at = i % 2 == 0 ? 25 * i : 50 * copies - 25 * i - 25;
      baseStarts[i] = i % 5 == 4 ? base.length - small : at * copyBytes;
      lengths[i] = i % 5 == 4 ? small : copyBytes;
    }
    int imageBytes = copies * copyBytes;
    Segments segments = new Segments(2);
    segments.set(0, true, 0, base.length - small, 0, 0, imageBytes, 0);
    segments.set(1, true, base.length - small, small, 0, 0, imageBytes, 0);
    Spans spans =
        new Spans(
            new SpanKind[] {SpanKind.FRAMES, SpanKind.FRAMES},
            new long[] {0, base.length - small},
            new long[] {base.length - small, small});
    lengths[copies - 1] = copyBytes;
    baseStarts[copies - 1] = 0;
    walk(base, new CopyMap(imageStarts, baseStarts, lengths), segments, spans, imageBytes);
    assertThat(bytesRead).isLessThan(4L * base.length);
  }

  /** A segment of the image can end within an instruction, and another one go on behind it. */
  @Test
  void run_ofCodeAcrossSegmentsOfTheImage_predictsInBoth() throws Exception {
    byte[] base = new byte[8192];
    int call = 3000;
    littleEndian(base).putInt(call, 0x94000000 | (0x10100 - call) / Arm64.BYTES);
    Segments segments = new Segments(2);
    segments.set(0, true, 0, 4096, 0, 0, 2050, 0);
    segments.set(1, false, 4096, 4096, 0x10000, 2050, 6142, 0x20002);
    CopyMap map = new CopyMap(new int[] {0}, new int[] {0}, new int[] {base.length});
    byte[] image = walk(base, map, segments, span(SpanKind.CODE, 0, 4096), base.length);

    // The copy contains what is called: the distance is that in the image.
    int distance = 4096 + 0x100 - call;
    assertThat(littleEndian(image).getInt(call)).isEqualTo(0x94000000 | distance / Arm64.BYTES);
  }

  /** Each number is of another file than the one before it. */
  @Test
  void run_ofSymbolNumbersOfManyFiles_doesNotLookThroughAllSpansForEach() throws Exception {
    int files = 8000;
    int repeats = 512;
    int tables = 24 * files;
    byte[] base = new byte[tables + 4 * files];
    Arrays.fill(base, (byte) 1);
    int imageBytes = repeats * 4 * files;
    Segments segments = new Segments(files + 1);
    segments.set(0, true, 0, tables, 0, 0, imageBytes, 0);
    SpanKind[] kinds = new SpanKind[2 * files];
    long[] starts = new long[2 * files];
    long[] lengths = new long[2 * files];
    for (int i = 0; i < files; i++) {
      segments.set(i + 1, true, tables + 4L * i, 4, 0, 0, imageBytes, 0);
      kinds[i] = SpanKind.SYMBOLS;
      starts[i] = 24L * i;
      lengths[i] = 24;
      kinds[files + i] = SpanKind.SYMBOL_NUMBERS;
      starts[files + i] = tables + 4L * i;
      lengths[files + i] = 4;
    }
    int[] imageStarts = new int[repeats];
    int[] baseStarts = new int[repeats];
    int[] copyLengths = new int[repeats];
    for (int i = 0; i < repeats; i++) {
      imageStarts[i] = i * 4 * files;
      baseStarts[i] = tables;
      copyLengths[i] = 4 * files;
    }
    CopyMap map = new CopyMap(imageStarts, baseStarts, copyLengths);
    // Seconds at most; looking through all takes many minutes.
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> walk(base, map, segments, new Spans(kinds, starts, lengths), imageBytes));
  }
}
