package dev.suture.publisher.delta;

/** Looks among the windows of a {@link BaseIndex} that are nearest to where one is expected. */
final class WindowMatcher implements Matcher {
  /** How many windows are tried on either side. */
  private static final int TRIES = 8;

  /** A match of this length ends the search. */
  private static final int LONG_MATCH_BYTES = 4096;

  private final MappedImage base;
  private final MappedImage image;
  private final BaseIndex windows;
  private long length;
  private long found;

  WindowMatcher(MappedImage base, MappedImage image) throws InterruptedException {
    this.base = base;
    this.image = image;
    windows = new BaseIndex(base);
  }

  private WindowMatcher(WindowMatcher other) {
    base = other.base;
    image = other.image;
    windows = other.windows;
  }

  @Override
  public Matcher another() {
    return new WindowMatcher(this);
  }

  @Override
  public long find(long position, long expected) {
    length = 0;
    found = 0;
    if (position + BaseIndex.WINDOW_BYTES > image.bytes()) {
      return 0;
    }
    int bucket = windows.bucket(image, position);
    if (bucket < 0) {
      return 0;
    }
    int begin = windows.begin(bucket);
    int end = windows.end(bucket);
    int up = end - begin <= TRIES ? begin : windows.firstNotBelow(expected, begin, end);
    int down = up - 1;
    for (int i = 0; i < TRIES && length < LONG_MATCH_BYTES; i++) {
      if (up < end) {
        consider(position, windows.position(up++));
      }
      if (down >= begin) {
        consider(position, windows.position(down--));
      }
    }
    return length;
  }

  @Override
  public long basePosition() {
    return found;
  }

  private void consider(long position, long candidate) {
    long run = image.equalRun(position, base, candidate, Long.MAX_VALUE);
    if (run >= BaseIndex.WINDOW_BYTES && run > length) {
      length = run;
      found = candidate;
    }
  }
}
