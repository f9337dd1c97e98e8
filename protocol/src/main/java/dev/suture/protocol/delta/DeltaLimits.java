package dev.suture.protocol.delta;

/**
 * What a reader of a delta gives memory for; see docs/patch-format.md, sections 1.7 and 4. At all
 * limits that is {@link #MAP_BYTES_MAX} and {@link #PART_STREAM_BYTES_MAX}, less than 512 KiB for
 * buffers and small tables, and one dictionary: at most 8 MiB and {@link #DICTIONARY_BYTES_MAX}.
 * The types of a kernel, if an image has them, take 1,056 KiB and a byte for each 1,024 of their
 * span. Deflate streams, if some are opened, take {@link #OPENED_BYTES} each, and the content of
 * those of the base that were read last {@link #OPENED_CACHE_BYTES}.
 */
public final class DeltaLimits {
  /** Most ranges that are taken from the base. */
  public static final int COPIES_MAX = 1 << 17;

  /** Longest range, and most bytes between two of them. */
  public static final long RANGE_BYTES_MAX = Integer.MAX_VALUE;

  /** Most segments of files that have addresses. */
  public static final int SEGMENTS_MAX = 1 << 14;

  /** Most of them in one file. */
  public static final int FILE_SEGMENTS_MAX = 64;

  /** Most ranges of the base in which addresses are predicted. */
  public static final int SPANS_MAX = 1 << 14;

  /** Learned targets: at most two to the power of this. */
  public static final int LEARNED_LOG_MAX = 19;

  /** What {@link #mapBytes} may be at most. */
  public static final int MAP_BYTES_MAX = 11 << 19;

  /** From here on, a learned target is kept in six bytes instead of eight. */
  private static final int NARROW_LOG_MIN = 17;

  private static final int COPY_BYTES = 28;
  private static final int SEGMENT_BYTES = 65;
  private static final int SPAN_BYTES = 20;

  /** Most deflate streams of the base that are opened, and as many of the image. */
  public static final int OPENED_MAX = 1 << 16;

  /** What a reader remembers about an opened stream. */
  public static final int OPENED_BYTES = 9;

  /** Longest content of an opened stream of the base, which is read at random. */
  public static final int OPENED_CONTENT_BYTES_MAX = 1 << 20;

  /** Content of the base's opened streams that a reader keeps. */
  public static final int OPENED_CACHE_BYTES = 2 << 20;

  /** All streams of a part together, before compression. */
  public static final int PART_STREAM_BYTES_MAX = 2 << 20;

  /** Largest LZMA dictionary: a stream's is its length, this at most. */
  public static final int DICTIONARY_BYTES_MAX = 2 << 20;

  /** Smallest LZMA dictionary. */
  public static final int DICTIONARY_BYTES_MIN = 1 << 12;

  private DeltaLimits() {}

  /** What a reader gives memory for while it rebuilds, whatever is in the parts: in bytes. */
  public static long mapBytes(int learnedLog, int copies, int segments, int spans) {
    long learned = learnedLog == 0 ? 0 : (learnedLog < NARROW_LOG_MIN ? 8L : 6L) << learnedLog;
    return learned
        + (long) COPY_BYTES * copies
        + (long) SEGMENT_BYTES * segments
        + (long) SPAN_BYTES * spans;
  }

  /** The LZMA dictionary of a stream of this length, for writer and reader. */
  public static int dictionaryBytes(int streamBytes) {
    return Math.max(DICTIONARY_BYTES_MIN, Math.min(DICTIONARY_BYTES_MAX, streamBytes));
  }
}
