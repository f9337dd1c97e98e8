package dev.suture.protocol.tuf;

/**
 * A pattern of target paths: {@code *} for any characters but the slash, {@code ?} for one of them
 * (specification, section 4.5).
 *
 * @param text the pattern
 */
public record PathPattern(String text) {
  /** Whether the whole path is of this form. Takes time in proportion to both lengths. */
  public boolean matches(String path) {
    int at = 0;
    int pattern = 0;
    int star = -1;
    int starAt = 0;
    while (at < path.length()) {
      char c = path.charAt(at);
      if (pattern < text.length() && text.charAt(pattern) == '*') {
        star = pattern++;
        starAt = at;
      } else if (pattern < text.length()
          && (text.charAt(pattern) == c || text.charAt(pattern) == '?' && c != '/')) {
        pattern++;
        at++;
      } else if (star >= 0 && path.charAt(starAt) != '/') {
        pattern = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (pattern < text.length() && text.charAt(pattern) == '*') {
      pattern++;
    }
    return pattern == text.length();
  }
}
