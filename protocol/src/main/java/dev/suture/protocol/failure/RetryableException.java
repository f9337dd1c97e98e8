package dev.suture.protocol.failure;

/** A passing condition: the same step may succeed later. */
public final class RetryableException extends SutureException {
  private static final long serialVersionUID = 1L;

  /** A failure that was found here. */
  public RetryableException(FailureCode code, String message) {
    super(code, message, null);
  }

  /** A failure whose cause was found below. */
  public RetryableException(FailureCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
