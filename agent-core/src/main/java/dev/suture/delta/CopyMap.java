package dev.suture.delta;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.failure.RejectedException;

/**
 * Which ranges of the image are taken from which ranges of the base: in the image's order, without
 * overlap there. It is known before a byte is rebuilt, so that it tells where things have moved to.
 *
 * <p>Memory: twelve bytes a copy, and what {@link ShiftTable} states.
 */
public final class CopyMap {
  private final int[] imageStarts;
  private final int[] baseStarts;
  private final int[] lengths;

  private final ShiftTable shifts;

  /**
   * Takes the copies, each a number in three arrays, which now belong to the map.
   *
   * @param imageStarts ascending
   */
  public CopyMap(int[] imageStarts, int[] baseStarts, int[] lengths) {
    this.imageStarts = imageStarts;
    this.baseStarts = baseStarts;
    this.lengths = lengths;
    shifts = ShiftTable.of(imageStarts, baseStarts, lengths);
  }

  /**
   * Reads the copies and checks that each lies within base and image.
   *
   * @return what the constructor takes, in its order
   */
  static int[][] read(
      DeltaHeader header, StreamCursor gaps, StreamCursor lengths, StreamCursor places)
      throws RejectedException {
    int count = header.copies();
    gaps.requireNumbers(count);
    lengths.requireNumbers(count);
    places.requireNumbers(count);
    int[] imageStarts = new int[count];
    int[] baseStarts = new int[count];
    int[] sizes = new int[count];
    long image = 0;
    long base = 0;
    for (int i = 0; i < count; i++) {
      long gap = gaps.number();
      long imageLeft = header.imageBytes() - image;
      if (gap >= imageLeft) {
        throw gaps.malformed("expected less than " + imageLeft + " new bytes, got " + gap);
      }
      image += gap;
      long length = lengths.number();
      if (length == 0 || length > header.imageBytes() - image || length > Integer.MAX_VALUE) {
        throw lengths.malformed(
            "expected a copy of 1 to " + (header.imageBytes() - image) + " bytes, got " + length);
      }
      base += places.signed();
      if (base < 0 || length > header.baseBytes() - base) {
        throw places.malformed(
            "expected a range within "
                + header.baseBytes()
                + " bytes of base, got "
                + length
                + " bytes at "
                + base);
      }
      imageStarts[i] = (int) image;
      baseStarts[i] = (int) base;
      sizes[i] = (int) length;
      image += length;
      base += length;
    }
    gaps.requireEnd();
    lengths.requireEnd();
    places.requireEnd();
    return new int[][] {imageStarts, baseStarts, sizes};
  }

  /** How many there are. */
  public int count() {
    return lengths.length;
  }

  /** Where in the image a copy begins. */
  public long imageStart(int copy) {
    return imageStarts[copy];
  }

  /** Where in the base a copy begins. */
  public long baseStart(int copy) {
    return baseStarts[copy];
  }

  /** Length of a copy in bytes. */
  public int length(int copy) {
    return lengths[copy];
  }

  /**
   * Every position of a base, as far as it has moved: copies in the base's order, of which some can
   * overlap in the image or lie outside it.
   */
  public CopyMap ofWholeBase(long baseBytes) {
    return shifts.ofWholeBase(baseBytes);
  }

  /** How far a position of the base has moved in the image, see {@link ShiftTable}. */
  public long shift(long basePosition) {
    return shifts.shift(basePosition);
  }
}
