package dev.suture.publisher.delta;

/**
 * Finds where sixteen bytes occur in the base. Windows that begin at a multiple of a step are
 * indexed: four bytes, arm64's instruction length, unless the base is so large that the index would
 * not fit. Any longer match contains an indexed window, whatever its alignment in the image.
 *
 * <p>Positions are sorted by hash, then by position, so that the ones nearest to a place are found
 * by a binary search. Memory: four bytes per indexed window, and four to eight for the buckets.
 */
final class BaseIndex {
  /** Length of a window. */
  static final int WINDOW_BYTES = 16;

  private static final int STEP_BYTES_MIN = 4;
  private static final long WINDOWS_MAX = 1L << 27;

  /** The longest base of which every fourth window is indexed: no base takes more memory. */
  static final long BASE_BYTES_FINE = STEP_BYTES_MIN * WINDOWS_MAX;

  private static final int BUCKETS_LOG_MAX = 27;
  private static final int BUCKETS_LOG_MIN = 8;
  private static final int INTERRUPT_CHECK_MASK = (1 << 16) - 1;

  private final int stepBytes;
  private final int shift;

  /** Where the positions of a bucket begin; one more than there are buckets. */
  private final int[] starts;

  /** Positions in steps. */
  private final int[] steps;

  BaseIndex(MappedImage base) throws InterruptedException {
    int step = STEP_BYTES_MIN;
    while (base.bytes() / step > WINDOWS_MAX) {
      step *= 2;
    }
    stepBytes = step;
    int windows = (int) (Math.max(0, base.bytes() - WINDOW_BYTES + step) / step);
    int bucketsLog =
        Math.max(
            BUCKETS_LOG_MIN,
            Math.min(BUCKETS_LOG_MAX, Integer.SIZE - Integer.numberOfLeadingZeros(windows)));
    shift = Long.SIZE - bucketsLog;
    starts = new int[(1 << bucketsLog) + 1];
    int indexed = 0;
    for (int i = 0; i < windows; i++) {
      checkInterrupt(i);
      int bucket = bucket(base, (long) i * step);
      if (bucket >= 0) {
        starts[bucket + 1]++;
        indexed++;
      }
    }
    for (int i = 1; i < starts.length; i++) {
      starts[i] += starts[i - 1];
    }
    steps = new int[indexed];
    // Filling moves every start to its bucket's end, which is the next one's start: shifted back.
    for (int i = 0; i < windows; i++) {
      checkInterrupt(i);
      int bucket = bucket(base, (long) i * step);
      if (bucket >= 0) {
        steps[starts[bucket]++] = i;
      }
    }
    System.arraycopy(starts, 0, starts, 1, starts.length - 1);
    starts[0] = 0;
  }

  /**
   * Which bucket the window at a position belongs to; -1 for a window of one repeated word, such as
   * zeros: it occurs everywhere and says nothing.
   */
  int bucket(MappedImage image, long position) {
    long first = image.word(position);
    long second = image.word(position + Long.BYTES);
    if (first == second) {
      return -1;
    }
    long mixed = (first * 0x9E3779B97F4A7C15L) ^ Long.rotateLeft(second * 0xC2B2AE3D27D4EB4FL, 31);
    return (int) ((mixed * 0x165667B19E3779F9L) >>> shift);
  }

  /** The first entry of a bucket. */
  int begin(int bucket) {
    return starts[bucket];
  }

  /** The entry behind the last of a bucket. */
  int end(int bucket) {
    return starts[bucket + 1];
  }

  /** Where in the base an entry's window begins. */
  long position(int entry) {
    return (long) steps[entry] * stepBytes;
  }

  /** The first entry of a range whose position is not below {@code position}. */
  int firstNotBelow(long position, int begin, int end) {
    int low = begin;
    int high = end;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (position(middle) < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static void checkInterrupt(int i) throws InterruptedException {
    if ((i & INTERRUPT_CHECK_MASK) == 0 && Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
