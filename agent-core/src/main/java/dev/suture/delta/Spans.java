package dev.suture.delta;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;

/**
 * Ranges of the base whose addresses are predicted, in order and without overlap.
 *
 * <p>Memory: 20 bytes a span.
 */
public final class Spans {
  /** Numbers of a span in the stream. */
  public static final int NUMBERS = 3;

  private final SpanKind[] kinds;
  private final long[] starts;
  private final long[] lengths;

  /** Takes the spans, each an entry of three arrays, which now belong to them. */
  public Spans(SpanKind[] kinds, long[] starts, long[] lengths) {
    this.kinds = kinds;
    this.starts = starts;
    this.lengths = lengths;
  }

  /** Reads the spans and checks that each lies within a segment. */
  static Spans read(DeltaHeader header, Segments segments, StreamCursor numbers)
      throws RejectedException {
    int count = header.spans();
    numbers.requireNumbers((long) NUMBERS * count);
    SpanKind[] kinds = new SpanKind[count];
    long[] starts = new long[count];
    long[] lengths = new long[count];
    long end = 0;
    for (int i = 0; i < count; i++) {
      long kind = numbers.number();
      kinds[i] =
          SpanKind.of(kind)
              .orElseThrow(() -> numbers.malformed("expected a kind of span, got " + kind));
      starts[i] = end + numbers.number();
      lengths[i] = numbers.number();
      end = starts[i] + lengths[i];
      int segment = segments.ofBase(starts[i]);
      if (lengths[i] == 0 || segment < 0 || end > segments.baseEnd(segment)) {
        throw numbers.malformed(
            "expected a span within a segment, got " + lengths[i] + " bytes at " + starts[i]);
      }
    }
    numbers.requireEnd();
    return new Spans(kinds, starts, lengths);
  }

  /** How many there are. */
  public int count() {
    return starts.length;
  }

  /** What a span holds. */
  public SpanKind kind(int span) {
    return kinds[span];
  }

  /** Where in the base a span begins. */
  public long start(int span) {
    return starts[span];
  }

  /** Where in the base a span ends. */
  public long end(int span) {
    return starts[span] + lengths[span];
  }

  /** The first span that ends behind a position of the base; {@link #count} if there is none. */
  public int next(long position) {
    int found = Arrays.binarySearch(starts, position);
    int at = found >= 0 ? found : -found - 2;
    return at >= 0 && position < end(at) ? at : at + 1;
  }
}
