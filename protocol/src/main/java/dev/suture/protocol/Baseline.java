package dev.suture.protocol;

/**
 * One OS release as flashed.
 *
 * @param version 1 to 32 characters of {@code A-Z a-z 0-9 . + - _}
 */
public record Baseline(String version) {
  /** Checks the version. */
  public Baseline {
    Words.check("baseline", version, 32);
  }

  /** How people see a patch of this baseline: {@code 26.1 (a)}. */
  public String with(Level level) {
    return version + " " + level;
  }

  @Override
  public String toString() {
    return version;
  }
}
