package dev.suture.publisher.advisory;

/**
 * A Debian package version, ordered as in section 5.6.12 of the Debian policy.
 *
 * @param text {@code [EPOCH:]UPSTREAM[-REVISION]}
 */
public record DebianVersion(String text) implements Comparable<DebianVersion> {
  private static final int CHARS_MAX = 200;

  /** Checks the characters. */
  public DebianVersion {
    if (text.isEmpty() || text.length() > CHARS_MAX || !text.matches("[0-9A-Za-z.+:~-]+")) {
      throw new IllegalArgumentException(
          "Debian version: expected 1 to "
              + CHARS_MAX
              + " letters, digits and . + : ~ -, got \""
              + text
              + "\"");
    }
    if (text.indexOf(':') >= 0 && !text.matches("[0-9]+:.+")) {
      throw new IllegalArgumentException(
          "Debian version: expected a number before the colon, got \"" + text + "\"");
    }
  }

  /** The same version without the mark of a rebuild ({@code +b1}), which has no source change. */
  DebianVersion source() {
    return new DebianVersion(text.replaceFirst("\\+b[0-9]+$", ""));
  }

  private String epoch() {
    int colon = text.indexOf(':');
    return colon < 0 ? "" : text.substring(0, colon);
  }

  private String upstream() {
    String rest = text.substring(text.indexOf(':') + 1);
    int hyphen = rest.lastIndexOf('-');
    return hyphen < 0 ? rest : rest.substring(0, hyphen);
  }

  private String revision() {
    int hyphen = text.lastIndexOf('-');
    return hyphen < 0 ? "" : text.substring(hyphen + 1);
  }

  @Override
  public int compareTo(DebianVersion other) {
    int byEpoch = compareNumbers(epoch(), other.epoch());
    if (byEpoch != 0) {
      return byEpoch;
    }
    int byUpstream = compareParts(upstream(), other.upstream());
    return byUpstream != 0 ? byUpstream : compareParts(revision(), other.revision());
  }

  /** In turn a stretch without digits, then a number, until one side differs. */
  private static int compareParts(String left, String right) {
    int l = 0;
    int r = 0;
    while (l < left.length() || r < right.length()) {
      int lWord = endOf(left, l, false);
      int rWord = endOf(right, r, false);
      int byWord = compareWords(left.substring(l, lWord), right.substring(r, rWord));
      if (byWord != 0) {
        return byWord;
      }
      l = endOf(left, lWord, true);
      r = endOf(right, rWord, true);
      int byNumber = compareNumbers(left.substring(lWord, l), right.substring(rWord, r));
      if (byNumber != 0) {
        return byNumber;
      }
    }
    return 0;
  }

  private static int endOf(String text, int from, boolean digits) {
    int end = from;
    while (end < text.length() && digit(text.charAt(end)) == digits) {
      end++;
    }
    return end;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The end sorts after {@code ~} and before everything else; letters before the rest. */
  private static int compareWords(String left, String right) {
    for (int i = 0; i < Math.max(left.length(), right.length()); i++) {
      int byRank = Integer.compare(rank(left, i), rank(right, i));
      if (byRank != 0) {
        return byRank;
      }
    }
    return 0;
  }

  private static int rank(String word, int index) {
    if (index >= word.length()) {
      return 0;
    }
    char c = word.charAt(index);
    if (c == '~') {
      return -1;
    }
    boolean letter = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    return letter ? c : c + 256;
  }

  private static int compareNumbers(String left, String right) {
    String l = left.replaceFirst("^0+", "");
    String r = right.replaceFirst("^0+", "");
    int byLength = Integer.compare(l.length(), r.length());
    return byLength != 0 ? byLength : l.compareTo(r);
  }

  @Override
  public String toString() {
    return text;
  }
}
