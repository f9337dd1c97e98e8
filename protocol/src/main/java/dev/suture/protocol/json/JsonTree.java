package dev.suture.protocol.json;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object that is to be written: strings, integers, booleans, lists, objects. Its members
 * are in canonical order, so that the same members give the same bytes however they were put in.
 */
public final class JsonTree {
  private final Map<String, Object> members;

  private JsonTree(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * Copies all of it.
   *
   * @param what names it in messages
   * @param members values are {@link String}, {@link Long}, {@link Integer}, {@link Boolean}, a
   *     {@link List} or a {@link Map} of such, a tree, or {@link Fields} as they were read
   * @throws IllegalArgumentException for any other value, and for nesting deeper than {@link
   *     StrictJson#DEPTH_MAX}
   */
  public static JsonTree of(String what, Map<String, ?> members) {
    return new JsonTree(object(what, members, 1));
  }

  /** What was read. */
  public static JsonTree of(String what, Fields members) {
    return of(what, members.members());
  }

  private static Map<String, Object> object(String path, Map<?, ?> members, int depth) {
    Map<String, Object> sorted = new TreeMap<>(CanonicalJson.BY_CODE_POINT);
    for (Map.Entry<?, ?> member : members.entrySet()) {
      if (!(member.getKey() instanceof String name)) {
        throw new IllegalArgumentException(
            path + ": expected a string as name, got " + member.getKey());
      }
      sorted.put(name, value(path + "." + name, member.getValue(), depth));
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(sorted));
  }

  private static Object value(String path, @Nullable Object value, int depth) {
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof String
        || value instanceof Long
        || value instanceof Boolean
        || value == StrictJson.JsonNull.NULL) {
      return value;
    }
    if (depth >= StrictJson.DEPTH_MAX) {
      throw new IllegalArgumentException(
          path + ": expected at most " + StrictJson.DEPTH_MAX + " levels of nesting");
    }
    if (value instanceof Fields fields) {
      return object(path, fields.members(), depth + 1);
    }
    if (value instanceof JsonTree tree) {
      return object(path, tree.members, depth + 1);
    }
    if (value instanceof Map<?, ?> map) {
      return object(path, map, depth + 1);
    }
    if (value instanceof List<?> list) {
      List<Object> items = new ArrayList<>();
      for (Object item : list) {
        items.add(value(path + "[" + items.size() + "]", item, depth + 1));
      }
      return Collections.unmodifiableList(items);
    }
    throw new IllegalArgumentException(
        path
            + ": expected a string, an integer, a boolean, a list or an object, got "
            + (value == null ? "nothing" : value.getClass().getName()));
  }

  /**
   * The canonical form, see {@link CanonicalJson}.
   *
   * @throws IllegalArgumentException if a string is not Unicode (half of a surrogate pair)
   */
  public byte[] canonical() {
    return CanonicalJson.encode(members);
  }

  /** Writes it as one value. Not the canonical form: control characters are escaped. */
  public void writeTo(JsonWriter json) throws IOException {
    write(json, members);
  }

  /** Writes its members into an object that was begun. */
  public void writeMembersTo(JsonWriter json) throws IOException {
    for (Map.Entry<String, Object> member : members.entrySet()) {
      write(json.name(member.getKey()), member.getValue());
    }
  }

  private static void write(JsonWriter json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.beginObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        json.name((String) member.getKey());
        write(json, member.getValue());
      }
      json.endObject();
    } else if (value instanceof List<?> list) {
      json.beginArray();
      for (Object item : list) {
        write(json, item);
      }
      json.endArray();
    } else if (value instanceof String text) {
      json.value(text);
    } else if (value instanceof Boolean bool) {
      json.value(bool);
    } else if (value instanceof Long number) {
      json.value(number);
    } else {
      json.nullValue();
    }
  }
}
