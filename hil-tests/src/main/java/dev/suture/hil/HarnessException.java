package dev.suture.hil;

import org.jspecify.annotations.Nullable;

/**
 * The harness could not do what it was asked, or the device did not do what was awaited. The
 * message says what was attempted, what was expected, what came, and where to look.
 */
public final class HarnessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure that was found here. */
  public HarnessException(String message) {
    super(message);
  }

  /** A failure whose cause was found below. */
  public HarnessException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
