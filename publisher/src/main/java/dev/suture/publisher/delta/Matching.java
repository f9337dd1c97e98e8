package dev.suture.publisher.delta;

/**
 * How parts of the image are looked for in the base. Payloads made either way are applied alike.
 */
public enum Matching {
  /** The longest match anywhere, of any length. Takes up to seven bytes of heap for one of base. */
  SUFFIX_ARRAY,

  /** A long match of sixteen bytes or more, if there is one. Takes two bytes of heap for one. */
  WINDOWS;

  /** What a base's byte takes while its suffixes are sorted, unless it is a most unusual base. */
  private static final int SORTING_BYTES = 6;

  /** Heap that is left to everything else: a quarter, and this. */
  private static final long OTHERS_BYTES = 16L << 20;

  /** The better way that this virtual machine's heap has room for: 500 MB of base need 4 GiB. */
  public static Matching fitting(long baseBytes) {
    return fitting(baseBytes, Runtime.getRuntime().maxMemory());
  }

  static Matching fitting(long baseBytes, long heapBytes) {
    return baseBytes <= SuffixArray.BYTES_MAX
            && SORTING_BYTES * baseBytes <= heapBytes / 4 * 3 - OTHERS_BYTES
        ? SUFFIX_ARRAY
        : WINDOWS;
  }
}
