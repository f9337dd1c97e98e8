package dev.suture.agent;

import java.util.Optional;

/**
 * What the agent costs.
 *
 * @param residentKib resident memory now
 * @param residentPeakKib most resident memory since the process began
 * @param connectedAfterMillis from the start of the process to the first connection with the
 *     broker, once there was one
 */
public record ProcessFigures(
    long residentKib, long residentPeakKib, Optional<Long> connectedAfterMillis) {
  /** Asks the system. */
  @FunctionalInterface
  public interface Source {
    /** The figures now. */
    ProcessFigures now();
  }
}
