package dev.suture.health;

/**
 * What is thought of a trial.
 *
 * @param kind the judgment
 * @param because what was seen
 */
public record Verdict(Kind kind, String because) {
  /** The judgment. */
  public enum Kind {
    /** All checks passed for as long as they had to. */
    HEALTHY,
    /** Not all checks have passed for long enough, and there is time left. */
    UNDECIDED,
    /** The deadline is over, or something failed that time does not heal. */
    FAILED
  }
}
