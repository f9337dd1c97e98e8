package dev.suture.delta;

import dev.suture.protocol.delta.SpanKind;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RejectedException;
import java.util.Arrays;

/**
 * Predicts tables with addresses in them. Layouts: System V ABI, "ELF-64 Object File Format". What
 * is in a kernel only: {@link KernelTables}, {@link TypeTables}.
 *
 * <p>Memory: eight bytes a segment, and what {@link LearnedShifts}, {@link AddressFields}, {@link
 * FramePredictor} and {@link TypeTables} state.
 */
final class DataPredictor {
  private static final int ENTRY_BYTES = 24;
  private static final int TYPE_AT = 8;
  private static final int SYMBOL_AT = 12;
  private static final int ADDEND_AT = 16;
  private static final int R_AARCH64_RELATIVE = 1027;
  private static final int VALUE_AT = 8;
  private static final int SECTION_AT = 6;
  private static final int TABLE_HEADER_BYTES = 12;

  private final Segments segments;
  private final MovedAddresses addresses;

  /** For each file's first segment, the address of the file's symbols in the base; -1 for none. */
  private final long[] symbols;

  private final AddressFields fields;
  private final FramePredictor frames;
  private final LearnedShifts shifts = new LearnedShifts();
  private final KernelTables kernel;
  private final TypeTables types;

  /** Where in the base the last relocation was, its place there, and its place in the image. */
  private long relocation = -1;

  private long relocationPlace;
  private long movedRelocationPlace;

  DataPredictor(BaseReader base, Segments segments, Spans spans, MovedAddresses addresses) {
    this.segments = segments;
    this.addresses = addresses;
    fields = new AddressFields(addresses);
    frames = new FramePredictor(base, segments, addresses, fields);
    kernel = new KernelTables(segments, addresses);
    types = new TypeTables(base, segments, addresses);
    symbols = new long[segments.count()];
    Arrays.fill(symbols, -1);
    for (int i = 0; i < spans.count(); i++) {
      if (spans.kind(i) == SpanKind.SYMBOLS || spans.kind(i) == SpanKind.SECTION_SYMBOLS) {
        int segment = segments.ofBase(spans.start(i));
        int file = segments.file(segment);
        if (symbols[file] < 0) {
          symbols[file] = segments.baseAddress(segment, spans.start(i));
        }
      }
    }
  }

  /**
   * Predicts a piece of a table and has it corrected.
   *
   * @param piece has the bytes of the base, and gets those of the image
   */
  void predict(SpanKind kind, Piece piece, Corrector corrector)
      throws RejectedException, DeviceException {
    switch (kind) {
      case RELOCATIONS -> {
        relocations(piece, corrector);
        return;
      }
      case POINTERS -> pointers(piece);
      case FRAME_TABLE -> frameTable(piece);
      case FRAMES -> frames.predict(piece);
      case SYMBOLS -> symbols(piece);
      case SYMBOL_NUMBERS -> symbolNumbers(piece);
      case SECTION_RELOCATIONS -> {
        sectionRelocations(piece, corrector);
        return;
      }
      case SECTION_SYMBOLS -> {
        sectionSymbols(piece, corrector);
        return;
      }
      case DISTANCES_3_OF_3, DISTANCES_2_OF_3, DISTANCES_3_OF_4 -> kernel.distances(kind, piece);
      case OFFSETS -> kernel.offsets(piece);
      case TYPES -> {
        types.predict(piece, corrector);
        return;
      }
      case CODE -> throw new IllegalArgumentException("code is no table");
    }
    piece.correct(corrector, 0, piece.length());
  }

  /** Entry by entry: one tells where the next one's place is. */
  private void relocations(Piece piece, Corrector corrector)
      throws RejectedException, DeviceException {
    int corrected = 0;
    touchRelocations(piece);
    for (int at = first(piece); at < piece.length(); at += ENTRY_BYTES) {
      if (!piece.has(at, ENTRY_BYTES)) {
        continue;
      }
      long place = piece.get(at, 8);
      long type = piece.get(at + TYPE_AT, 4);
      long addend = piece.get(at + ADDEND_AT, 8);
      boolean isRelative = type == R_AARCH64_RELATIVE;
      boolean isNext = relocation == piece.from() + at - ENTRY_BYTES;
      if (isNext && (!isRelative || WideAddress.isOfKernel(place))) {
        piece.put(at, 8, movedRelocationPlace + place - relocationPlace);
      } else {
        wide(piece, at, moved(piece, place));
      }
      if (isRelative) {
        wide(piece, at + ADDEND_AT, moved(piece, addend));
      } else {
        symbolNumber(piece, at + SYMBOL_AT);
      }
      piece.correct(corrector, corrected, at + ENTRY_BYTES);
      corrected = at + ENTRY_BYTES;
      relocation = piece.from() + at;
      relocationPlace = place;
      movedRelocationPlace = piece.get(at, 8);
      if (piece.get(at + TYPE_AT, 4) == type) {
        int segment = piece.segment();
        if (isRelative) {
          addresses.learn(
              addresses.key(segment, addend), WideAddress.low(piece.get(at + ADDEND_AT, 8)));
        } else {
          addresses.learn(addresses.key(segment, place), movedRelocationPlace);
        }
      }
    }
    piece.correct(corrector, corrected, piece.length());
  }

  private void touchRelocations(Piece piece) {
    int read = 0;
    for (int at = first(piece); at < piece.length(); at += ENTRY_BYTES) {
      if (piece.has(at, ENTRY_BYTES)) {
        read ^= addresses.touch(addresses.key(piece.segment(), piece.get(at, 8)));
        read ^= addresses.touch(addresses.key(piece.segment(), piece.get(at + ADDEND_AT, 8)));
      }
    }
    addresses.touched(read);
  }

  /** Places count up within a section, addends are counted from their symbol. */
  private void sectionRelocations(Piece piece, Corrector corrector)
      throws RejectedException, DeviceException {
    int file = segments.file(piece.segment());
    int corrected = 0;
    for (int at = first(piece); at < piece.length(); at += ENTRY_BYTES) {
      if (!piece.has(at, ENTRY_BYTES)) {
        continue;
      }
      long place = piece.get(at, 8);
      long symbol = piece.get(at + SYMBOL_AT, 4);
      long addend = piece.get(at + ADDEND_AT, 8);
      long ofSymbol = ofFile(file, symbol);
      int exactly = (int) (ofSymbol * 31 + addend) | 1;
      if (relocation >= piece.spanStart() && relocation < piece.from() + at) {
        piece.put(at, 8, place + movedRelocationPlace - relocationPlace);
      }
      symbolNumber(piece, at + SYMBOL_AT);
      long seen = addresses.learned(exactly);
      piece.put(at + ADDEND_AT, 8, seen >= 0 ? seen : addend + shifts.get(ofSymbol));
      piece.correct(corrector, corrected, at + ENTRY_BYTES);
      corrected = at + ENTRY_BYTES;
      relocation = piece.from() + at;
      relocationPlace = place;
      movedRelocationPlace = piece.get(at, 8);
      long moved = piece.get(at + ADDEND_AT, 8);
      shifts.put(ofSymbol, moved - addend);
      addresses.learn(exactly, moved);
    }
    piece.correct(corrector, corrected, piece.length());
  }

  /** Values are counted from the beginning of their section. */
  private void sectionSymbols(Piece piece, Corrector corrector)
      throws RejectedException, DeviceException {
    int segment = piece.segment();
    int file = segments.file(segment);
    long names = segments.baseAddress(segment, piece.spanEnd() - 1) + 1;
    long movedNames = addresses.copied(segment, names);
    int corrected = 0;
    for (int at = first(piece); at < piece.length(); at += ENTRY_BYTES) {
      if (!piece.has(at, ENTRY_BYTES)) {
        continue;
      }
      long name = piece.get(at, 4);
      long ofSection = ofFile(file, ~piece.get(at + SECTION_AT, 2));
      long value = piece.get(at + VALUE_AT, 8);
      if (name > 0) {
        narrow(piece, at, addresses.copied(segment, names + name), movedNames);
      }
      piece.put(at + VALUE_AT, 8, value + shifts.get(ofSection));
      piece.correct(corrector, corrected, at + ENTRY_BYTES);
      corrected = at + ENTRY_BYTES;
      shifts.put(ofSection, piece.get(at + VALUE_AT, 8) - value);
    }
    piece.correct(corrector, corrected, piece.length());
  }

  /** What stands for a beginning in a file: never 0. */
  private static long ofFile(int file, long beginning) {
    return (beginning << 15 | file) ^ Long.MIN_VALUE;
  }

  private void pointers(Piece piece) {
    long address = segments.baseAddress(piece.segment(), piece.from());
    for (int at = (int) (-address & 7); piece.has(at, 8); at += 8) {
      long wide = piece.get(at, 8);
      long target = WideAddress.low(wide);
      if (target > 0 && segments.basePosition(piece.segment(), target) >= 0) {
        if (WideAddress.isOfKernel(wide)) {
          wide(piece, at, addresses.moved(piece.segment(), target));
        } else {
          fields.add(piece, 8, at, target, 0);
        }
      }
    }
    fields.replace(piece, 8);
  }

  private void frameTable(Piece piece) {
    int segment = piece.segment();
    long table = segments.baseAddress(segment, piece.spanStart()) - TABLE_HEADER_BYTES;
    long moved = addresses.copied(segment, table);
    if (moved < 0) {
      return;
    }
    for (int at = (int) (-(piece.from() - piece.spanStart()) & 3); piece.has(at, 4); at += 4) {
      fields.add(piece, 4, at, table + (int) piece.get(at, 4), moved);
    }
    fields.replace(piece, 4);
  }

  private void symbols(Piece piece) {
    int segment = piece.segment();
    long names = segments.baseAddress(segment, piece.spanEnd() - 1) + 1;
    long movedNames = addresses.copied(segment, names);
    for (int at = first(piece); at < piece.length(); at += ENTRY_BYTES) {
      if (piece.has(at, 4) && movedNames >= 0) {
        long name = piece.get(at, 4);
        if (name > 0) {
          narrow(piece, at, addresses.copied(segment, names + name), movedNames);
        }
      }
      if (piece.has(at + VALUE_AT, 8)) {
        wide(piece, at + VALUE_AT, moved(piece, piece.get(at + VALUE_AT, 8)));
      }
    }
  }

  private void symbolNumbers(Piece piece) {
    for (int at = (int) (-(piece.from() - piece.spanStart()) & 3); piece.has(at, 4); at += 4) {
      symbolNumber(piece, at);
    }
  }

  /** Replaces the number of a symbol, which moves with the symbol. */
  private void symbolNumber(Piece piece, int at) {
    long number = piece.get(at, 4);
    long table = number == 0 ? -1 : symbols[segments.file(piece.segment())];
    if (table < 0) {
      return;
    }
    long movedTable = addresses.copied(piece.segment(), table);
    long moved = addresses.copied(piece.segment(), table + number * ENTRY_BYTES);
    if (movedTable >= 0 && moved >= movedTable) {
      piece.put(at, 4, (moved - movedTable) / ENTRY_BYTES);
    }
  }

  /** Where the first entry begins that is in the piece, or the one that reaches into it. */
  private static int first(Piece piece) {
    return -(int) ((piece.from() - piece.spanStart()) % ENTRY_BYTES);
  }

  private long moved(Piece piece, long wide) {
    long address = WideAddress.low(wide);
    return address <= 0 ? -1 : addresses.moved(piece.segment(), address);
  }

  /** Puts an address in place of the one that is there, if it is known. */
  private static void wide(Piece piece, int at, long address) {
    if (address >= 0) {
      piece.put(at, WideAddress.bytes(piece.get(at, 8)), address);
    }
  }

  /** Puts the distance of two addresses in four bytes, if they are known. */
  static void narrow(Piece piece, int at, long address, long origin) {
    if (address >= 0 && origin >= 0) {
      piece.put(at, 4, address - origin);
    }
  }
}
