package dev.suture.publisher.explain;

import dev.suture.publisher.Printable;

/** Text in a page. */
final class Html {
  private Html() {}

  /** Text as it is to be seen, in an element or an attribute; names from outside included. */
  static String text(String text) {
    return Printable.line(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
