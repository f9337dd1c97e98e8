package dev.suture.delta;

import java.util.Arrays;

/**
 * Follows which registers hold the page of an address, instruction by instruction: an ADRP, and the
 * instructions behind it that complete its address. Jumps are not followed.
 */
final class PageRegisters {
  /** An ADRP further back than this many instructions is forgotten. */
  static final int REACH = 48;

  private static final long NONE = -1;

  /** BL and BLR leave these as they are: from x19 on, and the stack pointer. */
  private static final int FIRST_KEPT = 19;

  private static final int LINK = 30;

  private final long[] pages = new long[Arm64.REGISTERS];
  private final long[] madeAt = new long[Arm64.REGISTERS];

  PageRegisters() {
    forget();
  }

  void forget() {
    Arrays.fill(pages, NONE);
  }

  /**
   * The full address that an instruction completes; -1 if it completes none.
   *
   * @param kind {@link Arm64#ADD_LOW} or {@link Arm64#LOAD_LOW}
   * @param at the instruction's number
   */
  long completed(int kind, int word, long at) {
    int from = Arm64.from(word);
    long page = pages[from];
    return page == NONE || at - madeAt[from] > REACH ? -1 : page + Arm64.low(kind, word);
  }

  /** Which instruction made the page that {@code word} completes. */
  long madeAt(int word) {
    return madeAt[Arm64.from(word)];
  }

  /** Goes on behind an instruction. */
  void follow(int kind, int word, long page, long at) {
    if (kind == Arm64.ADRP) {
      int register = Arm64.low5(word);
      pages[register] = page;
      madeAt[register] = at;
      return;
    }
    if ((word & 0xfc000000) == 0x94000000 || (word & 0xfffffc1f) == 0xd63f0000) {
      Arrays.fill(pages, 0, FIRST_KEPT, NONE);
      pages[LINK] = NONE;
      return;
    }
    if (writesLow5(word)) {
      pages[Arm64.low5(word)] = NONE;
    }
  }

  /** Whether the register in the low five bits is surely overwritten. */
  private static boolean writesLow5(int word) {
    int group = (word >>> 25) & 15;
    // Data processing with an immediate (100x) or registers (x101).
    if ((group & 0b1110) == 0b1000 || (group & 0b0111) == 0b0101) {
      return true;
    }
    // Loads of a general register with an unsigned offset.
    return (word & 0x3f000000) == 0x39000000 && (word & 0x00c00000) != 0;
  }
}
