package dev.suture.publisher.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** Every byte of an image with a name: of a file, or of what is between files. */
public final class ImageFiles {
  /** What no file has in an image with names: inodes, folders, the superblock, padding. */
  public static final String FILE_SYSTEM = "(file system)";

  /** What no ELF file has in an image without names. */
  public static final String IMAGE = "(image)";

  /** The number of what is between files. */
  private static final int BETWEEN = 0;

  private final List<Region> regions = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<Long> sizes = new ArrayList<>();
  private final Optional<String> refusal;

  /**
   * A range of the image whose bytes have one name.
   *
   * @param file a number for its name
   * @param start where in the image it begins
   * @param end where in the image it ends, behind its beginning
   * @param offset what is at its beginning is at this place of the file; of the image for what is
   *     between files
   */
  public record Region(int file, long start, long end, long offset) {
    /** Where in the file a position of the image is. */
    public long inFile(long position) {
      return position - start + offset;
    }
  }

  private ImageFiles(
      String between, List<FileRange> ranges, long imageBytes, Optional<String> refusal) {
    this.refusal = refusal;
    names.add(between);
    sizes.add(0L);
    Map<String, Integer> numbers = new HashMap<>();
    long done = 0;
    for (FileRange range : ranges) {
      between(done, range.start());
      Integer number = numbers.get(range.path());
      if (number == null) {
        number = names.size();
        numbers.put(range.path(), number);
        names.add(range.path());
        sizes.add(0L);
      }
      add(new Region(number, range.start(), range.end(), range.offset()));
      done = range.end();
    }
    between(done, imageBytes);
  }

  /**
   * Looks for names in an image of 1 byte or more: of the files of an EROFS, else ELF files by
   * their place.
   *
   * @throws IOException if the image cannot be read
   */
  public static ImageFiles of(RandomBytes image) throws IOException {
    ErofsListing listing = ErofsFiles.read(image);
    return listing.refusal().isEmpty()
        ? new ImageFiles(FILE_SYSTEM, listing.ranges(), image.bytes(), Optional.empty())
        : new ImageFiles(IMAGE, ElfPlaces.find(image), image.bytes(), listing.refusal());
  }

  private ImageFiles(ImageFiles other, LongUnaryOperator moved) {
    refusal = other.refusal;
    names.addAll(other.names);
    sizes.addAll(other.sizes);
    for (Region region : other.regions) {
      long start = moved.applyAsLong(region.start);
      long end = moved.applyAsLong(region.end);
      if (end > start) {
        regions.add(new Region(region.file, start, end, region.offset));
      }
    }
  }

  /**
   * The same files in an image whose bytes are elsewhere. Their lengths stay what they are.
   *
   * @param moved where a position of this image is in the other one: never before an earlier one
   */
  public ImageFiles moved(LongUnaryOperator moved) {
    return new ImageFiles(this, moved);
  }

  private void between(long start, long end) {
    if (end > start) {
      add(new Region(BETWEEN, start, end, start));
    }
  }

  private void add(Region region) {
    regions.add(region);
    sizes.set(region.file, sizes.get(region.file) + region.end - region.start);
  }

  /** How many names there are; files have numbers below. */
  public int count() {
    return names.size();
  }

  /** The name of a file: whatever characters its maker chose. */
  public String name(int file) {
    return names.get(file);
  }

  /** How many bytes of the image have this name. */
  public long bytes(int file) {
    return sizes.get(file);
  }

  /** Why the files have no names of their own, if they have none. */
  public Optional<String> refusal() {
    return refusal;
  }

  /** The range that a position of the image lies in. */
  public Region at(long position) {
    int low = 0;
    int high = regions.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (regions.get(middle).start <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return regions.get(low);
  }
}
