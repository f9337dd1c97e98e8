package dev.suture.delta;

/**
 * Follows which registers hold the page of an address, instruction by instruction: an ADRP, and the
 * instructions behind it that complete its address. Jumps are not followed.
 */
final class PageRegisters {
  /** An ADRP further back than this many instructions is forgotten. */
  static final int REACH = 48;

  /** BL and BLR leave these as they are: x19 to x29, and the stack pointer. */
  private static final int KEPT = 0xbff80000;

  private final long[] pages = new long[Arm64.REGISTERS];
  private final long[] madeAt = new long[Arm64.REGISTERS];

  /** Which registers hold a page: a bit each. */
  private int held;

  void forget() {
    held = 0;
  }

  /** Whether a register may hold a page: nearly always none does. */
  boolean mayHold(int register) {
    return (held >>> register & 1) != 0;
  }

  /**
   * The full address that an instruction completes; -1 if it completes none.
   *
   * @param kind {@link Arm64#ADD_LOW} or {@link Arm64#LOAD_LOW}
   * @param at the instruction's number
   */
  long completed(int kind, int word, long at) {
    int from = Arm64.from(word);
    return mayHold(from) && at - madeAt[from] <= REACH ? pages[from] + Arm64.low(kind, word) : -1;
  }

  /** Which instruction made the page that {@code word} completes. */
  long madeAt(int word) {
    return madeAt[Arm64.from(word)];
  }

  /** Goes on behind an ADRP. */
  void hold(int word, long page, long at) {
    int register = Arm64.low5(word);
    held |= 1 << register;
    pages[register] = page;
    madeAt[register] = at;
  }

  /**
   * Goes on behind another instruction.
   *
   * @param form {@link Arm64#form}
   */
  void follow(int form, int word) {
    // Without a jump: which instruction is one of these, no processor can guess.
    held &= ~((form >>> Arm64.WRITES_LOW5_AT & 1) << Arm64.low5(word));
    if ((form & Arm64.MAY_CALL) != 0 && Arm64.isCall(word)) {
      held &= KEPT;
    }
  }
}
