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

  private Arm64() {}

  /**
   * Which kind of address an instruction has: what could be {@link #ADD_LOW} or {@link #LOAD_LOW}
   * is one only if its register was made by ADRP.
   */
  public static int kind(int word) {
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
