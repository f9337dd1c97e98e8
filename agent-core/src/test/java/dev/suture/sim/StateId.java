package dev.suture.sim;

/**
 * Tells apart what a device can find after a start.
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
