package dev.suture.protocol.json;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.TreeMap;

/**
 * OLPC's canonical JSON, which TUF signs: names sorted by code point, no white space, integers
 * only, and in strings nothing escaped but the quotation mark and the backslash. Not RFC 8785,
 * which escapes control characters.
 */
public final class CanonicalJson {
  static final Comparator<String> BY_CODE_POINT = CanonicalJson::compare;

  private CanonicalJson() {}

  /**
   * The object with all its members, those that nobody knows included, as UTF-8.
   *
   * @throws IllegalArgumentException if a string is not Unicode (half of a surrogate pair)
   */
  public static byte[] encode(Fields object) {
    return encode(object.members());
  }

  /** As {@link #encode(Fields)}; values are those of {@link Fields#members}. */
  static byte[] encode(Map<String, Object> members) {
    StringBuilder text = new StringBuilder();
    append(text, members);
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void append(StringBuilder text, Object value) {
    if (value instanceof Map<?, ?> members) {
      Map<String, Object> sorted = new TreeMap<>(BY_CODE_POINT);
      members.forEach((name, member) -> sorted.put((String) name, member));
      String separator = "{";
      for (Map.Entry<String, Object> member : sorted.entrySet()) {
        appendString(text.append(separator), member.getKey());
        append(text.append(':'), member.getValue());
        separator = ",";
      }
      text.append(sorted.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> items) {
      String separator = "[";
      for (Object item : items) {
        append(text.append(separator), item);
        separator = ",";
      }
      text.append(items.isEmpty() ? "[]" : "]");
    } else if (value instanceof String string) {
      appendString(text, string);
    } else {
      text.append(value == StrictJson.JsonNull.NULL ? "null" : value.toString());
    }
  }

  private static void appendString(StringBuilder text, String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      boolean isPair =
          Character.isHighSurrogate(c)
              && i + 1 < string.length()
              && Character.isLowSurrogate(string.charAt(i + 1));
      if (isPair) {
        text.append(c).append(string.charAt(++i));
      } else if (Character.isSurrogate(c)) {
        throw new IllegalArgumentException(
            "canonical JSON: expected Unicode, got half of a surrogate pair");
      } else {
        text.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    text.append('"');
  }

  private static int compare(String one, String other) {
    PrimitiveIterator.OfInt a = one.codePoints().iterator();
    PrimitiveIterator.OfInt b = other.codePoints().iterator();
    while (a.hasNext() && b.hasNext()) {
      int difference = Integer.compare(a.nextInt(), b.nextInt());
      if (difference != 0) {
        return difference;
      }
    }
    return Boolean.compare(a.hasNext(), b.hasNext());
  }
}
