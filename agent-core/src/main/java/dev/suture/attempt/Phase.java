package dev.suture.attempt;

/** How far an attempt is. Numbers are on disk and never change their meaning. */
public enum Phase {
  NOTICED(1, false),
  VERIFIED(2, false),
  FETCHED(3, false),
  WRITING(4, false),
  STAGED(5, false),
  ARMING(6, false),
  ARMED(7, false),
  ACTIVE(8, true),
  REVERTED(9, true),
  REJECTED(10, true),
  ABANDONED(11, true),
  REMOVED(12, true);

  private final int number;
  private final boolean terminal;

  Phase(int number, boolean terminal) {
    this.number = number;
    this.terminal = terminal;
  }

  /** The number on disk. */
  public int number() {
    return number;
  }

  /** Whether nothing but the report is left to do. */
  public boolean isTerminal() {
    return terminal;
  }

  /**
   * The phase with this number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Phase ofNumber(int number) {
    for (Phase phase : values()) {
      if (phase.number == number) {
        return phase;
      }
    }
    throw new IllegalArgumentException("phase: expected a known number, got " + number);
  }
}
