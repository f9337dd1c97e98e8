package dev.suture.sim;

/**
 * Tells apart what is on a flash.
 *
 * @param high half of a hash
 * @param low the other half
 */
public record StateId(long high, long low) {
  /** Adds up what there is. */
  static final class Builder {
    private long high = 0x243f6a8885a308d3L;
    private long low = 0x13198a2e03707344L;

    void add(String name, Bytes content) {
      high = mixed(high ^ name.hashCode() ^ content.print());
      low = mixed(low + mixed(name.length() * 31L + content.print()) + name.hashCode());
    }

    void add(long value) {
      high = mixed(high ^ value);
      low = mixed(low + mixed(value));
    }

    StateId build() {
      return new StateId(high, low);
    }

    private static long mixed(long value) {
      long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
      return mixed ^ (mixed >>> 31);
    }
  }
}
