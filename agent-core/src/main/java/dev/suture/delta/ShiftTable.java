package dev.suture.delta;

import dev.suture.protocol.delta.DeltaLimits;
import java.util.Arrays;

/**
 * How far each position of the base has moved in the image: as the longest copy says that contains
 * it; between copies, as for the last position before that is copied.
 *
 * <p>Memory: eight bytes where the distance changes, at most twice a copy.
 */
final class ShiftTable {
  private final int[] starts;
  private final int[] shifts;
  private int count;

  /** Where the last look led to: the next one often leads there, too. */
  private int last = -1;

  private ShiftTable(int[] starts, int[] shifts, int count) {
    this.starts = starts;
    this.shifts = shifts;
    this.count = count;
  }

  static ShiftTable of(int[] imageStarts, int[] baseStarts, int[] lengths) {
    ShiftTable table = new ShiftTable(new int[2 * lengths.length], new int[2 * lengths.length], 0);
    int[] byBase = ascending(baseStarts);
    LongestFirst open = new LongestFirst(lengths);
    long at = 0;
    for (int i = 0; i <= byBase.length; i++) {
      long next = i == byBase.length ? Long.MAX_VALUE : baseStarts[byBase[i]];
      // From here to where the next copy begins, the longest of the open ones counts.
      while (at < next && !open.isEmpty()) {
        int copy = open.first();
        long end = (long) baseStarts[copy] + lengths[copy];
        if (end <= at) {
          open.removeFirst();
        } else {
          table.add(at, imageStarts[copy] - baseStarts[copy]);
          at = Math.min(end, next);
        }
      }
      at = next;
      if (i < byBase.length) {
        open.add(byBase[i]);
      }
    }
    return table.trimmed();
  }

  private ShiftTable trimmed() {
    return new ShiftTable(Arrays.copyOf(starts, count), Arrays.copyOf(shifts, count), count);
  }

  /** How far a position of the base has moved. */
  long shift(long position) {
    int found = last;
    if (found >= 0
        && starts[found] <= position
        && (found + 1 == count || starts[found + 1] > position)) {
      return shifts[found];
    }
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (starts[middle] <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    last = low - 1;
    return low == 0 ? 0 : shifts[low - 1];
  }

  /** See {@link CopyMap#ofWholeBase}. */
  CopyMap ofWholeBase(long baseBytes) {
    boolean isFirstMoved = count > 0 && starts[0] == 0;
    int ranges = isFirstMoved ? count : count + 1;
    int[] imageStarts = new int[ranges];
    int[] baseStarts = new int[ranges];
    int[] lengths = new int[ranges];
    for (int range = 0, at = isFirstMoved ? 0 : -1; range < ranges; range++, at++) {
      baseStarts[range] = at < 0 ? 0 : starts[at];
      imageStarts[range] = baseStarts[range] + (at < 0 ? 0 : shifts[at]);
      long end = at + 1 < count ? starts[at + 1] : baseBytes;
      lengths[range] = (int) Math.min(DeltaLimits.RANGE_BYTES_MAX, end - baseStarts[range]);
    }
    return new CopyMap(imageStarts, baseStarts, lengths);
  }

  private void add(long start, int shift) {
    if (count == 0 || shifts[count - 1] != shift) {
      starts[count] = (int) start;
      shifts[count] = shift;
      count++;
    }
  }

  /** The places of values, the smallest first. */
  private static int[] ascending(int[] values) {
    long[] keyed = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      keyed[i] = (long) values[i] << Integer.SIZE | i;
    }
    Arrays.sort(keyed);
    int[] order = new int[values.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keyed[i];
    }
    return order;
  }

  /** A heap of copies. */
  private static final class LongestFirst {
    private final int[] lengths;
    private final int[] heap;
    private int size;

    LongestFirst(int[] lengths) {
      this.lengths = lengths;
      heap = new int[lengths.length];
    }

    boolean isEmpty() {
      return size == 0;
    }

    int first() {
      return heap[0];
    }

    void add(int copy) {
      int at = size++;
      while (at > 0 && isBefore(copy, heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
      }
      heap[at] = copy;
    }

    void removeFirst() {
      int copy = heap[--size];
      int at = 0;
      for (int child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
          child++;
        }
        if (isBefore(copy, heap[child])) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = copy;
    }

    /** Of equally long ones, the one that comes first in the image. */
    private boolean isBefore(int a, int b) {
      return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
    }
  }
}
