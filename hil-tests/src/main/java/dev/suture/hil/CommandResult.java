package dev.suture.hil;

/**
 * What a command left behind.
 *
 * @param command as it was given
 * @param exitCode its exit code
 * @param output standard output and error, mixed as they came, lines ended by {@code \n}
 */
public record CommandResult(String command, int exitCode, String output) {
  /** The output without blanks at its ends. */
  public String text() {
    return output.strip();
  }

  /**
   * This result, if the command succeeded.
   *
   * @throws HarnessException with command, exit code and output otherwise
   */
  public CommandResult orThrow() {
    if (exitCode != 0) {
      throw new HarnessException(
          command + ": expected exit code 0, got " + exitCode + "\n" + output.stripTrailing());
    }
    return this;
  }
}
