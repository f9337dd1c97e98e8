package dev.suture.protocol;

/** Identifiers that may become file names, topic levels or kernel parameters. */
final class Words {
  private Words() {}

  /**
   * Checks an identifier.
   *
   * @throws IllegalArgumentException unless it has 1 to {@code maxChars} characters of {@code A-Z
   *     a-z 0-9 . + - _} and begins with a letter or digit
   */
  static String check(String what, String word, int maxChars) {
    if (word.isEmpty() || word.length() > maxChars) {
      throw new IllegalArgumentException(
          what + ": expected 1 to " + maxChars + " characters, got " + word.length());
    }
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!alphanumeric && (i == 0 || ".+-_".indexOf(c) < 0)) {
        throw new IllegalArgumentException(
            what
                + ": expected letters, digits and . + - _ (a letter or digit first), got character "
                + (int) c
                + " at "
                + i);
      }
    }
    return word;
  }
}
