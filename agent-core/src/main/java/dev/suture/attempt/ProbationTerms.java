package dev.suture.attempt;

import dev.suture.protocol.json.Fields;

/**
 * How long a level is watched after it was confirmed, and what is too much.
 *
 * @param minutes so long it is watched, in minutes in which the agent ran; 0 for not at all
 * @param deaths so often one service may not end by itself meanwhile
 * @param crashes so often one service that uses patched code may not end by the signal of a crash;
 *     at most as often as {@code deaths}
 * @param failingMinutes so long a check, or a service that was given up, may not fail on end
 */
public record ProbationTerms(int minutes, int deaths, int crashes, int failingMinutes) {
  /** Without a word about it in the configuration. */
  public static final ProbationTerms DEFAULT = new ProbationTerms(60, 5, 3, 10);

  /** What is confirmed is not watched. */
  public static final ProbationTerms OFF = new ProbationTerms(0, 5, 3, 10);

  private static final int MINUTES_MAX = 7 * 24 * 60;
  private static final int COUNT_MAX = 1_000;
  private static final int FAILING_MINUTES_MAX = 24 * 60;
  private static final int STEPS = 12;
  private static final int STEP_MINUTES_MAX = 15;
  private static final long MILLIS_PER_MINUTE = 60_000;

  /** Checks what a watch could not end by. */
  public ProbationTerms {
    if (crashes > deaths) {
      throw new IllegalArgumentException(
          "crashes: expected at most as many as restarts, " + deaths + ", got " + crashes);
    }
  }

  /**
   * Reads {@code probation} of the configuration; what it leaves out is as in {@link #DEFAULT}.
   *
   * @throws IllegalArgumentException with the key, if one is unknown or out of its bounds
   */
  public static ProbationTerms read(Fields probation) {
    probation.onlyThese("minutes", "restarts", "crashes", "failing_minutes");
    int deaths = number(probation, "restarts", 1, COUNT_MAX, DEFAULT.deaths);
    int crashes = number(probation, "crashes", 1, COUNT_MAX, Math.min(DEFAULT.crashes, deaths));
    if (crashes > deaths) {
      throw new IllegalArgumentException(
          probation.path() + ".crashes: expected at most " + deaths + ", got " + crashes);
    }
    return new ProbationTerms(
        number(probation, "minutes", 0, MINUTES_MAX, DEFAULT.minutes),
        deaths,
        crashes,
        number(probation, "failing_minutes", 1, FAILING_MINUTES_MAX, DEFAULT.failingMinutes));
  }

  private static int number(Fields fields, String name, int least, int most, int otherwise) {
    return fields.has(name) ? fields.smallInteger(name, least, most) : otherwise;
  }

  /** Whether there is a watch at all. */
  public boolean isOn() {
    return minutes > 0;
  }

  /** How long it is, in milliseconds. */
  public long millis() {
    return minutes * MILLIS_PER_MINUTE;
  }

  /** How much of it is paid for at once: a twelfth, but one minute to a quarter of an hour. */
  public long stepMillis() {
    return Math.max(1, Math.min(STEP_MINUTES_MAX, minutes / STEPS)) * MILLIS_PER_MINUTE;
  }

  /** How long something may fail on end, in milliseconds. */
  public long failingMillis() {
    return failingMinutes * MILLIS_PER_MINUTE;
  }
}
