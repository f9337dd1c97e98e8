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

  /** By the two bits of a form. */
  private static final int[] MASKS = {0, TWELVE_BITS, SEVEN_BITS, 0};

  private static final int STACK_POINTER = 31;
  private static final int RET = 0xd65f03c0;

  /** Each a key in the high half, and in the low half the bits in the offset's place. */
  private final long[] entries = new long[ENTRIES];

  /** In which function an entry from the stack pointer was made. */
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
    int at = place(key);
    boolean isOnStack = isOnStack(word, mask);
    long entry = entries[at];
    if ((int) (entry >>> Integer.SIZE) == key && (!isOnStack || functions[at] == function)) {
      return word & ~mask | (int) entry;
    }
    return isOnStack && stackShift != 0 ? asTheLastOne(word) : word;
  }

  /**
   * Predicts an instruction that has an offset and is surely right, and learns that it was.
   *
   * @param form {@link Arm64#form}
   */
  int predictRight(int form, int word) {
    int mask = MASKS[form >>> Arm64.OFFSETS_AT & 3];
    int key = key(word, mask);
    long entry = entries[place(key)];
    if ((int) (entry >>> Integer.SIZE) == key && !isOnStack(word, mask)) {
      return word & ~mask | (int) entry;
    }
    int image = predict(word);
    learn(word, image);
    return image;
  }

  private int asTheLastOne(int word) {
    int scale = scale(word);
    if (stackShift % scale != 0) {
      return word;
    }
    int moved = ((word & TWELVE_BITS) >>> TWELVE_BITS_AT) + stackShift / scale;
    return moved < 0 || moved > TWELVE_BITS >>> TWELVE_BITS_AT
        ? word
        : word & ~TWELVE_BITS | moved << TWELVE_BITS_AT;
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
      int at = place(key);
      entries[at] = (long) key << Integer.SIZE | image & mask;
      if (isOnStack(word, mask)) {
        functions[at] = function;
        int moved = ((image & mask) >>> TWELVE_BITS_AT) - ((word & mask) >>> TWELVE_BITS_AT);
        stackShift = moved * scale(word);
      }
    }
    goOnBehind(image);
  }

  /** Sees an instruction of the image that is in the place of one without an offset. */
  void goOnBehind(int image) {
    if (image == RET) {
      function++;
      stackShift = 0;
    }
  }

  /** Where the offset is; 0 for an instruction without one. */
  private static int mask(int word) {
    return MASKS[Arm64.form(word) >>> Arm64.OFFSETS_AT & 3];
  }

  /** What stands for a form and an offset: never 0. */
  private static int key(int word, int mask) {
    return word & (FORM | mask) | (isFromStack(word) ? 3 : 1);
  }

  private static int place(int key) {
    return (key * MIX) >>> (Integer.SIZE - ENTRIES_LOG);
  }

  private static boolean isOnStack(int word, int mask) {
    return mask == TWELVE_BITS && isFromStack(word);
  }

  private static boolean isFromStack(int word) {
    return Arm64.from(word) == STACK_POINTER;
  }

  /** How many bytes an offset of one is, where it has twelve bits. */
  private static int scale(int word) {
    return Arm64.isAddOrSubtract(word) ? 1 : 1 << Arm64.size(word);
  }
}
