package dev.suture.publisher;

/**
 * Text that may hold names from files that somebody sent, made so that it can be shown: nothing in
 * it moves the cursor, turns the direction of writing, or is invisible.
 */
public final class Printable {
  private Printable() {}

  /** Text of several lines: line feeds and tabs are kept. */
  public static String text(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              boolean isText =
                  switch (Character.getType(c)) {
                    case Character.CONTROL -> c == '\n' || c == '\t';
                    case Character.FORMAT,
                        Character.SURROGATE,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR ->
                        false;
                    default -> true;
                  };
              if (isText) {
                printable.appendCodePoint(c);
              } else {
                printable.append(String.format("\\u{%x}", c));
              }
            });
    return printable.toString();
  }

  /** As {@link #text}, and one line: a name from a file must not look like a part of ours. */
  public static String line(String text) {
    return text(text).replace("\n", "\\n").replace("\t", "\\t");
  }
}
