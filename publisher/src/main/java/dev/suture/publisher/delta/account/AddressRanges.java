package dev.suture.publisher.delta.account;

import dev.suture.delta.Segments;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;
import java.util.Optional;

/** Which ranges of the base have addresses: spans, and the segments that they lie in. */
final class AddressRanges {
  private final SpanKind[] kinds;
  private final long[] starts;
  private final long[] ends;

  /** What is said about each segment, and about each span. */
  private final Cost[] costs;

  /**
   * Bytes of the delta for a range.
   *
   * @param imageStart where in the image the range begins, about
   */
  record Cost(long imageStart, double bytes) {}

  private AddressRanges(int segments, int spans) {
    kinds = new SpanKind[spans];
    starts = new long[spans];
    ends = new long[spans];
    costs = new Cost[segments + spans];
  }

  static AddressRanges read(DeltaHeader header, Numbers segments, Numbers spans)
      throws RejectedException {
    AddressRanges ranges = new AddressRanges(header.segments(), header.spans());
    long[] baseStarts = new long[header.segments()];
    long[] shifts = new long[header.segments()];
    long end = 0;
    for (int i = 0; i < header.segments(); i++) {
      long[] numbers = new long[Segments.NUMBERS];
      for (int n = 0; n < numbers.length; n++) {
        numbers[n] = n < 3 ? segments.number() : segments.signed();
      }
      baseStarts[i] = end + numbers[1];
      end = baseStarts[i] + numbers[2];
      shifts[i] = numbers[4];
      ranges.costs[i] = new Cost(baseStarts[i] + shifts[i], segments.charge());
    }
    end = 0;
    for (int i = 0; i < header.spans(); i++) {
      ranges.kinds[i] = kind(spans.number());
      ranges.starts[i] = end + spans.number();
      end = ranges.starts[i] + spans.number();
      ranges.ends[i] = end;
      if (end == ranges.starts[i]) {
        throw Numbers.malformed("expected a span of at least a byte, got none, span " + i);
      }
      int segment = floor(baseStarts, ranges.starts[i]);
      ranges.costs[header.segments() + i] =
          new Cost(ranges.starts[i] + (segment < 0 ? 0 : shifts[segment]), spans.charge());
    }
    segments.requireEnd();
    spans.requireEnd();
    return ranges;
  }

  private static SpanKind kind(long number) throws RejectedException {
    Optional<SpanKind> kind = SpanKind.of(number);
    if (kind.isEmpty()) {
      throw Numbers.malformed("expected a kind of span, got " + number);
    }
    return kind.get();
  }

  /** What is said about segments and spans. */
  Cost[] costs() {
    return costs;
  }

  /** What a surprise at a position of the base is. */
  ByteKind kind(int span, long position) {
    return isIn(span, position) ? ByteKind.of(kinds[span]) : ByteKind.DATA;
  }

  /** The last span that begins at or before a position of the base; -1 if none does. */
  int spanAt(long position) {
    return floor(starts, position);
  }

  /** Up to where positions have the kind that this one has. */
  long end(int span, long position) {
    if (isIn(span, position)) {
      return ends[span];
    }
    return span + 1 < starts.length ? starts[span + 1] : Long.MAX_VALUE;
  }

  private boolean isIn(int span, long position) {
    return span >= 0 && position < ends[span];
  }

  /** The last of ascending values at or below one; -1 if none is. */
  private static int floor(long[] values, long value) {
    int found = Arrays.binarySearch(values, value);
    return found >= 0 ? found : -found - 2;
  }
}
