package dev.suture.publisher.delta;

import dev.suture.delta.Arm64;
import dev.suture.delta.Segments;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.publisher.delta.AddressedFile.Segment;
import dev.suture.publisher.delta.AddressedFile.Span;
import org.jspecify.annotations.Nullable;

/**
 * Reads the image of an arm64 Linux kernel, which is no ELF file and says little about itself: what
 * its bytes are is told by what they look like. Header: Linux, "Booting AArch64 Linux"; its length
 * is in the PE header that firmware loads it by.
 */
final class KernelImage {
  private static final int HEADER_BYTES = 64;
  private static final int MAGIC = 0x644d5241;
  private static final int TEXT_OFFSET_AT = 8;
  private static final int IMAGE_SIZE_AT = 16;
  private static final int MAGIC_AT = 56;
  private static final int PE_AT = 60;
  private static final int PE_MAGIC = 0x4550;
  private static final int PE_HEADER_BYTES = 24;
  private static final int PE_SECTION_BYTES = 40;
  private static final int PE_SECTIONS_MAX = 16;

  /** The kernel is loaded at a multiple of this, and its text offset. */
  private static final int ALIGNED_LOG = 21;

  private static final int ALIGNED_BYTES = 1 << ALIGNED_LOG;
  private static final int BYTES_MIN = 1 << 16;
  private static final int BYTES_MAX = 1 << 28;

  /** Code is told from data block by block. */
  private static final int BLOCK_BYTES = 1 << 14;

  /** So many blocks between others that are code are code, too. */
  private static final long APART_BLOCKS_MAX = 4;

  /** A block of code has at least so many calls to somewhere in the kernel. */
  private static final int CALLS_MIN = 40;

  /** Of all that look like calls, at most one of so many leads out of the kernel. */
  private static final int WRONG_CALLS_MAX = 5;

  private static final int R_AARCH64_RELATIVE = 1027;
  private static final int RELOCATION_BYTES = 24;
  private static final int RELOCATIONS_MIN = 64;

  private static final int OFFSETS_MIN = 4096;

  /** Of BTF: its magic number, version 1, no flags, and the header's length. */
  private static final long TYPES_MAGIC = 0x18_0001_eb9fL;

  private static final int TYPES_HEADER_BYTES = 24;

  private final MappedImage image;
  private final long start;
  private final AddressedFile file;

  /** Bytes in the file, and in memory. */
  private long bytes;

  private long memoryBytes;

  private KernelImage(MappedImage image, long start) {
    this.image = image;
    this.start = start;
    file = new AddressedFile(start, true);
  }

  /** The kernel that begins at a position of an image; null if none does. */
  static @Nullable AddressedFile at(MappedImage image, long start) {
    if (start + HEADER_BYTES + Long.BYTES > image.bytes()
        || (int) image.word(start + MAGIC_AT) != MAGIC) {
      return null;
    }
    KernelImage kernel = new KernelImage(image, start);
    return kernel.read() ? kernel.file : null;
  }

  private boolean read() {
    memoryBytes = image.word(start + IMAGE_SIZE_AT);
    bytes = fileBytes();
    if (bytes < BYTES_MIN
        || memoryBytes < bytes
        || memoryBytes > BYTES_MAX
        || bytes > image.bytes() - start) {
      return false;
    }
    long address = firstAddress();
    if (address < 0 || address + bytes > Segments.ADDRESS_MAX) {
      return false;
    }
    file.segments().add(new Segment(start, bytes, address, false));
    code();
    relocations();
    offsets();
    types();
    new KernelTableFinder(image, file, bytes, memoryBytes).find();
    file.add(new Span(SpanKind.POINTERS, start, bytes));
    split(address);
    return true;
  }

  /** Where the last section ends, as firmware sees them; 0 if there is no such header. */
  private long fileBytes() {
    long header = image.word(start + PE_AT) & 0xffff_ffffL;
    if (header > BYTES_MIN || !isWithin(header, PE_HEADER_BYTES)) {
      return 0;
    }
    long at = start + header;
    int sections = half(at + 6);
    long table = header + PE_HEADER_BYTES + half(at + 20);
    if (word(at) != PE_MAGIC
        || sections > PE_SECTIONS_MAX
        || !isWithin(table, (long) sections * PE_SECTION_BYTES)) {
      return 0;
    }
    long end = 0;
    for (int i = 0; i < sections; i++) {
      long section = start + table + (long) i * PE_SECTION_BYTES;
      end = Math.max(end, unsigned(section + 16) + unsigned(section + 20));
    }
    return end;
  }

  /**
   * The lower half of the address of the kernel's first byte: of all that its pointers can be from,
   * the one that most of them are within the kernel's reach of. -1 if there are no pointers.
   */
  private long firstAddress() {
    int[] counts = new int[1 << (Integer.SIZE - ALIGNED_LOG)];
    for (long at = 0; at + Long.BYTES <= bytes; at += Long.BYTES) {
      long pointer = image.word(start + at);
      if (pointer >>> 48 == 0xffff) {
        counts[(int) pointer >>> ALIGNED_LOG]++;
      }
    }
    int reach = (int) ((memoryBytes + ALIGNED_BYTES - 1) >>> ALIGNED_LOG);
    int best = -1;
    long most = 0;
    long now = 0;
    for (int i = 0; i < counts.length; i++) {
      now += counts[i];
      if (i >= reach) {
        now -= counts[i - reach];
      }
      if (i >= reach - 1 && now > most) {
        most = now;
        best = i - reach + 1;
      }
    }
    if (best < 0) {
      return -1;
    }
    // A shorter reach would do as well: the kernel's first bytes have pointers to them.
    while (counts[best] == 0) {
      best++;
    }
    return ((long) best << ALIGNED_LOG)
        + (image.word(start + TEXT_OFFSET_AT) & (ALIGNED_BYTES - 1));
  }

  /** Blocks of code, and few others between such. */
  private void code() {
    long from = -1;
    long end = 0;
    for (long at = 0; at + BLOCK_BYTES <= bytes; at += BLOCK_BYTES) {
      if (!isCode(at)) {
        continue;
      }
      if (from >= 0 && at - end > APART_BLOCKS_MAX * BLOCK_BYTES) {
        file.add(new Span(SpanKind.CODE, start + from, end - from));
        from = -1;
      }
      from = from < 0 ? at : from;
      end = at + BLOCK_BYTES;
    }
    if (from >= 0) {
      file.add(new Span(SpanKind.CODE, start + from, end - from));
    }
  }

  private boolean isCode(long block) {
    int calls = 0;
    int wrong = 0;
    for (long at = block; at < block + BLOCK_BYTES; at += Arm64.BYTES) {
      int word = word(start + at);
      if ((word & 0xfc000000) == 0x94000000) {
        long target = Arm64.target(Arm64.BRANCH, word, at);
        if (target >= 0 && target < bytes) {
          calls++;
        } else {
          wrong++;
        }
      }
    }
    return calls >= CALLS_MIN && wrong * WRONG_CALLS_MAX <= calls;
  }

  /** Relocations of one type, one behind the other. */
  private void relocations() {
    for (long at = Long.BYTES; at + 2 * Long.BYTES <= bytes; at += Long.BYTES) {
      long end = at;
      while (end + 2 * Long.BYTES <= bytes && image.word(start + end) == R_AARCH64_RELATIVE) {
        end += RELOCATION_BYTES;
      }
      if (end - at >= (long) RELOCATIONS_MIN * RELOCATION_BYTES) {
        file.add(new Span(SpanKind.RELOCATIONS, start + at - Long.BYTES, end - at));
        at = end;
      }
    }
  }

  /** Where all symbols are: the longest table of numbers that never become smaller. */
  private void offsets() {
    long best = 0;
    long bestFrom = 0;
    for (long from = 0; from + Integer.BYTES <= bytes; ) {
      long last = unsigned(start + from);
      long end = from + Integer.BYTES;
      long different = 1;
      while (end + Integer.BYTES <= bytes && last < memoryBytes) {
        long next = unsigned(start + end);
        if (next < last || next >= memoryBytes) {
          break;
        }
        different += next > last ? 1 : 0;
        last = next;
        end += Integer.BYTES;
      }
      long count = (end - from) / Integer.BYTES;
      boolean isSpread = different * 2 > count && last > bytes / 2;
      if (count >= OFFSETS_MIN && isSpread && count > best) {
        best = count;
        bestFrom = from;
      }
      from = end;
    }
    if (best > 0) {
      file.add(new Span(SpanKind.OFFSETS, start + bestFrom, best * Integer.BYTES));
    }
  }

  /** What comes before the place that symbols are counted from is a segment of its own. */
  private void split(long address) {
    long from = counted(address);
    if (from <= 0 || from >= bytes) {
      return;
    }
    file.segments().clear();
    file.segments().add(new Segment(start, from, address, false));
    file.segments().add(new Segment(start + from, bytes - from, address + from, false));
    for (int i = 0; i < file.spans().size(); i++) {
      Span span = file.spans().get(i);
      long before = start + from - span.start();
      if (before > 0 && before < span.bytes()) {
        file.spans().set(i, new Span(span.kind(), span.start(), before));
        file.spans().add(i + 1, new Span(span.kind(), start + from, span.bytes() - before));
        return;
      }
    }
  }

  /**
   * Where in the kernel the place is that symbols are counted from: the pointer behind their table
   * tells, itself or by its relocation. 0 if none does.
   */
  private long counted(long address) {
    for (Span span : file.spans()) {
      if (span.kind() == SpanKind.OFFSETS) {
        long at = (span.start() + span.bytes() - start + Long.BYTES - 1) & -Long.BYTES;
        if (at + Long.BYTES > bytes) {
          return 0;
        }
        long pointer = image.word(start + at);
        pointer = pointer == 0 ? addend(address + at) : pointer;
        return pointer == 0 ? 0 : (pointer & Segments.ADDRESS_MAX) - address;
      }
    }
    return 0;
  }

  /** What a relocation puts at an address; 0 if none does. */
  private long addend(long address) {
    for (Span span : file.spans()) {
      if (span.kind() == SpanKind.RELOCATIONS) {
        for (long at = 0; at + RELOCATION_BYTES <= span.bytes(); at += RELOCATION_BYTES) {
          if ((image.word(span.start() + at) & Segments.ADDRESS_MAX) == address) {
            return image.word(span.start() + at + 2 * Long.BYTES);
          }
        }
      }
    }
    return 0;
  }

  /** Descriptions of types, with their names behind them: a header tells how long both are. */
  private void types() {
    for (long at = 0; at + TYPES_HEADER_BYTES + Long.BYTES <= bytes; at += Integer.BYTES) {
      long header = start + at;
      if (image.word(header) != TYPES_MAGIC || word(header + 8) != 0) {
        continue;
      }
      long length = unsigned(header + 12);
      long left = bytes - at - TYPES_HEADER_BYTES;
      if (length > 0
          && length <= left
          && unsigned(header + 16) == length
          && unsigned(header + 20) <= left - length) {
        file.add(new Span(SpanKind.TYPES, header + TYPES_HEADER_BYTES, length));
        return;
      }
    }
  }

  private boolean isWithin(long offset, long length) {
    return offset >= 0 && length >= 0 && start + offset + length + Long.BYTES <= image.bytes();
  }

  private int half(long at) {
    return (int) image.word(at) & 0xffff;
  }

  private int word(long at) {
    return at + Long.BYTES <= image.bytes()
        ? (int) image.word(at)
        : (int) (image.word(image.bytes() - Long.BYTES) >>> Integer.SIZE);
  }

  private long unsigned(long at) {
    return Integer.toUnsignedLong(word(at));
  }
}
