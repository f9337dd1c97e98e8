package dev.suture.delta;

/**
 * Where addresses of the base turned out to have moved to, as seen last. A table in which a newer
 * entry replaces what was in its place.
 *
 * <p>Memory: eight bytes an entry.
 */
final class LearnedTargets {
  private static final int MIX = 0x9E3779B1;

  private final int[] keys;
  private final int[] values;
  private final int shift;

  /** Makes room for two to the power of {@code log} entries; for none if that is 0. */
  LearnedTargets(int log) {
    keys = new int[log == 0 ? 0 : 1 << log];
    values = new int[keys.length];
    shift = Integer.SIZE - log;
  }

  /**
   * Where an address has moved to.
   *
   * @param key what stands for the address: never 0
   * @return -1 if that is not known
   */
  long get(int key) {
    if (keys.length == 0) {
      return -1;
    }
    int at = (key * MIX) >>> shift;
    return keys[at] == key ? values[at] & 0xffff_ffffL : -1;
  }

  /** Remembers where an address has moved to. */
  void put(int key, long target) {
    if (keys.length > 0) {
      int at = (key * MIX) >>> shift;
      keys[at] = key;
      values[at] = (int) target;
    }
  }
}
