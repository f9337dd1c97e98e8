package dev.suture.protocol;

/**
 * The letter of a patch: {@code a} … {@code z}, {@code aa} … {@code zz}. Levels of one baseline are
 * ordered; base has none.
 *
 * @param letters one or two lower-case letters
 */
public record Level(String letters) implements Comparable<Level> {
  /** Checks the letters. */
  public Level {
    if (letters.isEmpty()
        || letters.length() > 2
        || !letters.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
      throw new IllegalArgumentException(
          "level: expected one or two letters a to z, got \"" + letters + "\"");
    }
  }

  @Override
  public int compareTo(Level other) {
    int byLength = Integer.compare(letters.length(), other.letters.length());
    return byLength != 0 ? byLength : letters.compareTo(other.letters);
  }

  @Override
  public String toString() {
    return "(" + letters + ")";
  }
}
