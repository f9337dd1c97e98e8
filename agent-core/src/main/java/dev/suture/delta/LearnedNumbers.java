package dev.suture.delta;

/**
 * What numbers became that count through something of which parts were put elsewhere: each what it
 * became last, otherwise it moves as the last one near to it did.
 *
 * <p>Memory: eight bytes for each of {@link #ENTRIES}, and for each of {@link #RANGES}.
 */
final class LearnedNumbers {
  private static final int ENTRIES_LOG = 17;

  /** How many numbers are remembered: a later one replaces what was in its place. */
  static final int ENTRIES = 1 << ENTRIES_LOG;

  /** Numbers with the same higher bits are near to each other. */
  private static final int RANGE_LOG = 6;

  private static final int RANGES_LOG = 12;

  /** How many ranges of numbers are remembered. */
  static final int RANGES = 1 << RANGES_LOG;

  private final int[] keys = new int[ENTRIES];
  private final int[] values = new int[ENTRIES];
  private final int[] ranges = new int[RANGES];
  private final int[] shifts = new int[RANGES];

  /** How far the last number moved. */
  private int last;

  /** What a number may have become. */
  int predict(int number) {
    int at = number & ENTRIES - 1;
    if (keys[at] == number && number != 0) {
      return values[at];
    }
    int range = number >>> RANGE_LOG;
    int near = range & RANGES - 1;
    return number + (ranges[near] == range + 1 ? shifts[near] : last);
  }

  /** Remembers what a number became. */
  void learn(int number, int moved) {
    int at = number & ENTRIES - 1;
    keys[at] = number;
    values[at] = moved;
    int range = number >>> RANGE_LOG;
    int near = range & RANGES - 1;
    ranges[near] = range + 1;
    last = moved - number;
    shifts[near] = last;
  }
}
