package dev.suture.publisher.delta;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The suffix array of a text of bytes: where its suffixes begin, in their unsigned lexicographic
 * order; a suffix comes before those that it is a prefix of. Time grows with the length of the
 * text, whatever the text; memory is the text's bytes and four bytes for each, and up to two more
 * for texts whose reduction (below) hardly repeats itself. Recursion is at most log2 of the length
 * deep.
 *
 * <p>The algorithm is SA-IS: Ge Nong, Sen Zhang, Wai Hong Chan, "Linear Suffix Array Construction
 * by Almost Pure Induced-Sorting", Data Compression Conference 2009. In its terms a suffix is of
 * type L if it is larger than the one that begins a byte later, else of type S; the end of the text
 * counts as a suffix smaller than all. An S suffix right behind an L suffix is an LMS suffix
 * ("leftmost S"); at most every other one is. Once LMS suffixes are in order, two passes put all
 * others in order:
 *
 * <ol>
 *   <li>Upwards: when a suffix is met and the one a byte earlier is L, that one takes the next free
 *       place at the front of the bucket of its first symbol.
 *   <li>Downwards: when a suffix is met and the one a byte earlier is S, that one takes the next
 *       free place at the back of its bucket.
 * </ol>
 *
 * <p>The same passes, begun with LMS suffixes in any order within their buckets, sort the pieces of
 * the text from each LMS position to the next. The pieces' ranks, in the order of the text, are a
 * text of at most half the length, whose suffix array is the order of the LMS suffixes. That text
 * and its suffix array lie in the array of the longer one, which is not in use meanwhile.
 *
 * <p>Types are not stored. Upwards, only L and LMS suffixes are in the array, and before either the
 * earlier one is L exactly if its first symbol is not smaller. Downwards, S suffixes fill their
 * part of a bucket before it is passed, so that an index tells the type of the suffix there.
 */
final class SuffixArray {
  /** The longest text: that of the longest array that every virtual machine can make. */
  static final int BYTES_MAX = Integer.MAX_VALUE - 9;

  private static final int BYTE_VALUES = 1 << Byte.SIZE;
  private static final int EMPTY = -1;

  /** After so many steps of a pass, progress is told. */
  private static final int REPORT_MASK = (1 << 20) - 1;

  /** The text, if it is one of bytes; else it is in {@link #order}. */
  private final byte @Nullable [] bytes;

  /** The suffixes of this text are sorted in the first {@link #length} elements. */
  private final int[] order;

  /** Where in {@link #order} the text begins if it is not one of bytes. */
  private final int textStart;

  private final int length;

  /** How many different symbols there are: 0 and up. */
  private final int symbols;

  /** Holds the front or the back of each symbol's bucket, from {@link #bucketsStart} on. */
  private final int[] buckets;

  private final int bucketsStart;
  private final Meter meter;

  private SuffixArray(
      byte @Nullable [] bytes,
      int[] order,
      int textStart,
      int length,
      int symbols,
      int[] buckets,
      int bucketsStart,
      Meter meter) {
    this.bytes = bytes;
    this.order = order;
    this.textStart = textStart;
    this.length = length;
    this.symbols = symbols;
    this.buckets = buckets;
    this.bucketsStart = bucketsStart;
    this.meter = meter;
  }

  /**
   * Sorts the suffixes of a text.
   *
   * @param text 0 to {@link #BYTES_MAX} bytes, unchanged meanwhile
   * @return as many positions as the text has bytes; the caller's
   * @throws InterruptedException if the thread is interrupted
   */
  static int[] of(byte[] text, Meter meter) throws InterruptedException {
    if (text.length > BYTES_MAX) {
      throw new IllegalArgumentException(
          "text: expected at most " + BYTES_MAX + " bytes, got " + text.length);
    }
    int[] order = new int[text.length];
    if (text.length > 0) {
      new SuffixArray(text, order, 0, text.length, BYTE_VALUES, new int[BYTE_VALUES], 0, meter)
          .sort();
    }
    return order;
  }

  private int symbol(int position) {
    return bytes != null ? bytes[position] & (BYTE_VALUES - 1) : order[textStart + position];
  }

  private void sort() throws InterruptedException {
    int count = placeUnsorted();
    if (count > 1) {
      induceUpwards();
      induceDownwards();
      gather();
      measure(count);
      int names = name(count);
      reduce(count, names);
      placeSorted(count);
    }
    induceUpwards();
    induceDownwards();
  }

  /** Puts LMS suffixes into their buckets. Returns how many there are. */
  private int placeUnsorted() {
    Arrays.fill(order, 0, length, EMPTY);
    bucketEnds();
    int count = 0;
    for (int at = leftmostBefore(length); at > 0; at = leftmostBefore(at)) {
      order[--buckets[bucketsStart + symbol(at)]] = at;
      count++;
    }
    return count;
  }

  private void induceUpwards() throws InterruptedException {
    bucketStarts();
    int last = length - 1;
    order[buckets[bucketsStart + symbol(last)]++] = last;
    for (int i = 0; i < length; i++) {
      report(i);
      int at = order[i];
      if (at > 0) {
        int earlier = symbol(at - 1);
        if (earlier >= symbol(at)) {
          order[buckets[bucketsStart + earlier]++] = at - 1;
        }
      }
    }
  }

  /** Afterwards each bucket's number is where its S suffixes begin. */
  private void induceDownwards() throws InterruptedException {
    bucketEnds();
    for (int i = length - 1; i >= 0; i--) {
      report(i);
      int at = order[i];
      if (at > 0) {
        int earlier = symbol(at - 1);
        int own = symbol(at);
        if (earlier < own || (earlier == own && i >= buckets[bucketsStart + own])) {
          order[--buckets[bucketsStart + earlier]] = at - 1;
        }
      }
    }
  }

  /** Moves LMS suffixes to the front, in the order of their pieces. */
  private void gather() throws InterruptedException {
    int count = 0;
    for (int i = 0; i < length; i++) {
      report(i);
      int at = order[i];
      if (at > 0) {
        int own = symbol(at);
        if (i >= buckets[bucketsStart + own] && symbol(at - 1) > own) {
          order[count++] = at;
        }
      }
    }
  }

  /**
   * Writes how far it is from each LMS position to the next behind the gathered suffixes: two LMS
   * positions are never neighbours, so that half the position is a place of its own.
   */
  private void measure(int count) {
    Arrays.fill(order, count, length, EMPTY);
    int end = length;
    for (int at = leftmostBefore(length); at > 0; at = leftmostBefore(at)) {
      order[count + (at >>> 1)] = end - at;
      end = at;
    }
  }

  /**
   * Replaces the lengths by the pieces' ranks, equal pieces having the same, and moves these to the
   * end, in the order of the text. Returns how many ranks there are.
   */
  private int name(int count) throws InterruptedException {
    int names = 0;
    int earlier = length;
    int earlierLength = 0;
    for (int i = 0; i < count; i++) {
      report(i);
      int at = order[i];
      int pieceLength = order[count + (at >>> 1)];
      if (pieceLength != earlierLength || !equalPieces(earlier, at, pieceLength)) {
        names++;
      }
      order[count + (at >>> 1)] = names - 1;
      earlier = at;
      earlierLength = pieceLength;
    }
    int free = length;
    for (int i = length - 1; i >= count; i--) {
      if (order[i] != EMPTY) {
        order[--free] = order[i];
      }
    }
    return names;
  }

  /** Whether two pieces are equal, the first symbol of the next one included. */
  private boolean equalPieces(int first, int second, int pieceLength) {
    // The last piece ends with the end of the text, which no other contains.
    if (Math.max(first, second) >= length - pieceLength) {
      return false;
    }
    for (int i = 0; i <= pieceLength; i++) {
      if (symbol(first + i) != symbol(second + i)) {
        return false;
      }
    }
    return true;
  }

  /** Makes the suffix array of the ranks, which are the last elements, in the first elements. */
  private void reduce(int count, int names) throws InterruptedException {
    int ranks = length - count;
    if (names == count) {
      for (int i = 0; i < count; i++) {
        order[order[ranks + i]] = i;
      }
      return;
    }
    boolean fits = names <= ranks - count;
    new SuffixArray(
            null,
            order,
            ranks,
            count,
            names,
            fits ? order : new int[names],
            fits ? count : 0,
            meter)
        .sort();
  }

  /** Puts the LMS suffixes, of which the reduced text's order is known, into their buckets. */
  private void placeSorted(int count) {
    int free = length;
    for (int at = leftmostBefore(length); at > 0; at = leftmostBefore(at)) {
      order[--free] = at;
    }
    for (int i = 0; i < count; i++) {
      order[i] = order[free + order[i]];
    }
    Arrays.fill(order, count, length, EMPTY);
    bucketEnds();
    for (int i = count - 1; i >= 0; i--) {
      int at = order[i];
      order[i] = EMPTY;
      order[--buckets[bucketsStart + symbol(at)]] = at;
    }
  }

  /**
   * The last LMS position before another one, or before the end of the text; 0, which never is one,
   * if there is none.
   */
  private int leftmostBefore(int position) {
    int at = position - 1;
    while (at > 0 && symbol(at - 1) >= symbol(at)) {
      at--;
    }
    while (at > 0 && symbol(at - 1) <= symbol(at)) {
      at--;
    }
    return at;
  }

  private void bucketStarts() {
    countSymbols();
    int sum = 0;
    for (int i = bucketsStart; i < bucketsStart + symbols; i++) {
      int count = buckets[i];
      buckets[i] = sum;
      sum += count;
    }
  }

  private void bucketEnds() {
    countSymbols();
    int sum = 0;
    for (int i = bucketsStart; i < bucketsStart + symbols; i++) {
      sum += buckets[i];
      buckets[i] = sum;
    }
  }

  private void countSymbols() {
    Arrays.fill(buckets, bucketsStart, bucketsStart + symbols, 0);
    for (int i = 0; i < length; i++) {
      buckets[bucketsStart + symbol(i)]++;
    }
  }

  private void report(int step) throws InterruptedException {
    if ((step & REPORT_MASK) == 0) {
      meter.advance(Math.min(length, REPORT_MASK + 1));
    }
  }
}
