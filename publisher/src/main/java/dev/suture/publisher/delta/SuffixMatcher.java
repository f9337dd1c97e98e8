package dev.suture.publisher.delta;

/**
 * Finds the longest match by a binary search in the base's suffix array, between the suffixes that
 * begin with the same two bytes, or three where there are many. A suffix between two others shares
 * at least as many bytes with the image as the one of them that shares less (Udi Manber, Gene
 * Myers, "Suffix arrays: a new method for on-line string searches", 1990): these are not compared
 * again.
 */
final class SuffixMatcher implements Matcher {
  /** How many equally long matches on either side are asked for their position. */
  private static final int TIES = 64;

  /**
   * From so many bytes on: each step of a search in a large base is two misses of the caches, and a
   * byte more saves half of them, for a table of 64 MiB.
   */
  private static final int LARGE_BASE_BYTES = 32 << 20;

  private static final int FEW_BYTES = 2;
  private static final int MORE_BYTES = 3;

  /** About what {@link SuffixArray} does with each byte: six passes, and as many on a half. */
  private static final int STEPS_PER_BYTE = 9;

  private final MappedImage base;
  private final MappedImage image;

  /** Where the base's suffixes begin, in their order. */
  private final int[] order;

  /** How many bytes the suffixes are told apart by before the search. */
  private final int prefixBytes;

  /**
   * How many suffixes come before those with such a prefix. A suffix that is shorter comes before
   * all prefixes that begin with it: it is counted with the prefix before these.
   */
  private final int[] starts;

  private long position;
  private long expected;
  private long length;
  private int place;

  /** Sorts the base's suffixes. */
  SuffixMatcher(MappedImage base, MappedImage image, Progress progress)
      throws InterruptedException {
    this(base, image, base.bytes() < LARGE_BASE_BYTES ? FEW_BYTES : MORE_BYTES, progress);
  }

  /** Likewise, with prefixes of so many bytes. */
  SuffixMatcher(MappedImage base, MappedImage image, int prefixBytes, Progress progress)
      throws InterruptedException {
    this.prefixBytes = prefixBytes;
    this.base = base;
    this.image = image;
    byte[] text = new byte[Math.toIntExact(base.bytes())];
    base.read(0, text, 0, text.length);
    Meter meter =
        new Meter(progress, "sorting", (long) STEPS_PER_BYTE * text.length, image.bytes());
    order = SuffixArray.of(text, meter);
    starts = new int[(1 << prefixBytes * Byte.SIZE) + 1];
    for (int i = 0; i < text.length; i++) {
      int isWhole = i + prefixBytes <= text.length ? 1 : 0;
      starts[prefix(base, i) + isWhole]++;
    }
    for (int i = 1; i < starts.length; i++) {
      starts[i] += starts[i - 1];
    }
    meter.finish();
  }

  private SuffixMatcher(SuffixMatcher other) {
    base = other.base;
    image = other.image;
    order = other.order;
    prefixBytes = other.prefixBytes;
    starts = other.starts;
  }

  @Override
  public Matcher another() {
    return new SuffixMatcher(this);
  }

  @Override
  public long find(long position, long expected) {
    this.position = position;
    this.expected = expected;
    length = 0;
    place = 0;
    if (position + prefixBytes > image.bytes()) {
      return 0;
    }
    int prefix = prefix(image, position);
    // What the image has sorts behind the suffix at one place and not behind that at the other.
    int low = starts[prefix] - 1;
    int high = starts[prefix + 1];
    long lowRun = 0;
    long highRun = 0;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      long candidate = order[middle];
      long known = Math.min(lowRun, highRun);
      long run = known + image.equalRun(position + known, base, candidate + known, Long.MAX_VALUE);
      if (run > length) {
        length = run;
        place = middle;
      }
      if (isBehind(position + run, candidate + run)) {
        low = middle;
        lowRun = run;
      } else {
        high = middle;
        highRun = run;
      }
    }
    return length;
  }

  /** Whether the image sorts behind the base, given the positions where they first differ. */
  private boolean isBehind(long imagePosition, long basePosition) {
    if (imagePosition == image.bytes()) {
      return false;
    }
    return basePosition == base.bytes()
        || Byte.compareUnsigned(image.at(imagePosition), base.at(basePosition)) > 0;
  }

  @Override
  public long basePosition() {
    if (length == 0) {
      return 0;
    }
    long nearest = order[place];
    for (int step = -1; step <= 1; step += 2) {
      int at = place + step;
      for (int i = 0; i < TIES && at >= 0 && at < order.length; i++, at += step) {
        long candidate = order[at];
        if (image.equalRun(position, base, candidate, length) < length) {
          break;
        }
        if (Math.abs(candidate - expected) < Math.abs(nearest - expected)) {
          nearest = candidate;
        }
      }
    }
    return nearest;
  }

  /** Behind the end there are zeros. */
  private int prefix(MappedImage of, long at) {
    int prefix = 0;
    for (int i = 0; i < prefixBytes; i++) {
      prefix = prefix << Byte.SIZE | (at + i < of.bytes() ? of.at(at + i) & 0xff : 0);
    }
    return prefix;
  }
}
