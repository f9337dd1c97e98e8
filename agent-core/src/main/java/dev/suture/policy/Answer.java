package dev.suture.policy;

/**
 * Yes or no, and why.
 *
 * @param allowed whether it may be done now
 * @param because one clause for people: {@code automatic installation is off}
 */
public record Answer(boolean allowed, String because) {
  /** Yes. */
  public static Answer yes(String because) {
    return new Answer(true, because);
  }

  /** Not now. */
  public static Answer no(String because) {
    return new Answer(false, because);
  }
}
