package dev.suture.delta;

/**
 * Where addresses of the base turned out to have moved to, as seen last. A table in which a newer
 * entry replaces what was in its place.
 *
 * <p>A key is mixed by a multiplication that loses nothing; its place in the table is the highest
 * bits of the product, so that an entry needs only the others.
 *
 * <p>Memory: six bytes an entry; eight if there are fewer than two to the power of {@link
 * #NARROW_LOG_MIN}.
 */
final class LearnedTargets {
  private static final int MIX = 0x9E3779B1;

  /** From here on, sixteen bits are enough for what a place leaves of a key, and one more. */
  static final int NARROW_LOG_MIN = 17;

  private static final int VALUE_CHARS = 2;

  /** For each entry its value, the low half first, and then its tag, likewise if it is long. */
  private final char[] entries;

  private final int log;
  private final int chars;

  /** Makes room for two to the power of {@code log} entries; for none if that is 0. */
  LearnedTargets(int log) {
    this.log = log;
    chars = VALUE_CHARS + (log >= NARROW_LOG_MIN ? 1 : 2);
    entries = new char[log == 0 ? 0 : chars << log];
  }

  /**
   * Where an address has moved to.
   *
   * @param key what stands for the address: never 0
   * @return -1 if that is not known
   */
  long get(int key) {
    if (log == 0) {
      return -1;
    }
    int product = key * MIX;
    int at = place(product);
    int tag = tag(product);
    boolean isIt =
        entries[at + VALUE_CHARS] == (char) tag
            && (log >= NARROW_LOG_MIN || entries[at + VALUE_CHARS + 1] == tag >>> Character.SIZE);
    return isIt ? entries[at] | (long) entries[at + 1] << Character.SIZE : -1;
  }

  /** Remembers where an address has moved to. */
  void put(int key, long target) {
    if (log == 0) {
      return;
    }
    int product = key * MIX;
    int at = place(product);
    int tag = tag(product);
    entries[at] = (char) target;
    entries[at + 1] = (char) (target >>> Character.SIZE);
    entries[at + VALUE_CHARS] = (char) tag;
    if (log < NARROW_LOG_MIN) {
      entries[at + VALUE_CHARS + 1] = (char) (tag >>> Character.SIZE);
    }
  }

  /** Reads a place as {@link #get} would, so that the processor has it near. */
  int touch(int key) {
    return log == 0 ? 0 : entries[place(key * MIX)];
  }

  private int place(int product) {
    return (product >>> (Integer.SIZE - log)) * chars;
  }

  /** What the place leaves of a product, and a bit that tells it from an empty entry. */
  private int tag(int product) {
    return product << log >>> log | 1 << (Integer.SIZE - log);
  }
}
