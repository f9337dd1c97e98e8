package dev.suture.agent;

/** How long to wait after failures in a row: 2 s, 4 s, … up to 15 min. */
final class BackOff {
  private static final long FIRST_MILLIS = 2_000;
  private static final long MAX_MILLIS = 15 * 60_000;
  private static final int DOUBLINGS_MAX = 12;

  private BackOff() {}

  /** The wait after this many failures, 1 or more. */
  static long millis(int failures) {
    return Math.min(MAX_MILLIS, FIRST_MILLIS << Math.min(failures - 1, DOUBLINGS_MAX));
  }
}
