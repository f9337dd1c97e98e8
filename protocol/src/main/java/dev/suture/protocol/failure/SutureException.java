package dev.suture.protocol.failure;

import org.jspecify.annotations.Nullable;

/**
 * A failure with a fixed code. The three subclasses say what the agent must do; the message says
 * what was attempted, what was expected, what came, and where.
 */
public abstract sealed class SutureException extends Exception
    permits RejectedException, RetryableException, DeviceException {
  private static final long serialVersionUID = 1L;

  private final FailureCode code;
  private final String explanation;

  SutureException(FailureCode code, String explanation, @Nullable Throwable cause) {
    super(code + ": " + explanation, cause);
    this.code = code;
    this.explanation = explanation;
  }

  /** Which failure this is. */
  public final FailureCode code() {
    return code;
  }

  /** What was attempted, expected and got, and where; without the code. */
  public final String explanation() {
    return explanation;
  }
}
