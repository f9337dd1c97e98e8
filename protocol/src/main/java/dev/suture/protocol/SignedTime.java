package dev.suture.protocol;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/** A time in signed metadata: {@code YYYY-MM-DDTHH:MM:SSZ}, as in The Update Framework. */
public final class SignedTime {
  private static final Pattern FORM =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");

  private SignedTime() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is not of this form, or no time
   */
  public static Instant parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("expected YYYY-MM-DDTHH:MM:SSZ, got \"" + text + "\"");
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("expected a time, got \"" + text + "\"", e);
    }
  }

  /** Writes one; parts of a second are left out. */
  public static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
