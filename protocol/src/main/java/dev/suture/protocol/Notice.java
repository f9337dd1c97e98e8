package dev.suture.protocol;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;

/**
 * The message that says "look". A hint: nothing in it is believed, the worst that a forged one can
 * do is one more look at the signed metadata.
 *
 * @param sequence version of the release index that the publisher has just published
 */
public record Notice(long sequence) {
  /** Longest notice that is looked at, in bytes. */
  public static final int BYTES_MAX = 1024;

  private static final int FORMAT = 1;

  /** Checks the sequence. */
  public Notice {
    if (sequence < 0) {
      throw new IllegalArgumentException("notice sequence: expected 0 or more, got " + sequence);
    }
  }

  /** The notice as JSON on one line. */
  public byte[] encode() {
    return JsonText.compact(
        json -> json.name("format").value(FORMAT).name("sequence").value(sequence));
  }

  /**
   * Reads a notice.
   *
   * @throws RejectedException {@code NOTICE_MALFORMED}
   */
  public static Notice decode(byte[] bytes) throws RejectedException {
    try {
      Fields notice = StrictJson.parse("notice", bytes, BYTES_MAX);
      notice.integer("format", FORMAT, FORMAT);
      return new Notice(notice.integer("sequence", 0, Long.MAX_VALUE));
    } catch (IllegalArgumentException e) {
      throw new RejectedException(FailureCode.NOTICE_MALFORMED, String.valueOf(e.getMessage()), e);
    }
  }
}
