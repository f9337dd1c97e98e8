package dev.suture.protocol.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object, read by name and type. Members that nobody asks for are ignored,
 * unless {@link #onlyThese} is called. Every failure is an {@link IllegalArgumentException} that
 * names the member's path, what was expected and what came.
 */
public final class Fields {
  private final String path;
  private final Map<String, Object> members;

  Fields(String path, Map<String, Object> members) {
    this.path = path;
    this.members = members;
  }

  /** All members; nested values are maps, lists, strings, longs, booleans, or null's stand-in. */
  Map<String, Object> members() {
    return members;
  }

  /** Where this object stands in its document. */
  public String path() {
    return path;
  }

  /**
   * Refuses members with other names, for documents where a misspelt name is dangerous
   * (configuration).
   */
  public Fields onlyThese(String... names) {
    Set<String> known = new HashSet<>(Arrays.asList(names));
    for (String name : members.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            path
                + ": expected only "
                + String.join(", ", names)
                + ", got the unknown key \""
                + name
                + "\"");
      }
    }
    return this;
  }

  /** Whether the member is present and not null. */
  public boolean has(String name) {
    Object value = members.get(name);
    return value != null && value != StrictJson.JsonNull.NULL;
  }

  /** A string. */
  public String text(String name) {
    return as(name, String.class, "a string");
  }

  /** A string, or nothing if the member is absent or null. */
  public Optional<String> optionalText(String name) {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  /**
   * A string that {@code parse} turns into a value; its {@link IllegalArgumentException} gets this
   * path.
   */
  public <T> T parsed(String name, Function<String, T> parse) {
    String text = text(name);
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + "." + name + ": " + e.getMessage(), e);
    }
  }

  /** An integer within {@code min} and {@code max}, both included. */
  public long integer(String name, long min, long max) {
    long value = as(name, Long.class, "an integer");
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          path
              + "."
              + name
              + ": expected an integer from "
              + min
              + " to "
              + max
              + ", got "
              + value);
    }
    return value;
  }

  /** An integer that fits an int, within {@code min} and {@code max}. */
  public int smallInteger(String name, int min, int max) {
    return (int) integer(name, min, max);
  }

  /** True or false. */
  public boolean bool(String name) {
    return as(name, Boolean.class, "true or false");
  }

  /** An integer within {@code min} and {@code max}, or nothing if the member is absent or null. */
  public OptionalLong optionalInteger(String name, long min, long max) {
    return has(name) ? OptionalLong.of(integer(name, min, max)) : OptionalLong.empty();
  }

  /** An object. */
  public Fields object(String name) {
    return asObject(path + "." + name, members.get(name));
  }

  /** An object, or nothing if the member is absent or null. */
  public Optional<Fields> optionalObject(String name) {
    return has(name) ? Optional.of(object(name)) : Optional.empty();
  }

  /** An object whose members are all objects, at most {@code countMax}, in their order. */
  public Map<String, Fields> objectsByName(String name, int countMax) {
    Fields parent = membersAtMost(name, countMax);
    Map<String, Fields> objects = new LinkedHashMap<>();
    parent.members.keySet().forEach(member -> objects.put(member, parent.object(member)));
    return objects;
  }

  /** An object whose members are all strings, at most {@code countMax}, in their order. */
  public Map<String, String> textsByName(String name, int countMax) {
    Fields parent = membersAtMost(name, countMax);
    Map<String, String> texts = new LinkedHashMap<>();
    parent.members.keySet().forEach(member -> texts.put(member, parent.text(member)));
    return texts;
  }

  private Fields membersAtMost(String name, int countMax) {
    Fields parent = object(name);
    if (parent.members.size() > countMax) {
      throw new IllegalArgumentException(
          parent.path + ": expected at most " + countMax + " names, got " + parent.members.size());
    }
    return parent;
  }

  /** A list of objects, at most {@code countMax}. */
  public List<Fields> objects(String name, int countMax) {
    List<Fields> objects = new ArrayList<>();
    for (Object item : items(name, countMax)) {
      objects.add(asObject(path + "." + name + "[" + objects.size() + "]", item));
    }
    return objects;
  }

  /** A list of one value for each of these names: as if it were an object of them. */
  public Fields tuple(String name, String... names) {
    return asTuple(path + "." + name, members.get(name), names);
  }

  /** A list of such lists, at most {@code countMax}. */
  public List<Fields> tuples(String name, int countMax, String... names) {
    List<Fields> tuples = new ArrayList<>();
    for (Object item : items(name, countMax)) {
      tuples.add(asTuple(path + "." + name + "[" + tuples.size() + "]", item, names));
    }
    return tuples;
  }

  private static Fields asTuple(String path, @Nullable Object value, String... names) {
    if (!(value instanceof List<?> list)) {
      throw new IllegalArgumentException(path + ": expected a list, got " + describe(value));
    }
    if (list.size() != names.length) {
      throw new IllegalArgumentException(
          path + ": expected " + String.join(", ", names) + ", got " + list.size() + " values");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      members.put(names[i], list.get(i));
    }
    return new Fields(path, members);
  }

  /** A list of strings, at most {@code countMax}. */
  public List<String> texts(String name, int countMax) {
    List<String> texts = new ArrayList<>();
    for (Object item : items(name, countMax)) {
      if (!(item instanceof String text)) {
        throw new IllegalArgumentException(
            path + "." + name + "[" + texts.size() + "]: expected a string, got " + describe(item));
      }
      texts.add(text);
    }
    return texts;
  }

  private List<?> items(String name, int countMax) {
    List<?> items = as(name, List.class, "a list");
    if (items.size() > countMax) {
      throw new IllegalArgumentException(
          path + "." + name + ": expected at most " + countMax + " items, got " + items.size());
    }
    return items;
  }

  private static Fields asObject(String path, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(path + ": expected an object, got " + describe(value));
    }
    @SuppressWarnings("unchecked") // StrictJson puts nothing but strings and values into its maps.
    Map<String, Object> members = (Map<String, Object>) map;
    return new Fields(path, members);
  }

  private <T> T as(String name, Class<T> type, String expected) {
    Object value = members.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          path + "." + name + ": expected " + expected + ", got " + describe(value));
    }
    return type.cast(value);
  }

  private static String describe(@Nullable Object value) {
    if (value == null) {
      return "nothing";
    }
    if (value instanceof String) {
      return "a string";
    }
    if (value instanceof Long) {
      return "an integer";
    }
    if (value instanceof Boolean) {
      return "a boolean";
    }
    if (value instanceof List) {
      return "a list";
    }
    return value instanceof Map ? "an object" : "null";
  }
}
