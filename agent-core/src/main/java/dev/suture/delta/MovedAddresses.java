package dev.suture.delta;

/**
 * Tells where an address of the base has moved to in the image: as it was seen last, otherwise as
 * its bytes are copied.
 */
final class MovedAddresses {
  private final CopyMap map;
  private final Segments segments;
  private final LearnedTargets learned;

  /** Nobody reads it: it is there so that reading ahead is not optimized away. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  MovedAddresses(CopyMap map, Segments segments, LearnedTargets learned) {
    this.map = map;
    this.segments = segments;
    this.learned = learned;
  }

  /** What stands for an address of a segment's file among all files: never 0. */
  int key(int segment, long address) {
    return segments.key(segment, address);
  }

  /** Where an address was seen last; -1 if it was not. */
  long learned(int key) {
    return learned.get(key);
  }

  /**
   * Reads the place of an address in the table of the learned, which will be looked up soon. The
   * processor fetches many such places at once; looked up one after the other, each would be waited
   * for.
   *
   * @return what was read, to be given to {@link #touched}
   */
  int touch(int key) {
    return learned.touch(key);
  }

  /** Takes what was read together, so that the reading is not optimized away. */
  void touched(int read) {
    touched = read;
  }

  /** Remembers where an address was seen; what cannot be one is forgotten. */
  void learn(int key, long address) {
    if (key != 0 && address >= 0 && address <= Segments.ADDRESS_MAX) {
      learned.put(key, address);
    }
  }

  /** Where an address of a segment's file has moved to, learned or copied; -1 if unknown. */
  long moved(int segment, long address) {
    long seen = learned.get(segments.key(segment, address));
    return seen >= 0 ? seen : copied(segment, address);
  }

  /** Where an address of a segment's file is copied to; -1 if unknown. */
  long copied(int segment, long address) {
    return copied(segment, address, segments.basePosition(segment, address));
  }

  /** The same, of an address whose {@link Segments#basePosition} is known. */
  long copied(int segment, long address, long position) {
    return position < 0
        ? segments.behind(segment, address)
        : segments.imageAddress(segment, position + map.shift(position));
  }
}
