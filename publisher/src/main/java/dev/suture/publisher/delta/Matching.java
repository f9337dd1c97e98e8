package dev.suture.publisher.delta;

import dev.suture.publisher.Heap;
import dev.suture.publisher.PublisherException;

/**
 * How parts of the image are looked for in the base. Payloads made either way are applied alike,
 * but differ: which way is taken depends on the base and on what was asked for, never on the heap.
 */
public enum Matching {
  /** The longest match anywhere, of any length. Takes up to seven bytes of heap for one of base. */
  SUFFIX_ARRAY(7, SuffixArray.BYTES_MAX),

  /**
   * A long match of sixteen bytes or more, if there is one. Takes up to three bytes of heap for one
   * of base, and for a base of any length no more than for one of 512 MiB.
   */
  WINDOWS(3, BaseIndex.BASE_BYTES_FINE);

  /** The longest base whose suffixes are sorted unless little memory is asked for. */
  public static final long SUFFIX_ARRAY_BASE_BYTES_MAX = 512L << 20;

  /** Heap that is left to everything else. */
  private static final long OTHERS_BYTES = 16L << 20;

  /** What predicting and compressing take behind matching, whatever the base. */
  private static final long PREDICTING_BYTES = 40L << 20;

  private final int heapBytesPerByte;
  private final long baseBytesCounted;

  Matching(int heapBytesPerByte, long baseBytesCounted) {
    this.heapBytesPerByte = heapBytesPerByte;
    this.baseBytesCounted = baseBytesCounted;
  }

  /**
   * The way for a base of this length: the better one, unless the base is long.
   *
   * @param lowMemory whether the way that takes little memory is asked for, whatever the length
   */
  public static Matching of(long baseBytes, boolean lowMemory) {
    return lowMemory || baseBytes > SUFFIX_ARRAY_BASE_BYTES_MAX ? WINDOWS : SUFFIX_ARRAY;
  }

  /** Heap that one delta takes at most: 500 MB of base need 4 GiB by {@link #SUFFIX_ARRAY}. */
  public long heapBytes(long baseBytes) {
    return Math.max(
        PREDICTING_BYTES, heapBytesPerByte * Math.min(baseBytes, baseBytesCounted) + OTHERS_BYTES);
  }

  /**
   * Checks the room for a matcher before it is made.
   *
   * @throws PublisherException {@code HEAP_TOO_SMALL}
   */
  void requireHeap(long baseBytes, long heapBytes) throws PublisherException {
    long needed = heapBytes(baseBytes);
    if (heapBytes < needed) {
      throw Heap.tooSmall("match an image with its base of " + baseBytes + " bytes", needed);
    }
  }
}
