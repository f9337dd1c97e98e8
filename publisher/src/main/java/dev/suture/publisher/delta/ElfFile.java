package dev.suture.publisher.delta;

import dev.suture.protocol.delta.DeltaLimits;
import dev.suture.protocol.delta.SpanKind;
import dev.suture.publisher.delta.AddressedFile.Segment;
import dev.suture.publisher.delta.AddressedFile.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads an ELF file of arm64 in an image, as far as it says where its bytes are at run time and
 * what they are. Names and constants: System V ABI, "ELF-64 Object File Format".
 */
final class ElfFile {
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int SECTION_HEADER_BYTES = 64;
  private static final int SECTIONS_MAX = 4096;
  private static final int DYNAMIC_MAX = 4096;

  private static final long MAGIC = 0x00010102464c457fL;
  private static final long MAGIC_BITS = 0x00ffffff_ffffffffL;
  private static final int RELOCATABLE = 1;
  private static final int EXECUTABLE = 2;
  private static final int SHARED = 3;
  private static final int AARCH64 = 183;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PF_X = 1;
  private static final int SHT_PROGBITS = 1;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_RELA = 4;
  private static final int SHF_EXECINSTR = 4;
  private static final int PT_GNU_EH_FRAME = 0x6474e550;
  private static final long DT_PLTRELSZ = 2;
  private static final long DT_STRTAB = 5;
  private static final long DT_SYMTAB = 6;
  private static final long DT_RELA = 7;
  private static final long DT_RELASZ = 8;
  private static final long DT_JMPREL = 23;
  private static final int ENTRY_BYTES = 24;
  private static final int FRAME_TABLE_HEADER_BYTES = 12;

  /** Version 1; a distance of four bytes, a count of four, and a table of distances from it. */
  private static final int FRAME_TABLE_ENCODINGS = 0x011b033b;

  private static final long DT_GNU_HASH = 0x6ffffef5L;
  private static final int HASH_HEADER_BYTES = 16;

  private static final long DT_INIT = 12;
  private static final long DT_FINI = 13;
  private static final int FINI_BYTES = 20;

  /** Sections of code this near to each other are one span. */
  private static final int APART_BYTES = 64;

  private final MappedImage image;
  private final long start;
  private final AddressedFile file;
  private final List<Segment> segments;
  private final List<Span> spans;
  private final Map<Long, Long> dynamic = new HashMap<>();

  private long frameTable = -1;
  private long frameTableBytes;

  private ElfFile(MappedImage image, long start) {
    this.image = image;
    this.start = start;
    file = new AddressedFile(start, false);
    segments = file.segments();
    spans = file.spans();
  }

  /** The file that begins at a position of an image; null if none does that can be understood. */
  static @Nullable AddressedFile at(MappedImage image, long start) {
    if (start + HEADER_BYTES > image.bytes() || (image.word(start) & MAGIC_BITS) != MAGIC) {
      return null;
    }
    ElfFile elf = new ElfFile(image, start);
    return elf.read() ? elf.file : null;
  }

  private boolean read() {
    int type = half(start + 16);
    if (type == RELOCATABLE && half(start + 18) == AARCH64) {
      return readSections();
    }
    if ((type != EXECUTABLE && type != SHARED) || half(start + 18) != AARCH64) {
      return false;
    }
    long table = image.word(start + 32);
    int count = half(start + 56);
    if (half(start + 54) != PROGRAM_HEADER_BYTES
        || count > DeltaLimits.FILE_SEGMENTS_MAX
        || !isWithin(table, (long) count * PROGRAM_HEADER_BYTES)) {
      return false;
    }
    long end = start;
    for (int i = 0; i < count; i++) {
      long at = start + table + (long) i * PROGRAM_HEADER_BYTES;
      long offset = image.word(at + 8);
      long address = image.word(at + 16);
      long bytes = image.word(at + 32);
      if (!isWithin(offset, bytes)) {
        continue;
      }
      if (word(at) == PT_LOAD && bytes > 0) {
        boolean isCode = (word(at + 4) & PF_X) != 0;
        if (start + offset < end || address < 0 || address > Integer.MAX_VALUE) {
          return false;
        }
        segments.add(new Segment(start + offset, bytes, address, isCode));
        end = start + offset + bytes;
      } else if (word(at) == PT_DYNAMIC) {
        readDynamic(start + offset, bytes);
      } else if (word(at) == PT_GNU_EH_FRAME) {
        frameTable = address;
        frameTableBytes = bytes;
      }
    }
    if (segments.isEmpty()) {
      return false;
    }
    tables();
    List<Span> code = codeOfSections();
    addCode(code.isEmpty() ? codeOfSegments() : code);
    return true;
  }

  /** A file that is not linked: its sections are all that there is. */
  private boolean readSections() {
    long table = image.word(start + 40);
    int count = half(start + 60);
    long tableBytes = (long) count * SECTION_HEADER_BYTES;
    if (half(start + 58) != SECTION_HEADER_BYTES
        || count > SECTIONS_MAX
        || !isWithin(table, tableBytes)
        || table + tableBytes > Integer.MAX_VALUE) {
      return false;
    }
    // Its addresses are those within the file, up to the section headers, which come last.
    segments.add(new Segment(start, table + tableBytes, 0, false));
    for (int i = 1; i < count; i++) {
      long at = start + table + (long) i * SECTION_HEADER_BYTES;
      long offset = image.word(at + 24);
      long bytes = image.word(at + 32) / ENTRY_BYTES * ENTRY_BYTES;
      if (bytes > 0 && offset >= 0 && offset <= table && bytes <= table - offset) {
        if (word(at + 4) == SHT_RELA) {
          file.add(new Span(SpanKind.SECTION_RELOCATIONS, start + offset, bytes));
        } else if (word(at + 4) == SHT_SYMTAB) {
          file.add(new Span(SpanKind.SECTION_SYMBOLS, start + offset, bytes));
        }
      }
    }
    joinRelocations();
    return true;
  }

  /** Tables of relocations stand side by side: one span is enough. */
  private void joinRelocations() {
    for (int i = spans.size() - 1; i > 0; i--) {
      Span span = spans.get(i);
      Span before = spans.get(i - 1);
      if (span.kind() == SpanKind.SECTION_RELOCATIONS
          && before.kind() == span.kind()
          && before.start() + before.bytes() == span.start()) {
        spans.set(i - 1, new Span(span.kind(), before.start(), before.bytes() + span.bytes()));
        spans.remove(i);
      }
    }
  }

  private void readDynamic(long at, long bytes) {
    for (int i = 0; i < DYNAMIC_MAX && (i + 1) * 16L <= bytes; i++) {
      long tag = image.word(at + i * 16L);
      if (tag == 0) {
        break;
      }
      dynamic.putIfAbsent(tag, image.word(at + i * 16L + 8));
    }
  }

  /** Tables that the dynamic section and the program headers tell of. */
  private void tables() {
    addTable(SpanKind.RELOCATIONS, dynamic.get(DT_RELA), dynamic.get(DT_RELASZ));
    addTable(SpanKind.RELOCATIONS, dynamic.get(DT_JMPREL), dynamic.get(DT_PLTRELSZ));
    Long symbols = dynamic.get(DT_SYMTAB);
    Long names = dynamic.get(DT_STRTAB);
    if (symbols != null && names != null && names > symbols) {
      addTable(SpanKind.SYMBOLS, symbols, (names - symbols) / ENTRY_BYTES * ENTRY_BYTES);
    }
    addHashBuckets(dynamic.get(DT_GNU_HASH));
    if (frameTable >= 0 && frameTableBytes > FRAME_TABLE_HEADER_BYTES) {
      long at = file.position(frameTable);
      if (at >= 0
          && isInSegment(at, frameTableBytes)
          && Integer.reverseBytes(word(at)) == FRAME_TABLE_ENCODINGS) {
        long frames = frameTable + 4 + word(at + 4);
        addTable(
            SpanKind.FRAME_TABLE,
            frameTable + FRAME_TABLE_HEADER_BYTES,
            frameTableBytes - FRAME_TABLE_HEADER_BYTES);
        for (Segment segment : segments) {
          if (frames >= segment.address() && frames - segment.address() < segment.bytes()) {
            addTable(SpanKind.FRAMES, frames, segment.bytes() - (frames - segment.address()));
          }
        }
      }
    }
    for (Segment segment : segments) {
      if (!segment.isCode()) {
        addTable(SpanKind.POINTERS, segment.address(), segment.bytes());
      }
    }
  }

  /** Of {@code .gnu.hash}: behind its header and its filter of eight bytes each. */
  private void addHashBuckets(@Nullable Long address) {
    long at = address == null ? -1 : file.position(address);
    if (at >= 0 && isInSegment(at, HASH_HEADER_BYTES)) {
      long filter = Integer.toUnsignedLong(word(at + 8)) * Long.BYTES;
      long buckets = Integer.toUnsignedLong(word(at)) * Integer.BYTES;
      if (buckets > 0 && isInSegment(at, HASH_HEADER_BYTES + filter + buckets)) {
        file.add(new Span(SpanKind.SYMBOL_NUMBERS, at + HASH_HEADER_BYTES + filter, buckets));
      }
    }
  }

  private void addTable(SpanKind kind, @Nullable Long address, @Nullable Long bytes) {
    if (address == null || bytes == null || bytes <= 0) {
      return;
    }
    long from = file.position(address);
    if (from >= 0 && isInSegment(from, bytes)) {
      file.add(new Span(kind, from, bytes));
    }
  }

  /** Code as the section headers tell; none if there are none, or others' bytes in their place. */
  private List<Span> codeOfSections() {
    List<Span> code = new ArrayList<>();
    long table = image.word(start + 40);
    int count = half(start + 60);
    if (half(start + 58) != SECTION_HEADER_BYTES
        || count == 0
        || count > SECTIONS_MAX
        || !isWithin(table, (long) count * SECTION_HEADER_BYTES)) {
      return code;
    }
    for (int i = 0; i < SECTION_HEADER_BYTES; i += Long.BYTES) {
      if (image.word(start + table + i) != 0) {
        return code;
      }
    }
    for (int i = 1; i < count; i++) {
      long at = start + table + (long) i * SECTION_HEADER_BYTES;
      long offset = image.word(at + 24);
      long bytes = image.word(at + 32);
      if (word(at + 4) == SHT_PROGBITS && (image.word(at + 8) & SHF_EXECINSTR) != 0 && bytes > 0) {
        long position = file.position(image.word(at + 16));
        if (position != start + offset || !isInSegment(position, bytes)) {
          return new ArrayList<>();
        }
        code.add(new Span(SpanKind.CODE, position, bytes));
      }
    }
    return code;
  }

  /** Code between what runs first and what runs last, or all of a segment with code. */
  private List<Span> codeOfSegments() {
    List<Span> code = new ArrayList<>();
    Long first = dynamic.get(DT_INIT);
    Long last = dynamic.get(DT_FINI);
    if (first != null && last != null && last > first) {
      long from = file.position(first);
      long bytes = last + FINI_BYTES - first;
      if (from >= 0 && isInSegment(from, bytes)) {
        code.add(new Span(SpanKind.CODE, from, bytes));
        return code;
      }
    }
    for (Segment segment : segments) {
      if (segment.isCode()) {
        code.add(new Span(SpanKind.CODE, segment.start(), segment.bytes()));
      }
    }
    return code;
  }

  /** Adds code; what is near to each other in a segment is one span. */
  private void addCode(List<Span> code) {
    code.sort(Comparator.comparingLong(Span::start));
    for (int i = 0; i < code.size(); ) {
      long from = code.get(i).start();
      long end = from;
      while (i < code.size()
          && code.get(i).start() - end <= APART_BYTES
          && isInSegment(from, code.get(i).start() - from + code.get(i).bytes())) {
        end = Math.max(end, code.get(i).start() + code.get(i).bytes());
        i++;
      }
      file.add(new Span(SpanKind.CODE, from, end - from));
    }
  }

  private boolean isInSegment(long from, long bytes) {
    return segments.stream()
        .anyMatch(s -> from >= s.start() && bytes >= 0 && bytes <= s.bytes() - (from - s.start()));
  }

  private boolean isWithin(long offset, long bytes) {
    long left = image.bytes() - start;
    return offset >= 0 && bytes >= 0 && offset <= left && bytes <= left - offset;
  }

  private int half(long at) {
    return (image.at(at) & 0xff) | (image.at(at + 1) & 0xff) << 8;
  }

  private int word(long at) {
    return half(at) | half(at + 2) << 16;
  }
}
