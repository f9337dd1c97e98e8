package dev.suture.health;

import dev.suture.protocol.PrintableText;

/**
 * What came of one check of the device's own.
 *
 * @param name where it is found, as {@code required.d/10-modem}
 * @param isRequired whether a patch is left because of it; else it is reported alone
 * @param kind what came of it
 * @param said how it ended, and the last line that it printed
 */
public record CheckResult(String name, boolean isRequired, Kind kind, String said) {
  private static final int NAME_CHARS_MAX = 80;
  private static final int SAID_CHARS_MAX = 200;

  /**
   * What a check prints goes to the log and the status: control characters become question marks,
   * and long lines are cut off.
   */
  public CheckResult {
    name = PrintableText.of(name, NAME_CHARS_MAX);
    said = PrintableText.of(said, SAID_CHARS_MAX);
  }

  /** What came of a check. */
  public enum Kind {
    /** It is as it should be. */
    PASSED,
    /** It asks for time. */
    NOT_YET,
    /** It is not as it should be, or could not be run. */
    FAILED
  }

  /** What came of it, and what it said, for people. */
  public String message() {
    return switch (kind) {
          case PASSED -> "passed: ";
          case NOT_YET -> "is not ready: ";
          case FAILED -> "failed: ";
        }
        + said;
  }

  @Override
  public String toString() {
    return "check " + name + " " + message();
  }
}
