package dev.suture.attempt;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;

/**
 * Why an attempt failed.
 *
 * @param code which failure
 * @param message what was attempted, expected and got
 */
public record Failure(FailureCode code, String message) {
  private static final int MESSAGE_CHARS_MAX = 500;

  /** Bounds the message. */
  public Failure {
    if (message.length() > MESSAGE_CHARS_MAX) {
      // Not in the middle of a character, which could not be written to the journal.
      boolean splits = Character.isHighSurrogate(message.charAt(MESSAGE_CHARS_MAX - 1));
      message = message.substring(0, splits ? MESSAGE_CHARS_MAX - 1 : MESSAGE_CHARS_MAX);
    }
  }

  /** The failure that was thrown. */
  public static Failure of(SutureException thrown) {
    return new Failure(thrown.code(), thrown.explanation());
  }
}
