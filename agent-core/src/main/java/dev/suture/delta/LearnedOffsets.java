package dev.suture.delta;

/**
 * Predicts the offsets in loads, stores, additions and subtractions that have nothing to do with
 * where anything is: a structure got a member, a function another frame, and what lies behind is
 * further away. An offset becomes what it became last, in an instruction of the same form; from the
 * stack pointer, only in the same function, and otherwise it moves as the last one there did.
 *
 * <p>Memory: twelve bytes for each of {@link #ENTRIES}.
 */
final class LearnedOffsets {
  private static final int ENTRIES_LOG = 13;

  /** How many offsets are remembered: a later one replaces what was in its place. */
  static final int ENTRIES = 1 << ENTRIES_LOG;

  private static final int MIX = 0x9E3779B1;

  /** Class and size of an instruction; a load is like a store. */
  private static final int FORM = 0xff000000;

  private static final int TWELVE_BITS = 0x003ffc00;
  private static final int TWELVE_BITS_AT = 10;
  private static final int SEVEN_BITS = 0x003f8000;
  private static final int STACK_POINTER = 31;
  private static final int RET = 0xd65f03c0;

  private final int[] keys = new int[ENTRIES];
  private final int[] fields = new int[ENTRIES];
  private final int[] functions = new int[ENTRIES];

  /** The number of the present function: how many returns were before. */
  private int function;

  /** How far the last offset from the stack pointer moved in this function, in bytes. */
  private int stackShift;

  /** An instruction of the base as it may be in the image. */
  int predict(int word) {
    int mask = mask(word);
    if (mask == 0) {
      return word;
    }
    int key = key(word, mask);
    int at = (key * MIX) >>> (Integer.SIZE - ENTRIES_LOG);
    boolean isOnStack = mask == TWELVE_BITS && isFromStack(word);
    if (keys[at] == key && (!isOnStack || functions[at] == function)) {
      return word & ~mask | fields[at];
    }
    int scale = isOnStack ? scale(word) : 1;
    if (!isOnStack || stackShift % scale != 0) {
      return word;
    }
    int moved = ((word & mask) >>> TWELVE_BITS_AT) + stackShift / scale;
    return moved < 0 || moved > TWELVE_BITS >>> TWELVE_BITS_AT
        ? word
        : word & ~mask | moved << TWELVE_BITS_AT;
  }

  /**
   * Learns what an instruction of the base became.
   *
   * @param word of the base
   * @param image what is in its place in the image
   */
  void learn(int word, int image) {
    int mask = mask(word);
    if (mask != 0 && (word & FORM) == (image & FORM)) {
      int key = key(word, mask);
      int at = (key * MIX) >>> (Integer.SIZE - ENTRIES_LOG);
      keys[at] = key;
      fields[at] = image & mask;
      functions[at] = function;
      if (mask == TWELVE_BITS && isFromStack(word)) {
        int moved = ((image & mask) >>> TWELVE_BITS_AT) - ((word & mask) >>> TWELVE_BITS_AT);
        stackShift = moved * scale(word);
      }
    }
    if (image == RET) {
      function++;
      stackShift = 0;
    }
  }

  /** Where the offset is; 0 for an instruction without one. */
  private static int mask(int word) {
    boolean isLoadOrStore = (word & 0x3b000000) == 0x39000000;
    if (isLoadOrStore || isAddOrSubtract(word)) {
      return TWELVE_BITS;
    }
    boolean isPair = (word & 0x3a000000) == 0x28000000;
    return isPair ? SEVEN_BITS : 0;
  }

  /** What stands for a form and an offset: never 0. */
  private static int key(int word, int mask) {
    return word & (FORM | mask) | (isFromStack(word) ? 3 : 1);
  }

  private static boolean isFromStack(int word) {
    return Arm64.from(word) == STACK_POINTER;
  }

  /** How many bytes an offset of one is, where it has twelve bits. */
  private static int scale(int word) {
    return isAddOrSubtract(word) ? 1 : 1 << Arm64.size(word);
  }

  /** Of a register and twelve bits that are not shifted. */
  private static boolean isAddOrSubtract(int word) {
    return (word & 0x1fc00000) == 0x11000000;
  }
}
