package dev.suture.agent;

/**
 * How far an exploration goes.
 *
 * @param depth so many cuts, one in the recovery from the other
 * @param first what may have become of unsynced parts at the first cut
 * @param later at every later one
 * @param toSecond one in so many states behind the first cut is continued to a second
 * @param toThird one in so many states behind the second cut is continued to a third
 */
record CrashBounds(int depth, CrashFates first, CrashFates later, int toSecond, int toThird) {
  /** {@code build}, {@code pairs} or {@code nightly}. */
  static final String PROPERTY = "suture.depth";

  /**
   * A number, for a shorter night: one in so many states behind the second cut is continued to a
   * third; every one otherwise.
   */
  static final String SAMPLE_PROPERTY = "suture.sample";

  /** All single and all double cuts. */
  static final CrashBounds PAIRS =
      new CrashBounds(2, new CrashFates(8, 8), new CrashFates(4, 1), 1, 1);

  /** In every build: all single cuts, and all double cuts of one in four of them. */
  static final CrashBounds BUILD = new CrashBounds(2, PAIRS.first, PAIRS.later, 4, 1);

  /** Every night: all triple cuts as well. */
  static final CrashBounds NIGHTLY = new CrashBounds(3, PAIRS.first, new CrashFates(5, 3), 1, 1);

  /** As {@link #PROPERTY} and {@link #SAMPLE_PROPERTY} say. */
  static CrashBounds chosen() {
    String chosen = System.getProperty(PROPERTY, "build");
    return switch (chosen) {
      case "build" -> BUILD;
      case "pairs" -> PAIRS;
      case "nightly" -> NIGHTLY.sampled(Integer.getInteger(SAMPLE_PROPERTY, 1));
      default ->
          throw new IllegalArgumentException(
              PROPERTY + ": expected build, pairs or nightly, got '" + chosen + "'");
    };
  }

  private CrashBounds sampled(int oneIn) {
    if (oneIn < 1) {
      throw new IllegalArgumentException(SAMPLE_PROPERTY + ": expected 1 or more, got " + oneIn);
    }
    return new CrashBounds(depth, first, later, toSecond, oneIn);
  }

  CrashFates fates(int depthSoFar) {
    return depthSoFar == 0 ? first : later;
  }

  boolean continues(int cuts, String id) {
    return Math.floorMod(id.hashCode(), cuts < 2 ? toSecond : toThird) == 0;
  }

  @Override
  public String toString() {
    return "depth "
        + depth
        + "; every subset of up to "
        + first.all()
        + " unsynced parts at the first cut and "
        + later.all()
        + " at later ones, of more "
        + (6 + 3 * first.some())
        + " and "
        + (6 + 3 * later.some())
        + (toSecond > 1 ? "; one in " + toSecond + " states behind the first cut is continued" : "")
        + (toThird > 1 ? "; one in " + toThird + " states behind the second cut is continued" : "");
  }
}
