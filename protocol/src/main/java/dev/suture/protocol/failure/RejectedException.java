package dev.suture.protocol.failure;

/** The patch, or the metadata that names it, is not acceptable: never this one again. */
public final class RejectedException extends SutureException {
  private static final long serialVersionUID = 1L;

  /** A failure that was found here. */
  public RejectedException(FailureCode code, String message) {
    super(code, message, null);
  }

  /** A failure whose cause was found below. */
  public RejectedException(FailureCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
