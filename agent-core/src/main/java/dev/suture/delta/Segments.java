package dev.suture.delta;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;

/**
 * Where the bytes of files are when they run: the loadable segments of each ELF file, with their
 * place and first address in the base, and in the image.
 *
 * <p>Memory: 57 bytes a segment.
 */
public final class Segments {
  /** Addresses beyond this are not predicted. */
  public static final long ADDRESS_MAX = 0xffff_ffffL;

  /** Numbers of a segment in the stream. */
  public static final int NUMBERS = 7;

  /** First number of a segment: it begins another file. */
  public static final int NEW_FILE = 1;

  private final int count;
  private final int[] firstOfFile;
  private final int[] endOfFile;
  private final long[] baseStart;
  private final long[] baseBytes;
  private final long[] baseAddress;
  private final long[] imageStart;
  private final long[] imageBytes;
  private final long[] imageAddress;

  /** Whether none of its addresses in the base is one of a segment of the file before it. */
  private final boolean[] isFirst;

  /** Makes room for this many, which {@link #set} fills. */
  public Segments(int capacity) {
    count = capacity;
    firstOfFile = new int[capacity];
    endOfFile = new int[capacity];
    baseStart = new long[capacity];
    baseBytes = new long[capacity];
    baseAddress = new long[capacity];
    imageStart = new long[capacity];
    imageBytes = new long[capacity];
    imageAddress = new long[capacity];
    isFirst = new boolean[capacity];
  }

  /**
   * Sets a segment, in the base's order.
   *
   * @param newFile whether it is the first of its file
   */
  public void set(
      int at,
      boolean newFile,
      long baseStart,
      long baseBytes,
      long baseAddress,
      long imageStart,
      long imageBytes,
      long imageAddress) {
    int first = newFile || at == 0 ? at : firstOfFile[at - 1];
    firstOfFile[at] = first;
    Arrays.fill(endOfFile, first, at + 1, at + 1);
    this.baseStart[at] = baseStart;
    this.baseBytes[at] = baseBytes;
    this.baseAddress[at] = baseAddress;
    this.imageStart[at] = imageStart;
    this.imageBytes[at] = imageBytes;
    this.imageAddress[at] = imageAddress;
    isFirst[at] = true;
    for (int i = first; i < at; i++) {
      long distance = this.baseAddress[i] - baseAddress;
      isFirst[at] &= distance >= baseBytes || -distance >= this.baseBytes[i];
    }
  }

  /** Reads the segments and checks that each lies within base and image. */
  static Segments read(DeltaHeader header, StreamCursor numbers) throws RejectedException {
    numbers.requireNumbers((long) NUMBERS * header.segments());
    Segments segments = new Segments(header.segments());
    long baseEnd = 0;
    int ofFile = 0;
    for (int i = 0; i < header.segments(); i++) {
      long flags = numbers.number();
      long start = baseEnd + numbers.number();
      long bytes = numbers.number();
      long address = start + numbers.signed();
      long imageStart = start + numbers.signed();
      long imageBytes = bytes + numbers.signed();
      long imageAddress = address - start + imageStart + numbers.signed();
      if (flags > NEW_FILE) {
        throw numbers.malformed("expected segment flags of 0 to 1, got " + flags);
      }
      ofFile = flags == NEW_FILE ? 1 : ofFile + 1;
      if (ofFile > DeltaLimits.FILE_SEGMENTS_MAX) {
        throw numbers.malformed(
            "expected at most " + DeltaLimits.FILE_SEGMENTS_MAX + " segments of a file, got more");
      }
      requireWithin(numbers, "base", start, bytes, header.baseBytes());
      requireWithin(numbers, "image", imageStart, imageBytes, header.imageBytes());
      requireWithin(numbers, "base's addresses", address, bytes, ADDRESS_MAX);
      requireWithin(numbers, "image's addresses", imageAddress, imageBytes, ADDRESS_MAX);
      segments.set(
          i, flags == NEW_FILE, start, bytes, address, imageStart, imageBytes, imageAddress);
      baseEnd = start + bytes;
    }
    numbers.requireEnd();
    return segments;
  }

  private static void requireWithin(
      StreamCursor numbers, String what, long start, long bytes, long limit)
      throws RejectedException {
    if (start < 0 || bytes < 0 || start > limit || bytes > limit - start) {
      throw numbers.malformed(
          "expected a segment within "
              + limit
              + " of the "
              + what
              + ", got "
              + bytes
              + " bytes at "
              + start);
    }
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  /** Where in the base a segment begins. */
  public long baseStart(int segment) {
    return baseStart[segment];
  }

  /** Where in the base a segment ends. */
  public long baseEnd(int segment) {
    return baseStart[segment] + baseBytes[segment];
  }

  /** The segment that contains a position of the base; -1 for none. */
  public int ofBase(long position) {
    int found = Arrays.binarySearch(baseStart, position);
    int at = found >= 0 ? found : -found - 2;
    // Empty segments begin where others do.
    while (at + 1 < count && baseStart[at + 1] == position) {
      at++;
    }
    return at >= 0 && position < baseEnd(at) ? at : -1;
  }

  /** The address of a position of the base that lies in a segment. */
  long baseAddress(int segment, long position) {
    return position - baseStart[segment] + baseAddress[segment];
  }

  /**
   * The address of a position of the image within the file of a segment; -1 if it is in none of its
   * segments.
   */
  long imageAddress(int segment, long position) {
    // Nearly always the same segment.
    if (contains(segment, position)) {
      return position - imageStart[segment] + imageAddress[segment];
    }
    for (int i = firstOfFile[segment]; i < endOfFile[segment]; i++) {
      if (contains(i, position)) {
        return position - imageStart[i] + imageAddress[i];
      }
    }
    return -1;
  }

  /** What stands for the file of a segment: its first segment. */
  int file(int segment) {
    return firstOfFile[segment];
  }

  /** The first address of a segment in the image. */
  long firstImageAddress(int segment) {
    return imageAddress[segment];
  }

  private boolean contains(int segment, long position) {
    return position >= imageStart[segment] && position - imageStart[segment] < imageBytes[segment];
  }

  /** How many bytes of the image follow from a position on in the file's segment there. */
  long imageLeft(int segment, long position) {
    for (int i = firstOfFile[segment]; i < endOfFile[segment]; i++) {
      if (contains(i, position)) {
        return imageStart[i] + imageBytes[i] - position;
      }
    }
    return 0;
  }

  /** Which position of the base has an address of the file of a segment; -1 for none. */
  long basePosition(int segment, long address) {
    long distance = address - baseAddress[segment];
    if (isFirst[segment] && distance >= 0 && distance < baseBytes[segment]) {
      return distance + baseStart[segment];
    }
    for (int i = firstOfFile[segment]; i < endOfFile[segment]; i++) {
      if (address >= baseAddress[i] && address - baseAddress[i] < baseBytes[i]) {
        return address - baseAddress[i] + baseStart[i];
      }
    }
    return -1;
  }

  /** Whether {@link #basePosition} of each address of a segment is in that segment. */
  boolean isFirstWithItsAddresses(int segment) {
    return isFirst[segment];
  }

  /**
   * Where an address behind everything that the file has bytes for has moved to: with the end of
   * its last segment. -1 if the address is not behind it.
   */
  long behind(int segment, long address) {
    int last = endOfFile[segment] - 1;
    long end = baseAddress[last] + baseBytes[last];
    return address < end ? -1 : address - end + imageAddress[last] + imageBytes[last];
  }

  /** What stands for an address of a segment's file among all files: never 0. */
  int key(int segment, long address) {
    return key(fileStart(segment), address);
  }

  /** The same, given where the file begins. */
  static int key(long fileStart, long address) {
    int key = (int) (address + fileStart);
    return key == 0 ? 1 : key;
  }

  /** Where in the base the first segment of a segment's file begins. */
  long fileStart(int segment) {
    return baseStart[firstOfFile[segment]];
  }
}
