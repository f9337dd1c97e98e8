package dev.suture.protocol;

/** The three things a device can run. */
public enum Slot {
  BASE("base"),
  A("a"),
  B("b");

  private final String word;

  Slot(String word) {
    this.word = word;
  }

  /** The word on disk, on the kernel command line and on the wire. */
  public String word() {
    return word;
  }

  /**
   * The slot with this word.
   *
   * @throws IllegalArgumentException if it is none of base, a, b
   */
  public static Slot ofWord(String word) {
    for (Slot slot : values()) {
      if (slot.word.equals(word)) {
        return slot;
      }
    }
    throw new IllegalArgumentException("slot: expected base, a or b, got \"" + word + "\"");
  }
}
