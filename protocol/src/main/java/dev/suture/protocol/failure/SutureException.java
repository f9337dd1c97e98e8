package dev.suture.protocol.failure;

import org.jspecify.annotations.Nullable;

/**
 * A failure with a fixed code. The three subclasses say what the agent must do; the message says
 * what was attempted, what was expected, what came, and where.
 */
public abstract sealed class SutureException extends Exception
    permits RejectedException, RetryableException, DeviceException {
  /** Longest explanation; what is behind it is left out. */
  public static final int EXPLANATION_CHARS_MAX = 1_000;

  private static final long serialVersionUID = 1L;

  private final FailureCode code;
  private final String explanation;

  SutureException(FailureCode code, String explanation, @Nullable Throwable cause) {
    super(code + ": " + oneLine(explanation), cause);
    this.code = code;
    this.explanation = oneLine(explanation);
  }

  /**
   * Explanations quote what came, and go to logs line by line: what came must not be able to write
   * lines of its own there, or very long ones.
   */
  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    int end = Math.min(text.length(), EXPLANATION_CHARS_MAX);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      line.append(isPlain(c) ? c : '?');
    }
    return line.toString();
  }

  private static boolean isPlain(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /** Which failure this is. */
  public final FailureCode code() {
    return code;
  }

  /**
   * What was attempted, expected and got, and where; without the code. One line of at most {@link
   * #EXPLANATION_CHARS_MAX} characters; others than printable ones became question marks.
   */
  public final String explanation() {
    return explanation;
  }
}
