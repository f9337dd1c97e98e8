package dev.suture.protocol.failure;

/** The device itself is at fault: a person has to look. */
public final class DeviceException extends SutureException {
  private static final long serialVersionUID = 1L;

  /** A failure that was found here. */
  public DeviceException(FailureCode code, String message) {
    super(code, message, null);
  }

  /** A failure whose cause was found below. */
  public DeviceException(FailureCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
