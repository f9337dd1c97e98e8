package dev.suture.publisher.delta.account;

import dev.suture.delta.Segments;
import dev.suture.delta.Spans;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.publisher.image.ImageFile;
import dev.suture.publisher.image.ImageFiles;
import dev.suture.publisher.image.ImageFiles.Region;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads a delta and says what its bytes are spent on. Nothing is predicted for that: gaps and
 * lengths of surprises say where in the image they are, and the copies where in the base. So an
 * account is made of any delta, whoever made it, in the time that decompressing it takes, and
 * making one does not know of accounts.
 *
 * <p>Memory: the streams of one part, 32 bytes a copy, the names of files, and what {@link Shares}
 * states.
 */
public final class Accountant {
  private static final int MAP_STREAMS = 5;
  private static final int PART_STREAMS = 4;
  private static final int PLACES_MAX = 20;
  private static final long NONE = Long.MAX_VALUE;

  private final DeltaInput input;
  private final DeltaHeader header;
  private final ImageFiles files;
  private final long imageBytes;
  private final Shares shares;
  private final Places places;
  private final Copies copies;
  private final AddressRanges ranges;
  private int copy;
  private Region region;

  /** Gaps, lengths, surprises and new bytes of the present part. */
  private Numbers[] part = new Numbers[0];

  /** Copied bytes until the next surprise. */
  private long untilSurprise;

  /** Bytes of the present surprise that are left. */
  private long surpriseLeft;

  private Accountant(DeltaInput input, OpenedImage opened, ImageFiles files, long imageBytes)
      throws IOException, RejectedException {
    this.input = input;
    this.files = files;
    this.imageBytes = imageBytes;
    header = opened.header();
    shares = new Shares(files);
    places = new Places(files, PLACES_MAX);
    region = files.at(0);
    for (int i = 0; i < opened.count(); i++) {
      shares.add(files.at(opened.openedStart(i)).file(), ByteKind.OPENED, opened.cost(i));
    }
    shares.addFormat(DeltaHeader.BYTES + opened.formatBytes());
    long before = input.done();
    long numbers =
        3L * header.copies()
            + (long) Segments.NUMBERS * header.segments()
            + (long) Spans.NUMBERS * header.spans();
    Numbers[] map = input.group(MAP_STREAMS, numbers * Varint.BYTES_MAX);
    copies = Copies.read(header, map[0], map[1], map[2]);
    ranges = AddressRanges.read(header, map[3], map[4]);
    shares.addFormat(input.done() - before - coded(map));
  }

  /**
   * Makes the account of a delta.
   *
   * @param delta a delta that rebuilds the image, which the device's code has checked
   * @param image the image that it rebuilds
   * @throws RejectedException {@code DELTA_MALFORMED} if it is no delta, or one of another image
   * @throws IOException if one of them cannot be read
   */
  public static DeltaAccount of(Path delta, Path image) throws IOException, RejectedException {
    try (ImageFile bytes = ImageFile.open(image);
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(delta))) {
      DeltaInput input = new DeltaInput(in);
      DeltaHeader header = input.header();
      if (header.imageBytes() != bytes.bytes()) {
        throw Numbers.malformed(
            "expected one for an image of " + bytes.bytes() + " bytes, got " + header.imageBytes());
      }
      OpenedImage opened = OpenedImage.read(input, header, bytes);
      ImageFiles files = ImageFiles.of(bytes).moved(opened::moved);
      return new Accountant(input, opened, files, bytes.bytes()).account();
    }
  }

  private DeltaAccount account() throws IOException, RejectedException {
    for (int i = 0; i < copies.count(); i++) {
      shares.add(files.at(copies.imageStart(i)).file(), ByteKind.COPIES, copies.cost(i));
    }
    for (AddressRanges.Cost cost : ranges.costs()) {
      long start = Math.max(0, Math.min(cost.imageStart(), header.imageBytes() - 1));
      shares.add(files.at(start).file(), ByteKind.ADDRESSES, cost.bytes());
    }
    for (long at = 0; at < header.imageBytes(); ) {
      long before = input.done();
      long length = input.number();
      if (length < 1 || length > header.imageBytes() - at) {
        throw Numbers.malformed("expected a part within the image, got " + length + " bytes");
      }
      part = input.group(PART_STREAMS, DeltaLimits.PART_STREAM_BYTES_MAX);
      shares.addFormat(input.done() - before - coded(part));
      surpriseLeft = 0;
      nextGap();
      part(at, at + length);
      for (Numbers stream : part) {
        stream.requireEnd();
      }
      if (surpriseLeft > 0 || untilSurprise != NONE) {
        throw Numbers.malformed("expected no surprise behind a part's end");
      }
      at += length;
    }
    input.requireEnd();
    return new DeltaAccount(
        input.done(), imageBytes, shares.whole(input.done()), places.most(), files.refusal());
  }

  /** How many bytes of the delta a group's streams take, without its table. */
  private static long coded(Numbers[] streams) {
    return Arrays.stream(streams).mapToLong(Numbers::codedBytes).sum();
  }

  /** Goes through a part in pieces that lie in one file, and in one span or none. */
  private void part(long start, long end) throws RejectedException {
    for (long at = start; at < end; ) {
      if (at >= region.end()) {
        region = files.at(at);
      }
      while (copy < copies.count() && copies.imageEnd(copy) <= at) {
        copy++;
      }
      long pieceEnd = Math.min(end, region.end());
      if (copy == copies.count() || copies.imageStart(copy) > at) {
        pieceEnd = copy == copies.count() ? pieceEnd : Math.min(pieceEnd, copies.imageStart(copy));
        add(ByteKind.NEW, at, pieceEnd - at, part[3].skip(pieceEnd - at));
      } else {
        long base = copies.baseStart(copy) + at - copies.imageStart(copy);
        int span = ranges.spanAt(base);
        pieceEnd = Math.min(pieceEnd, copies.imageEnd(copy));
        pieceEnd = at + Math.min(pieceEnd - at, ranges.end(span, base) - base);
        copied(at, pieceEnd, ranges.kind(span, base));
      }
      at = pieceEnd;
    }
  }

  /** Finds the surprises in copied bytes. */
  private void copied(long start, long end, ByteKind kind) throws RejectedException {
    for (long at = start; at < end; ) {
      if (surpriseLeft == 0 && untilSurprise == 0) {
        surpriseLeft = part[1].number();
        if (surpriseLeft < 1) {
          throw Numbers.malformed("expected a surprise of at least a byte, got none");
        }
        add(kind, at, 0, part[0].charge() + part[1].charge());
      }
      long now;
      if (surpriseLeft > 0) {
        now = Math.min(end - at, surpriseLeft);
        add(kind, at, now, part[2].skip(now));
        surpriseLeft -= now;
        if (surpriseLeft == 0) {
          nextGap();
        }
      } else {
        now = Math.min(end - at, untilSurprise);
        untilSurprise -= untilSurprise == NONE ? 0 : now;
      }
      at += now;
    }
  }

  private void nextGap() throws RejectedException {
    untilSurprise = part[0].atEnd() ? NONE : part[0].number();
  }

  private void add(ByteKind kind, long position, long length, double bytes) {
    shares.add(region.file(), kind, bytes);
    places.add(region, kind, position, length, bytes);
  }
}
