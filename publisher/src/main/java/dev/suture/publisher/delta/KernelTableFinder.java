package dev.suture.publisher.delta;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.publisher.delta.AddressedFile.Span;
import java.util.List;

/**
 * Finds the tables of a kernel whose fields are distances from themselves, by what these lead to:
 * many entries in a row whose words all lead to code, or into the kernel, are no chance.
 */
final class KernelTableFinder {
  /** What is looked for, the form that says most about an entry first. */
  private static final List<SpanKind> KINDS =
      List.of(SpanKind.DISTANCES_3_OF_4, SpanKind.DISTANCES_3_OF_3, SpanKind.DISTANCES_2_OF_3);

  /** A table begins with so many entries that are right. */
  private static final int FIRST_ENTRIES = 8;

  /** Within a table, not more than so many wrong ones follow each other. */
  private static final int WRONG_ENTRIES_MAX = 128;

  private static final int WRONG_DATA_ENTRIES_MAX = 8;

  private static final int ENTRIES_MIN = 64;

  /** Of those that do not lead to code. */
  private static final int DATA_ENTRIES_MIN = 512;

  /** Shorter distances look like small numbers. */
  private static final int FAR_BYTES = 4096;

  private final MappedImage image;
  private final AddressedFile file;
  private final List<Span> known;
  private final long end;
  private final long memoryEnd;

  /**
   * Looks at a kernel of which code and other tables are known.
   *
   * @param bytes how many it has in the file
   * @param memoryBytes how many in memory
   */
  KernelTableFinder(MappedImage image, AddressedFile file, long bytes, long memoryBytes) {
    this.image = image;
    this.file = file;
    known = List.copyOf(file.spans());
    end = file.start() + bytes;
    memoryEnd = file.start() + memoryBytes;
  }

  /** Adds a span for each table. */
  void find() {
    long from = file.start();
    for (Span span : known) {
      find(from, span.start());
      from = span.start() + span.bytes();
    }
    find(from, end);
  }

  private void find(long from, long limit) {
    for (long at = from; at < limit; ) {
      long tableEnd = at + Integer.BYTES;
      for (SpanKind kind : KINDS) {
        long found = tableEnd(kind, at, limit);
        if (found > at) {
          file.add(new Span(kind, at, found - at));
          tableEnd = found;
          break;
        }
      }
      at = tableEnd;
    }
  }

  /** Where a table ends that begins here; the same position if none does. */
  private long tableEnd(SpanKind kind, long from, long limit) {
    boolean isOfData = kind == SpanKind.DISTANCES_3_OF_3;
    int wrongMax = isOfData ? WRONG_DATA_ENTRIES_MAX : WRONG_ENTRIES_MAX;
    int entryBytes = (kind == SpanKind.DISTANCES_3_OF_4 ? 4 : 3) * Integer.BYTES;
    long right = from;
    int wrong = 0;
    for (long at = from; at + entryBytes <= limit && wrong <= wrongMax; at += entryBytes) {
      if (isEntry(kind, at)) {
        wrong = 0;
        right = at + entryBytes;
      } else if (at - from < (long) FIRST_ENTRIES * entryBytes) {
        return from;
      } else {
        wrong++;
      }
    }
    int least = isOfData ? DATA_ENTRIES_MIN : ENTRIES_MIN;
    return right - from < (long) least * entryBytes ? from : right;
  }

  private boolean isEntry(SpanKind kind, long at) {
    return switch (kind) {
      // Where a jump is, where it leads, and what decides; of that, the upper half is its sign.
      case DISTANCES_3_OF_4 ->
          leadsToCode(at)
              && leadsToCode(at + 4)
              && leadsIntoKernel(at + 8)
              && (word(at + 12) == 0 || word(at + 12) == -1);
      // An exported symbol, its name, its namespace.
      case DISTANCES_3_OF_3 ->
          leadsIntoKernel(at)
              && leadsIntoKernel(at + 4)
              && leadsIntoKernel(at + 8)
              && !leadsToCode(at + 4)
              && !leadsToCode(at + 8);
      // An instruction, and where to go on, or a name before it: numbers are not negative.
      case DISTANCES_2_OF_3 ->
          leadsToCode(at) && (leadsToCode(at + 4) || word(at + 4) < 0 && leadsIntoKernel(at + 4));
      default -> false;
    };
  }

  private boolean leadsToCode(long at) {
    long target = at + word(at);
    for (Span span : known) {
      if (span.kind() == SpanKind.CODE
          && target >= span.start()
          && target - span.start() < span.bytes()) {
        return true;
      }
    }
    return false;
  }

  private boolean leadsIntoKernel(long at) {
    int distance = word(at);
    long target = at + distance;
    return Math.abs((long) distance) >= FAR_BYTES && target >= file.start() && target < memoryEnd;
  }

  private int word(long at) {
    return at + Long.BYTES <= image.bytes()
        ? (int) image.word(at)
        : (int) (image.word(at - Integer.BYTES) >>> Integer.SIZE);
  }
}
