package dev.suture.publisher.delta;

import dev.suture.delta.ClosingSink;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.Deflater;

/**
 * A base and an image with their deflate streams opened: content behind the base, and in the image
 * in the place of the streams. Streams that both have stay as they are, for they can be copied; so
 * do long ones, those within a file that has addresses, and those that zlib would not make again.
 */
final class OpenedPair {
  /** For each level, whether this machine deflates as a device will. */
  private static final boolean[] LIKE_ZLIB = new boolean[Deflater.BEST_COMPRESSION + 1];

  static {
    for (int level = Deflater.BEST_SPEED; level < LIKE_ZLIB.length; level++) {
      LIKE_ZLIB[level] = ClosingSink.deflatesLikeZlib(level);
    }
  }

  private final MappedImage closedBase;
  private final MappedImage closedImage;
  private final MappedImage base;
  private final MappedImage image;
  private final List<DeflateStream> baseStreams;
  private final List<Rebuilt> imageStreams;

  private OpenedPair(
      MappedImage closedBase,
      MappedImage closedImage,
      MappedImage base,
      MappedImage image,
      List<DeflateStream> baseStreams,
      List<Rebuilt> imageStreams) {
    this.closedBase = closedBase;
    this.closedImage = closedImage;
    this.base = base;
    this.image = image;
    this.baseStreams = baseStreams;
    this.imageStreams = imageStreams;
  }

  /** A stream of the image, and the level that makes it. */
  private record Rebuilt(DeflateStream stream, int level) {}

  /**
   * Opens what is worth it.
   *
   * @param folder gets both as files, which are deleted before this returns
   */
  static OpenedPair of(MappedImage base, MappedImage image, Path folder)
      throws IOException, InterruptedException {
    List<DeflateStream> ofImage = DeflateStream.find(image);
    if (ofImage.isEmpty()) {
      return closed(base, image);
    }
    List<DeflateStream> ofBase = DeflateStream.find(base);
    List<DeflateStream> sources = sources(base, ofBase, counts(ofImage));
    if (sources.isEmpty()) {
      return closed(base, image);
    }
    List<Rebuilt> rebuilt = rebuilt(image, ofImage, counts(ofBase).keySet());
    if (rebuilt.isEmpty()) {
      return closed(base, image);
    }
    Path file = folder.resolve("opened");
    MappedImage openedBase = writeBase(file, base, sources);
    MappedImage openedImage = writeImage(file, image, rebuilt);
    return new OpenedPair(base, image, openedBase, openedImage, sources, rebuilt);
  }

  private static OpenedPair closed(MappedImage base, MappedImage image) {
    return new OpenedPair(base, image, base, image, List.of(), List.of());
  }

  private static Map<Sha256, Integer> counts(List<DeflateStream> streams) {
    Map<Sha256, Integer> counts = new HashMap<>();
    streams.forEach(stream -> counts.merge(stream.sha256(), 1, Integer::sum));
    return counts;
  }

  /** Length of a base if everything is opened that can be: at least as long as any opened one. */
  static long baseBytesMax(MappedImage base) {
    long bytes = base.bytes();
    for (DeflateStream stream : DeflateStream.find(base)) {
      if (mayBeOpened(stream)) {
        bytes += stream.contentBytes();
      }
    }
    return Math.min(bytes, openedBytesMax(base));
  }

  /** Matching takes no more memory because something is opened than for the longest base of all. */
  private static long openedBytesMax(MappedImage base) {
    return Math.max(base.bytes(), Matching.SUFFIX_ARRAY_BASE_BYTES_MAX);
  }

  /**
   * A device reads a base's at random; and what is opened on one side alone has nothing to copy.
   */
  private static boolean mayBeOpened(DeflateStream stream) {
    return stream.contentBytes() <= DeltaLimits.OPENED_CONTENT_BYTES_MAX;
  }

  /**
   * The streams of the image that the base does not have, that can be made again, and that are not
   * part of a file with addresses, which tell only of what lies in one piece.
   */
  private static List<Rebuilt> rebuilt(
      MappedImage image, List<DeflateStream> streams, Set<Sha256> known) {
    List<Rebuilt> rebuilt = new ArrayList<>();
    List<AddressedFile> files = AddressedFile.find(image);
    long opened = image.bytes();
    for (DeflateStream stream : streams) {
      boolean isWanted =
          mayBeOpened(stream)
              && !known.contains(stream.sha256())
              && opened <= ImageIdentity.BYTES_MAX - stream.contentBytes()
              && rebuilt.size() < DeltaLimits.OPENED_MAX
              && files.stream()
                  .noneMatch(file -> file.start() <= stream.start() && stream.start() < file.end());
      OptionalInt level = isWanted ? stream.level(image) : OptionalInt.empty();
      if (level.isPresent() && LIKE_ZLIB[level.getAsInt()]) {
        rebuilt.add(new Rebuilt(stream, level.getAsInt()));
        opened += stream.contentBytes() - stream.bytes();
      }
    }
    return rebuilt;
  }

  /**
   * The streams of the base of which the image has fewer, each once; none if they are too much to
   * match with.
   */
  private static List<DeflateStream> sources(
      MappedImage base, List<DeflateStream> streams, Map<Sha256, Integer> kept) {
    Map<Sha256, Integer> counts = counts(streams);
    List<DeflateStream> sources = new ArrayList<>();
    Set<Sha256> taken = new HashSet<>();
    long opened = base.bytes();
    for (DeflateStream stream : streams) {
      Sha256 digest = stream.sha256();
      boolean isWanted =
          mayBeOpened(stream)
              && counts.getOrDefault(digest, 0) > kept.getOrDefault(digest, 0)
              && taken.add(digest);
      if (isWanted) {
        sources.add(stream);
        opened += stream.contentBytes();
      }
    }
    return opened <= openedBytesMax(base) && sources.size() <= DeltaLimits.OPENED_MAX
        ? sources
        : List.of();
  }

  private static MappedImage writeBase(Path file, MappedImage base, List<DeflateStream> streams)
      throws IOException, InterruptedException {
    base.copyTo(file);
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND))) {
      for (DeflateStream stream : streams) {
        stream.writeContent(base, out);
      }
    }
    return mapped(file);
  }

  private static MappedImage writeImage(Path file, MappedImage image, List<Rebuilt> streams)
      throws IOException, InterruptedException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      long done = 0;
      for (Rebuilt rebuilt : streams) {
        image.writeTo(out, done, rebuilt.stream.start() - done);
        rebuilt.stream.writeContent(image, out);
        done = rebuilt.stream.end();
      }
      image.writeTo(out, done, image.bytes() - done);
    }
    return mapped(file);
  }

  private static MappedImage mapped(Path file) throws IOException, InterruptedException {
    MappedImage mapped = MappedImage.map(file);
    Files.delete(file);
    return mapped;
  }

  /** The base as it is. */
  MappedImage closedBase() {
    return closedBase;
  }

  /** The image as it is. */
  MappedImage closedImage() {
    return closedImage;
  }

  /** The base with what was opened. */
  MappedImage base() {
    return base;
  }

  /** The image with what was opened. */
  MappedImage image() {
    return image;
  }

  /** Whether anything was opened. */
  boolean isOpen() {
    return !imageStreams.isEmpty();
  }

  /** Files that have addresses, in the opened base. */
  List<AddressedFile> baseFiles() {
    List<Long> contents = new ArrayList<>();
    long at = closedBase.bytes();
    for (DeflateStream stream : baseStreams) {
      contents.add(at);
      at += stream.contentBytes();
    }
    AddressedFile.Finder finder = new AddressedFile.Finder(base);
    finder.look(0, closedBase.bytes());
    contents.forEach(finder::lookAt);
    return finder.found();
  }

  /** Files that have addresses, in the opened image. */
  List<AddressedFile> imageFiles() {
    AddressedFile.Finder finder = new AddressedFile.Finder(image);
    long closed = 0;
    long opened = 0;
    for (Rebuilt rebuilt : imageStreams) {
      DeflateStream stream = rebuilt.stream;
      opened = look(finder, closed, stream.start(), opened);
      finder.lookAt(opened);
      opened += stream.contentBytes();
      closed = stream.end();
    }
    look(finder, closed, closedImage.bytes(), opened);
    return finder.found();
  }

  /** Looks at the beginnings of blocks between two streams; where the second is when opened. */
  private static long look(AddressedFile.Finder finder, long from, long to, long opened) {
    int block = AddressedFile.BLOCK_BYTES;
    long first = (from + block - 1) / block * block;
    finder.look(opened + first - from, opened + to - from);
    return opened + to - from;
  }

  /** What the delta says about opened streams: three numbers, and a group. */
  long write(OutputStream out) throws IOException {
    StreamWriter numbers = new StreamWriter();
    numbers.number(baseStreams.size());
    numbers.number(imageStreams.size());
    numbers.number(image.bytes());
    StreamWriter ofBase = new StreamWriter();
    long before = 0;
    for (DeflateStream stream : baseStreams) {
      ofBase.number(stream.start() - before);
      ofBase.number(stream.contentBytes());
      before = stream.start();
    }
    StreamWriter ofImage = new StreamWriter();
    long end = 0;
    for (Rebuilt rebuilt : imageStreams) {
      ofImage.number(rebuilt.stream.start() - end);
      ofImage.number(rebuilt.stream.contentBytes());
      ofImage.number(rebuilt.level);
      end = rebuilt.stream.end();
    }
    out.write(numbers.content());
    return numbers.length() + StreamGroup.write(out, ofBase, ofImage);
  }
}
