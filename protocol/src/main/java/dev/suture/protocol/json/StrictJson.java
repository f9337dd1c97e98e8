package dev.suture.protocol.json;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON object from untrusted bytes. Everything is bounded before it is built; numbers are
 * integers that fit a long (no format of ours has others).
 */
public final class StrictJson {
  /** Deepest nesting that is read. */
  public static final int DEPTH_MAX = 16;

  /** Most values (of any kind) that one document may have. */
  public static final int VALUES_MAX = 20_000;

  /**
   * Longest name of a member. Every value's path is made of names, so that long ones would cost
   * more time than the document has bytes.
   */
  public static final int NAME_CHARS_MAX = 128;

  /** The limits of documents of ours. */
  private static final Limits LIMITS = new Limits(VALUES_MAX, NAME_CHARS_MAX);

  private final JsonReader reader;
  private final Limits limits;
  private int values;

  private StrictJson(JsonReader reader, Limits limits) {
    this.reader = reader;
    this.limits = limits;
  }

  /**
   * What a document may cost.
   *
   * @param values most values (of any kind)
   * @param nameChars longest name of a member
   */
  public record Limits(int values, int nameChars) {}

  /**
   * Parses a document whose top is an object.
   *
   * @param what names the document in messages
   * @param bytes UTF-8 text, not kept
   * @param bytesMax longest document that is looked at
   * @throws IllegalArgumentException if it is too long, not strict JSON, not UTF-8, has a name
   *     twice, or breaks a limit
   */
  public static Fields parse(String what, byte[] bytes, int bytesMax) {
    return parse(what, bytes, bytesMax, LIMITS);
  }

  /** As {@link #parse(String, byte[], int)}, with limits of its own. */
  public static Fields parse(String what, byte[] bytes, int bytesMax, Limits limits) {
    if (bytes.length > bytesMax) {
      throw new IllegalArgumentException(
          what + ": expected at most " + bytesMax + " bytes, got " + bytes.length);
    }
    InputStreamReader text =
        new InputStreamReader(
            new ByteArrayInputStream(bytes),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonReader reader = new JsonReader(text)) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(DEPTH_MAX);
      StrictJson json = new StrictJson(reader, limits);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new IllegalArgumentException(what + ": expected a JSON object, got " + reader.peek());
      }
      Map<String, Object> top = json.object(what);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IllegalArgumentException(
            what + ": expected the end after the object, got " + reader.peek());
      }
      return new Fields(what, top);
    } catch (MalformedJsonException | EOFException | CharacterCodingException e) {
      throw new IllegalArgumentException(what + ": expected strict JSON: " + e.getMessage(), e);
    } catch (IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory does not fail", e);
    }
  }

  private Map<String, Object> object(String path) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (name.length() > limits.nameChars) {
        throw new IllegalArgumentException(
            path
                + ": expected names of at most "
                + limits.nameChars
                + " characters, got "
                + name.length());
      }
      if (members.containsKey(name)) {
        throw new IllegalArgumentException(
            path + ": expected each name once, got \"" + name + "\" twice");
      }
      members.put(name, value(path + "." + name));
    }
    reader.endObject();
    return Collections.unmodifiableMap(members);
  }

  private List<Object> list(String path) throws IOException {
    List<Object> items = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      items.add(value(path + "[" + items.size() + "]"));
    }
    reader.endArray();
    return Collections.unmodifiableList(items);
  }

  private Object value(String path) throws IOException {
    if (++values > limits.values) {
      throw new IllegalArgumentException(
          path + ": expected at most " + limits.values + " values in the document");
    }
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object(path);
      case BEGIN_ARRAY -> list(path);
      case STRING -> reader.nextString();
      case BOOLEAN -> reader.nextBoolean();
      case NUMBER -> number(path, reader.nextString());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.NULL;
      }
      case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT ->
          throw new IllegalArgumentException(path + ": expected a value, got " + reader.peek());
    };
  }

  private static Long number(String path, String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          path
              + ": expected an integer of at most 64 bits, got "
              + text.substring(0, Math.min(24, text.length())),
          e);
    }
  }

  /** JSON's null, so that "absent" and "null" can be told apart. */
  enum JsonNull {
    NULL
  }
}
