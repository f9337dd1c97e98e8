package dev.suture.publisher.delta;

import dev.suture.delta.CopyMap;
import dev.suture.publisher.PublisherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes the delta from a base to an image, in the format of {@code docs/patch-format.md}. The same
 * two files and the same way of matching always give the same bytes, if {@code java.util.zip} is
 * zlib.
 *
 * <p>The image is matched with the base; where addresses can be predicted, once more with what they
 * are predicted to be (see {@link Forecast}), from which better copies and so better predictions
 * follow, for some rounds. Of all deltas that come about, the smallest is taken, the one without
 * any prediction among them.
 *
 * <p>Where base and image have deflate streams that differ, all of this is done with their content
 * instead, see {@link OpenedPair}.
 *
 * <p>Memory: the images are mapped; heap is taken as {@link Matching} says, and sixteen bytes for
 * each operation. Images that hardly differ, byte by byte, take none for matching. Disk: a folder
 * beside the delta, for a while, with the deltas that were made, and in each round both images once
 * more if addresses are predicted.
 */
public final class DeltaGenerator {
  /** Matching again gains the most at first, and little after the third time. */
  private static final int ROUNDS_MAX = 4;

  /** One that is so small is not worth minutes of sorting suffixes and matching again. */
  private static final int SMALL_BYTES = 1024;

  /** Nor is one that is so many times smaller than its image. */
  private static final int SMALL_SHARE = 100_000;

  /** A round that made the delta smaller by less than one in so many bytes was the last. */
  private static final int GAIN_MIN = 100;

  private final OpenedPair pair;
  private final MappedImage base;
  private final MappedImage image;
  private final Path folder;
  private final Matching matching;
  private final Progress progress;
  private final int smallShare;
  private final DeltaWriter writer;

  private DeltaGenerator(
      Path base, Path image, Path folder, Matching matching, Progress progress, int smallShare)
      throws IOException, InterruptedException {
    MappedImage closedBase = MappedImage.map(base);
    if (matching == Matching.SUFFIX_ARRAY && closedBase.bytes() > SuffixArray.BYTES_MAX) {
      throw new IllegalArgumentException(
          "base: expected at most "
              + SuffixArray.BYTES_MAX
              + " bytes to sort suffixes of, got "
              + closedBase.bytes()
              + ": "
              + base);
    }
    pair = OpenedPair.of(closedBase, MappedImage.map(image), folder);
    this.base = pair.base();
    this.image = pair.image();
    this.folder = folder;
    this.matching = matching;
    this.progress = progress;
    this.smallShare = smallShare;
    writer = new DeltaWriter(pair);
  }

  /** A delta that was made. */
  private record Made(Path file, DeltaStats stats, CopyMap map, AddressPlan addresses) {}

  /** Two deltas of one way of matching; the same twice if no address can be predicted. */
  private record First(Made plain, Made predicted) {
    Made smallest() {
      return smaller(plain, predicted);
    }
  }

  /**
   * Writes a delta to a file, which is made anew. When this fails or is interrupted, the file is
   * gone.
   *
   * @param base the base image: 1 byte to 2 GiB, unchanged meanwhile
   * @param image the image to rebuild: 1 byte to 2 GiB, unchanged meanwhile
   * @param delta the file; what is needed meanwhile is in its folder
   * @param matching {@link Matching#SUFFIX_ARRAY} only for a base below 2 GiB
   * @throws IllegalArgumentException if the base is too long for the way of matching
   * @throws PublisherException {@code HEAP_TOO_SMALL} if matching is needed, and no room for it
   * @throws InterruptedException if the thread is interrupted
   */
  public static DeltaStats generate(
      Path base, Path image, Path delta, Matching matching, Progress progress)
      throws IOException, InterruptedException, PublisherException {
    return generate(base, image, delta, matching, progress, SMALL_SHARE);
  }

  /**
   * As above.
   *
   * @param smallShare a delta that is so many times smaller than its image is small
   */
  static DeltaStats generate(
      Path base, Path image, Path delta, Matching matching, Progress progress, int smallShare)
      throws IOException, InterruptedException, PublisherException {
    Files.deleteIfExists(delta);
    Path parent = delta.toAbsolutePath().getParent();
    Path folder = Files.createTempDirectory(parent, "." + delta.getFileName() + ".");
    try {
      Made best =
          new DeltaGenerator(base, image, folder, matching, progress, smallShare).smallest();
      Files.move(best.file, delta, StandardCopyOption.REPLACE_EXISTING);
      return best.stats;
    } catch (Cancelled e) {
      throw e.asInterrupt();
    } finally {
      remove(folder);
    }
  }

  /**
   * The most heap that matching with a base takes, the content of its deflate streams included; in
   * bytes.
   */
  public static long heapBytes(Path base, Matching matching)
      throws IOException, InterruptedException {
    try {
      return matching.heapBytes(OpenedPair.baseBytesMax(MappedImage.map(base)));
    } catch (Cancelled e) {
      throw e.asInterrupt();
    }
  }

  private Made smallest() throws IOException, InterruptedException, PublisherException {
    List<AddressedFile> baseFiles = pair.baseFiles();
    List<AddressedFile> imageFiles = pair.imageFiles();
    if (matching == Matching.SUFFIX_ARRAY && image.bytes() / smallShare > SMALL_BYTES) {
      // A long image that hardly differs: no need to sort hundreds of megabytes.
      Alignments coarse = Alignment.of(base, image, Matching.WINDOWS, progress);
      if (coarse.count() <= image.bytes() / smallShare) {
        Made made = first(CopyPlan.of(coarse), baseFiles, imageFiles).smallest();
        if (isSmall(made)) {
          return made;
        }
      }
    }
    First first =
        first(CopyPlan.of(Alignment.of(base, image, matching, progress)), baseFiles, imageFiles);
    Made best = first.smallest();
    Made last = first.predicted;
    for (int round = 2; round <= ROUNDS_MAX && isWorthARound(last); round++) {
      Made before = last;
      last = round(before, baseFiles, imageFiles, round);
      best = smaller(best, last);
      long gain = before.stats.deltaBytes() - last.stats.deltaBytes();
      if (gain * GAIN_MIN < before.stats.deltaBytes()) {
        break;
      }
    }
    return best;
  }

  /** Without and with predictions: these can cost more than they save, where code was rewritten. */
  private First first(CopyMap map, List<AddressedFile> baseFiles, List<AddressedFile> imageFiles)
      throws IOException {
    AddressPlan addresses = AddressPlan.of(baseFiles, imageFiles, map);
    Made plain = make("plain", map, AddressPlan.none(), progress);
    return addresses.spans().count() == 0
        ? new First(plain, plain)
        : new First(plain, make("predicted", map, addresses, progress));
  }

  private boolean isWorthARound(Made last) {
    return last.addresses.spans().count() > 0 && !isSmall(last);
  }

  private boolean isSmall(Made made) {
    return made.stats.deltaBytes() <= Math.max(SMALL_BYTES, image.bytes() / smallShare);
  }

  /** Matches with what the delta before would predict. */
  private Made round(
      Made before, List<AddressedFile> baseFiles, List<AddressedFile> imageFiles, int round)
      throws IOException, InterruptedException, PublisherException {
    Progress ofRound = (stage, done, total) -> progress.at(stage + " " + round, done, total);
    Path file = folder.resolve("forecast");
    Forecast.write(base, image, before.map, before.addresses, file);
    Path view = folder.resolve("view");
    image.copyTo(view);
    Set<AddressedFile> viewed = new HashSet<>();
    for (AddressedFile[] pair : before.addresses.pairs()) {
      MatchView.make(file, pair[0], at -> pair[1].address(at + before.map.shift(at)));
      // Two files of the base can have become the same one.
      if (viewed.add(pair[1])) {
        MatchView.make(view, pair[1], pair[1]::address);
      }
    }
    CopyMap map = CopyPlan.of(Alignment.of(mapped(file), mapped(view), matching, ofRound));
    return make("round" + round, map, AddressPlan.of(baseFiles, imageFiles, map), ofRound);
  }

  /** Maps a file and deletes it: what is mapped stays until it is not needed any more. */
  private static MappedImage mapped(Path file) throws IOException, InterruptedException {
    MappedImage mapped = MappedImage.map(file);
    Files.delete(file);
    return mapped;
  }

  private Made make(String name, CopyMap map, AddressPlan addresses, Progress progress)
      throws IOException {
    Path file = folder.resolve(name);
    return new Made(file, writer.write(file, map, addresses, progress), map, addresses);
  }

  private static Made smaller(Made one, Made other) {
    return other.stats.deltaBytes() < one.stats.deltaBytes() ? other : one;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
