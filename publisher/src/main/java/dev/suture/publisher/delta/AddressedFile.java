package dev.suture.publisher.delta;

import dev.suture.protocol.delta.SpanKind;
import java.util.ArrayList;
import java.util.List;

/** A file in an image of which is known at which addresses its bytes are when it runs. */
final class AddressedFile {
  /** Files begin at multiples of this in an image. */
  static final int BLOCK_BYTES = 512;

  /** What a flattened image tree begins with, which is a device tree: big-endian 0xd00dfeed. */
  private static final int FIT_MAGIC = 0xedfe0dd0;

  /** The first image in a FIT begins within these, at a word's beginning. */
  private static final int FIT_HEADER_BYTES = 4096;

  /** A loadable segment: where it is in the image, and its address. */
  record Segment(long start, long bytes, long address, boolean isCode) {}

  /** A range of the image. */
  record Span(SpanKind kind, long start, long bytes) {}

  private final long start;
  private final boolean isWhole;
  private final List<Segment> segments = new ArrayList<>();
  private final List<Span> spans = new ArrayList<>();

  /**
   * A file of which nothing is known yet but where it begins.
   *
   * @param isWhole whether it contains everything up to its end, even what looks like another file
   */
  AddressedFile(long start, boolean isWhole) {
    this.start = start;
    this.isWhole = isWhole;
  }

  /** Finds the files that begin at a block's beginning. */
  static List<AddressedFile> find(MappedImage image) {
    Finder finder = new Finder(image);
    finder.look(0, image.bytes());
    return finder.found();
  }

  /** Looks for files in an image, from its beginning to its end. */
  static final class Finder {
    private final MappedImage image;
    private final List<AddressedFile> found = new ArrayList<>();
    private long wholeEnd;

    Finder(MappedImage image) {
      this.image = image;
    }

    /**
     * Looks at the beginning of each block of a range behind what was looked at before; and, at the
     * start of an image that is a FIT, where the kernel in it may begin.
     */
    void look(long start, long end) {
      if (start == 0 && image.bytes() > FIT_HEADER_BYTES && (int) image.word(0) == FIT_MAGIC) {
        for (long at = Integer.BYTES; at < FIT_HEADER_BYTES; at += Integer.BYTES) {
          lookAt(at);
        }
      }
      for (long at = start; at < end; at += BLOCK_BYTES) {
        lookAt(at);
      }
    }

    /** Looks at a place behind those before. */
    void lookAt(long position) {
      // What looks like a file within one that is whole is part of it, up to its last block.
      if (position + Long.BYTES > image.bytes() || position + BLOCK_BYTES <= wholeEnd) {
        return;
      }
      AddressedFile file = ElfFile.at(image, position);
      file = file != null ? file : KernelImage.at(image, position);
      if (file != null) {
        if (!found.isEmpty()) {
          found.get(found.size() - 1).endAt(position);
        }
        found.add(file);
        wholeEnd = file.isWhole ? file.end() : 0;
      }
    }

    List<AddressedFile> found() {
      return found;
    }
  }

  /** Forgets what lies behind a position: a file's last block can be elsewhere in the image. */
  private void endAt(long end) {
    segments.replaceAll(
        s -> new Segment(s.start, clipped(s.start, s.bytes, end), s.address, s.isCode));
    spans.replaceAll(s -> new Span(s.kind, s.start, clipped(s.start, s.bytes, end)));
    segments.removeIf(s -> s.bytes == 0);
    spans.removeIf(s -> s.bytes == 0);
  }

  private static long clipped(long start, long bytes, long end) {
    return Math.max(0, Math.min(bytes, end - start));
  }

  /** Where in the image it begins. */
  long start() {
    return start;
  }

  /** Where in the image the last of its segments ends. */
  long end() {
    return segments.isEmpty()
        ? start
        : segments.get(segments.size() - 1).start + segments.get(segments.size() - 1).bytes;
  }

  /** Its loadable segments with bytes, in the image's order and without overlap. */
  List<Segment> segments() {
    return segments;
  }

  /** What is known of its bytes, in the image's order and without overlap. */
  List<Span> spans() {
    return spans;
  }

  /** The address of a position of the image; -1 if it is in no segment. */
  long address(long position) {
    for (Segment segment : segments) {
      if (position >= segment.start && position - segment.start < segment.bytes) {
        return position - segment.start + segment.address;
      }
    }
    return -1;
  }

  /** Where in the image an address is; -1 if the file has no bytes for it. */
  long position(long address) {
    for (Segment segment : segments) {
      if (address >= segment.address && address - segment.address < segment.bytes) {
        return address - segment.address + segment.start;
      }
    }
    return -1;
  }

  /** Adds a span where no other is yet. */
  void add(Span span) {
    long from = span.start;
    long end = span.start + span.bytes;
    for (int i = 0; i < spans.size(); i++) {
      Span other = spans.get(i);
      long otherEnd = other.start + other.bytes;
      if (otherEnd <= from) {
        continue;
      }
      if (other.start > from) {
        long now = Math.min(end, other.start);
        if (now > from) {
          spans.add(i, new Span(span.kind, from, now - from));
        }
        if (now == end) {
          return;
        }
      }
      from = Math.max(from, otherEnd);
      if (from >= end) {
        return;
      }
    }
    spans.add(new Span(span.kind, from, end - from));
  }
}
