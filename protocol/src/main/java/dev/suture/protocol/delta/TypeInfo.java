package dev.suture.protocol.delta;

/**
 * The layout of a kernel's descriptions of its types (BTF): what each word of one is. Linux, "BPF
 * Type Format", section 2.
 */
public final class TypeInfo {
  /** Words that every description begins with: name, kind and count, size or number. */
  public static final int HEADER_WORDS = 3;

  private static final int INT = 1;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int FUNCTION_PROTOTYPE = 13;
  private static final int VARIABLE = 14;
  private static final int SECTION = 15;
  private static final int TAG = 17;
  private static final int ENUM_64 = 19;

  /** Kinds whose third word is the number of a type: pointers, names for types, functions … */
  private static final int WITH_NUMBER =
      1 << 2 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17
          | 1 << 18;

  private TypeInfo() {}

  /** What a word is. */
  public enum Word {
    /** Where a name begins among the names. */
    NAME,
    /** The number of a type, counted from 1; 0 for void. */
    NUMBER,
    /** Anything else. */
    OTHER
  }

  /** How many words a description has: 3 to 196,608: what is no kind has the least. */
  public static int words(int info) {
    int count = info & 0xffff;
    return HEADER_WORDS
        + switch (kind(info)) {
          case INT, VARIABLE, TAG -> 1;
          case ARRAY -> 3;
          case STRUCT, UNION, SECTION, ENUM_64 -> 3 * count;
          case ENUM, FUNCTION_PROTOTYPE -> 2 * count;
          default -> 0;
        };
  }

  /**
   * What a word of a description is.
   *
   * @param info the description's second word
   * @param word 0 to {@link #words} - 1
   */
  public static Word word(int info, int word) {
    int kind = kind(info);
    if (word < HEADER_WORDS) {
      boolean isNumber = word == 2 && (WITH_NUMBER >>> kind & 1) != 0;
      return word == 0 ? Word.NAME : isNumber ? Word.NUMBER : Word.OTHER;
    }
    int field = word - HEADER_WORDS;
    return switch (kind) {
      case ARRAY -> field < 2 ? Word.NUMBER : Word.OTHER;
      case STRUCT, UNION -> field % 3 == 0 ? Word.NAME : field % 3 == 1 ? Word.NUMBER : Word.OTHER;
      case FUNCTION_PROTOTYPE -> field % 2 == 0 ? Word.NAME : Word.NUMBER;
      case ENUM -> field % 2 == 0 ? Word.NAME : Word.OTHER;
      case ENUM_64 -> field % 3 == 0 ? Word.NAME : Word.OTHER;
      case SECTION -> field % 3 == 0 ? Word.NUMBER : Word.OTHER;
      default -> Word.OTHER;
    };
  }

  private static int kind(int info) {
    return info >>> 24 & 31;
  }
}
