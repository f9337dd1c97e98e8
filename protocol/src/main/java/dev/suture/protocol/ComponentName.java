package dev.suture.protocol;

/**
 * The name of a component; also a file name and a mount point, so it has no path in it.
 *
 * @param word 1 to 32 characters of {@code A-Z a-z 0-9 . + - _}, the first a letter or digit
 */
public record ComponentName(String word) implements Comparable<ComponentName> {
  /** Checks the word. */
  public ComponentName {
    Words.check("component name", word, 32);
  }

  @Override
  public int compareTo(ComponentName other) {
    return word.compareTo(other.word);
  }

  @Override
  public String toString() {
    return word;
  }
}
