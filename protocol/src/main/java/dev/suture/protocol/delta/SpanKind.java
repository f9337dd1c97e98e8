package dev.suture.protocol.delta;

import java.util.Optional;

/** What a range of the base holds, so that its addresses can be predicted. Numbers are in files. */
public enum SpanKind {
  /** Instructions of A64, four bytes each. */
  CODE(1),
  /** Relocations with addends (Elf64_Rela), 24 bytes each. */
  RELOCATIONS(2),
  /** Addresses, eight bytes each. */
  POINTERS(3),
  /** The search table of {@code .eh_frame_hdr}: pairs of four-byte distances from its segment. */
  FRAME_TABLE(4),
  /** Frame descriptions ({@code .eh_frame}). */
  FRAMES(5),
  /** Dynamic symbols (Elf64_Sym), 24 bytes each. */
  SYMBOLS(6),
  /** Numbers of dynamic symbols, four bytes each: the buckets of {@code .gnu.hash}. */
  SYMBOL_NUMBERS(7),
  /** Relocations of a file that is not linked yet, 24 bytes each: places are within sections. */
  SECTION_RELOCATIONS(8),
  /** Symbols of a file that is not linked yet, 24 bytes each: values are within sections. */
  SECTION_SYMBOLS(9),
  /** Entries of three words, each the distance from itself to an address. */
  DISTANCES_3_OF_3(10),
  /** Entries of three words: two such distances, and a word that is none. */
  DISTANCES_2_OF_3(11),
  /** Entries of four words: three such distances, and a word that is none. */
  DISTANCES_3_OF_4(12),
  /** Addresses, counted from the first one of the segment that they are in, four bytes each. */
  OFFSETS(13),
  /** A kernel's descriptions of its types (BTF), see {@link TypeInfo}; behind them their names. */
  TYPES(14);

  private final int number;

  SpanKind(int number) {
    this.number = number;
  }

  /** The number in files; fixed for ever. */
  public int number() {
    return number;
  }

  /** The kind of a number in a file, if there is one. */
  public static Optional<SpanKind> of(long number) {
    for (SpanKind kind : values()) {
      if (kind.number == number) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
