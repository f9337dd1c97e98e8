package dev.suture.publisher.delta.account;

import dev.suture.protocol.delta.SpanKind;
import java.util.Locale;

/** What bytes of a delta are spent on. */
public enum ByteKind {
  /** The header, and the tables in front of streams. */
  FORMAT("header and tables"),
  /** Which deflate streams are opened. */
  OPENED("deflate streams that are opened"),
  /** Which range of the image is taken from which of the base. */
  COPIES("where copies come from"),
  /** Segments and spans: where in the base there are addresses. */
  ADDRESSES("segments and spans"),
  /** Surprises in instructions. */
  CODE("surprises in code"),
  /** Surprises in tables of relocations. */
  RELOCATIONS("surprises in relocations"),
  /** Surprises in addresses, and in data among them. */
  POINTERS("surprises in pointers"),
  /** Surprises in the search table of frame descriptions. */
  FRAME_TABLE("surprises in the frame table"),
  /** Surprises in frame descriptions. */
  FRAMES("surprises in frames"),
  /** Surprises in dynamic symbols. */
  SYMBOLS("surprises in symbols"),
  /** Surprises in numbers of dynamic symbols. */
  SYMBOL_NUMBERS("surprises in symbols' numbers"),
  /** Surprises in a kernel's tables of distances, places and types. */
  KERNEL_TABLES("surprises in a kernel's tables"),
  /** Surprises in copied bytes that no span says anything about. */
  DATA("surprises in plain data"),
  /** Bytes that are not copied. */
  NEW("new bytes");

  private final String title;

  ByteKind(String title) {
    this.title = title;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** For machines: {@code frame-table}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind of a surprise in a span. */
  static ByteKind of(SpanKind span) {
    return switch (span) {
      case CODE -> CODE;
      case RELOCATIONS, SECTION_RELOCATIONS -> RELOCATIONS;
      case POINTERS -> POINTERS;
      case FRAME_TABLE -> FRAME_TABLE;
      case FRAMES -> FRAMES;
      case SYMBOLS, SECTION_SYMBOLS -> SYMBOLS;
      case SYMBOL_NUMBERS -> SYMBOL_NUMBERS;
      case DISTANCES_3_OF_3, DISTANCES_2_OF_3, DISTANCES_3_OF_4, OFFSETS, TYPES -> KERNEL_TABLES;
    };
  }
}
