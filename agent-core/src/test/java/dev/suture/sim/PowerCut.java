package dev.suture.sim;

/**
 * The power fails. An {@link Error}, so that no code under test takes it for a failure that it can
 * handle; {@code finally} and {@code close()} still run, and are refused.
 */
public final class PowerCut extends Error {
  private static final long serialVersionUID = 1L;

  private final long operation;

  PowerCut(long operation, String what) {
    super("power cut at durable operation " + operation + ", " + what, null, false, false);
    this.operation = operation;
  }

  /** Number of the operation that did not return. */
  public long operation() {
    return operation;
  }
}
