package dev.suture.delta;

/**
 * By how much numbers have changed that are counted from different beginnings, as seen last: for
 * each beginning, the last difference. A table in which a newer entry replaces what was in its
 * place.
 *
 * <p>Memory: sixteen bytes for each of {@link #ENTRIES}.
 */
final class LearnedShifts {
  private static final int ENTRIES_LOG = 12;

  /** How many beginnings are remembered. */
  static final int ENTRIES = 1 << ENTRIES_LOG;

  private static final int MIX = 0x9E3779B1;

  private final long[] keys = new long[ENTRIES];
  private final long[] shifts = new long[ENTRIES];

  /**
   * The last difference.
   *
   * @param key what stands for the beginning: never 0
   * @return 0 if there is none
   */
  long get(long key) {
    int at = place(key);
    return keys[at] == key ? shifts[at] : 0;
  }

  /** Remembers a difference. */
  void put(long key, long shift) {
    int at = place(key);
    keys[at] = key;
    shifts[at] = shift;
  }

  private static int place(long key) {
    return ((int) key * MIX) >>> (Integer.SIZE - ENTRIES_LOG);
  }
}
