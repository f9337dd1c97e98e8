package dev.suture.arm64.control;

/** How a command ended; the number is the exit code of {@code suture}. Fixed for ever. */
public enum ControlExit {
  /** It was done, or begun where it takes longer. */
  DONE(0),
  /** The command line, or the request, is not one that there is. */
  USAGE(2),
  /** The agent did not answer. */
  UNREACHABLE(3),
  /** The agent will not do it; the text says why, with the failure's code. */
  REFUSED(4),
  /** The agent tried and failed. */
  FAILED(5);

  private final int number;

  ControlExit(int number) {
    this.number = number;
  }

  /** The exit code. */
  public int number() {
    return number;
  }

  static ControlExit ofNumber(int number) {
    for (ControlExit exit : values()) {
      if (exit.number == number) {
        return exit;
      }
    }
    throw new IllegalArgumentException("exit: expected 0, 2, 3, 4 or 5, got " + number);
  }
}
