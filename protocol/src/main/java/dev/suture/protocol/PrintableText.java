package dev.suture.protocol;

/**
 * Somebody else's words, for a log, a terminal or a status: short, one line, and nothing that a
 * terminal obeys.
 */
public final class PrintableText {
  private PrintableText() {}

  /**
   * The text with question marks for all that is not printable ASCII.
   *
   * @param charsMax what is longer is cut off behind so many
   */
  public static String of(String text, int charsMax) {
    return text.substring(0, Math.min(charsMax, text.length())).replaceAll("[^ -~]", "?");
  }
}
