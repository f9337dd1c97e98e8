package dev.suture.delta;

/**
 * Instructions of A64 that have an address in them, and where in them it is. Encodings: Arm
 * Architecture Reference Manual for A-profile (DDI 0487), section C4.1.
 */
public final class Arm64 {
  /** Length of an instruction. */
  public static final int BYTES = 4;

  static final int REGISTERS = 32;

  static final int PAGE_BYTES = 4096;

  /** No address in it. */
  static final int NONE = 0;

  /** B, BL: 26 bits of words. */
  public static final int BRANCH = 1;

  /** B.cond, CBZ, CBNZ, and loads from a literal: 19 bits of words. */
  static final int NEAR = 2;

  /** TBZ, TBNZ: 14 bits of words. */
  static final int NEAREST = 3;

  /** ADR: 21 bits of bytes. */
  static final int ADR = 4;

  /** ADRP: 21 bits of pages. */
  public static final int ADRP = 5;

  /** ADD with the low twelve bits of an address. */
  static final int ADD_LOW = 6;

  /** A load or store with the low twelve bits of an address, in units of its size. */
  static final int LOAD_LOW = 7;

  /** The bits of a form that are the kind. */
  static final int KIND = 7;

  /** Where in a form the two bits are that tell of offsets. */
  static final int OFFSETS_AT = 3;

  /** In a form: has an offset of twelve bits from bit 10 on, if it has no address. */
  static final int TWELVE_BITS = 8;

  /** In a form: a pair, with an offset of seven bits from bit 15 on. */
  static final int SEVEN_BITS = 16;

  /** In a form: the register in the low five bits is surely overwritten. */
  static final int WRITES_LOW5 = 32;

  static final int WRITES_LOW5_AT = 5;

  /** In a form: may be one of which {@link #isCall} is true; of all others it is not. */
  static final int MAY_CALL = 64;

  /** Forms by all that they depend on: bits 31 to 22, and bit 4. */
  private static final byte[] FORMS = forms();

  private Arm64() {}

  /**
   * Which kind of address an instruction has: what could be {@link #ADD_LOW} or {@link #LOAD_LOW}
   * is one only if its register was made by ADRP.
   */
  public static int kind(int word) {
    return form(word) & KIND;
  }

  /** Everything about an instruction that matters: its {@link #kind}, and the bits above. */
  static int form(int word) {
    return FORMS[(word >>> 21 & 0x7fe) | (word >>> 4 & 1)];
  }

  private static byte[] forms() {
    byte[] forms = new byte[1 << 11];
    for (int i = 0; i < forms.length; i++) {
      forms[i] = (byte) formOf(i >>> 1 << 22 | (i & 1) << 4);
    }
    return forms;
  }

  private static int formOf(int word) {
    int form = kindOf(word);
    boolean isLoadOrStore = (word & 0x3b000000) == 0x39000000;
    if (isLoadOrStore || isAddOrSubtract(word)) {
      form |= TWELVE_BITS;
    } else if ((word & 0x3a000000) == 0x28000000) {
      form |= SEVEN_BITS;
    }
    if (writesLow5(word)) {
      form |= WRITES_LOW5;
    }
    boolean isLikeBlr = (word & 0xffc00010) == 0xd6000000;
    return isLikeBlr || isBl(word) ? form | MAY_CALL : form;
  }

  private static int kindOf(int word) {
    if ((word & 0x7c000000) == 0x14000000) {
      return BRANCH;
    }
    if ((word & 0x1f000000) == 0x10000000) {
      return word < 0 ? ADRP : ADR;
    }
    if ((word & 0xff000010) == 0x54000000
        || (word & 0x7e000000) == 0x34000000
        || (word & 0x3b000000) == 0x18000000) {
      return NEAR;
    }
    if ((word & 0x7e000000) == 0x36000000) {
      return NEAREST;
    }
    if ((word & 0xffc00000) == 0x91000000) {
      return ADD_LOW;
    }
    return (word & 0x3b000000) == 0x39000000 ? LOAD_LOW : NONE;
  }

  private static boolean writesLow5(int word) {
    int group = (word >>> 25) & 15;
    // Data processing with an immediate (100x) or registers (x101).
    if ((group & 0b1110) == 0b1000 || (group & 0b0111) == 0b0101) {
      return true;
    }
    // Loads of a general register with an unsigned offset.
    return (word & 0x3f000000) == 0x39000000 && (word & 0x00c00000) != 0;
  }

  /** BL and BLR, which end what the registers of a caller hold. */
  static boolean isCall(int word) {
    return isBl(word) || (word & 0xfffffc1f) == 0xd63f0000;
  }

  private static boolean isBl(int word) {
    return (word & 0xfc000000) == 0x94000000;
  }

  /** ADD, ADDS, SUB and SUBS of a register and twelve bits that are not shifted. */
  static boolean isAddOrSubtract(int word) {
    return (word & 0x1fc00000) == 0x11000000;
  }

  /** The target of an instruction at an address, if its kind is one with the whole distance. */
  public static long target(int kind, int word, long address) {
    return switch (kind) {
      case BRANCH -> address + ((long) (word << 6) >> 4);
      case NEAR -> address + ((word << 8 >> 13) * 4L);
      case NEAREST -> address + ((word << 13 >> 18) * 4L);
      case ADR -> address + distance21(word);
      case ADRP -> (address & -PAGE_BYTES) + distance21(word) * PAGE_BYTES;
      default -> throw new IllegalArgumentException("kind: " + kind);
    };
  }

  /** The low bits of an address in {@link #ADD_LOW} or {@link #LOAD_LOW}. */
  static long low(int kind, int word) {
    int field = (word >>> 10) & 0xfff;
    return kind == ADD_LOW ? field : (long) field << size(word);
  }

  /** The instruction with another target. */
  public static int with(int kind, int word, long target, long address) {
    long distance = target - address;
    return switch (kind) {
      case BRANCH -> (word & 0xfc000000) | ((int) (distance >> 2) & 0x3ffffff);
      case NEAR -> (word & 0xff00001f) | ((int) (distance >> 2) & 0x7ffff) << 5;
      case NEAREST -> (word & 0xfff8001f) | ((int) (distance >> 2) & 0x3fff) << 5;
      case ADR -> with21(word, distance);
      case ADRP -> with21(word, ((target & -PAGE_BYTES) - (address & -PAGE_BYTES)) / PAGE_BYTES);
      case ADD_LOW -> (word & 0xffc003ff) | (int) (target & 0xfff) << 10;
      case LOAD_LOW -> (word & 0xffc003ff) | (int) ((target & 0xfff) >> size(word)) << 10;
      default -> throw new IllegalArgumentException("kind: " + kind);
    };
  }

  /** The register that an instruction's low five bits name. */
  static int low5(int word) {
    return word & 31;
  }

  /** The register that an address is taken from. */
  static int from(int word) {
    return (word >>> 5) & 31;
  }

  private static long distance21(int word) {
    return (long) (word << 8 >> 13) * 4 + ((word >>> 29) & 3);
  }

  private static int with21(int word, long distance) {
    int bits = (int) distance & 0x1fffff;
    return (word & 0x9f00001f) | (bits >>> 2) << 5 | (bits & 3) << 29;
  }

  /** Two to the power of this is the size of what is loaded or stored. */
  static int size(int word) {
    int size = word >>> 30;
    return size == 0 && (word & 0x04800000) == 0x04800000 ? 4 : size;
  }
}
