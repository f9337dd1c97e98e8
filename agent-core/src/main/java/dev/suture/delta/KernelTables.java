package dev.suture.delta;

import dev.suture.protocol.delta.SpanKind;

/**
 * Predicts tables that a kernel has and programs do not: of exceptions, alternatives, jump labels,
 * bugs and exported symbols, whose fields are distances from themselves, and the places of all
 * symbols.
 *
 * <p>Memory: none.
 */
final class KernelTables {
  private final Segments segments;
  private final MovedAddresses addresses;

  KernelTables(Segments segments, MovedAddresses addresses) {
    this.segments = segments;
    this.addresses = addresses;
  }

  /** Words that are distances from themselves, and one in each entry that may be none. */
  void distances(SpanKind kind, Piece piece) {
    int words = kind == SpanKind.DISTANCES_3_OF_4 ? 4 : 3;
    int distances = kind == SpanKind.DISTANCES_2_OF_3 ? 2 : 3;
    long address = segments.baseAddress(piece.segment(), piece.from());
    long word = (piece.from() - piece.spanStart() + 3) / Integer.BYTES;
    for (int at = firstWord(piece); piece.has(at, Integer.BYTES); at += Integer.BYTES, word++) {
      int distance = (int) piece.get(at, Integer.BYTES);
      if (word % words < distances && distance != 0) {
        long moved = addresses.moved(piece.segment(), address + at + distance);
        if (moved >= 0) {
          piece.put(at, Integer.BYTES, moved - piece.imageAddress() - at);
        }
      }
    }
  }

  /** Words that are counted from the first address of their segment. */
  void offsets(Piece piece) {
    int segment = piece.segment();
    long first = segments.baseAddress(segment, segments.baseStart(segment));
    for (int at = firstWord(piece); piece.has(at, Integer.BYTES); at += Integer.BYTES) {
      long moved = addresses.moved(segment, first + piece.get(at, Integer.BYTES));
      if (moved >= 0) {
        piece.put(at, Integer.BYTES, moved - segments.firstImageAddress(segment));
      }
    }
  }

  /** Where the first word begins that lies whole in the piece. */
  private static int firstWord(Piece piece) {
    return (int) (-(piece.from() - piece.spanStart()) & (Integer.BYTES - 1));
  }
}
