package dev.suture.arm64.control;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The agent's answer to one command.
 *
 * @param exit how it ended
 * @param text for people, without a newline at its end
 * @param document a JSON object on one line for programs, or null
 */
public record ControlReply(ControlExit exit, String text, @Nullable String document) {
  /** Longest reply on the wire. */
  static final int BYTES_MAX = 256 * 1024;

  /** Checks that the document stays on its line. */
  public ControlReply {
    if (document != null && (document.indexOf('\n') >= 0 || !document.startsWith("{"))) {
      throw new IllegalArgumentException("document: expected a JSON object on one line");
    }
  }

  /** A reply for people only. */
  public static ControlReply text(ControlExit exit, String text) {
    return new ControlReply(exit, text, null);
  }

  /** One line of JSON with its newline. */
  byte[] encode() {
    return JsonText.compact(
        json -> {
          json.name("exit").value(exit.number());
          json.name("text").value(text);
          json.name("document");
          if (document == null) {
            json.nullValue();
          } else {
            json.jsonValue(document);
          }
        });
  }

  /**
   * Reads a reply.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static ControlReply parse(String line) {
    ControlExit exit = null;
    String text = null;
    String document = null;
    try (JsonReader json = new JsonReader(new StringReader(line))) {
      json.setStrictness(Strictness.STRICT);
      json.setNestingLimit(StrictJson.DEPTH_MAX + 1);
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "exit" -> exit = ControlExit.ofNumber(expect(json, JsonToken.NUMBER).nextInt());
          case "text" -> text = expect(json, JsonToken.STRING).nextString();
          case "document" -> document = document(json);
          default -> json.skipValue();
        }
      }
      json.endObject();
      expect(json, JsonToken.END_DOCUMENT);
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException("reply: expected a JSON object: " + e.getMessage(), e);
    }
    if (exit == null || text == null) {
      throw new IllegalArgumentException("reply: expected exit and text");
    }
    return new ControlReply(exit, text, document);
  }

  private static JsonReader expect(JsonReader json, JsonToken token) throws IOException {
    if (json.peek() != token) {
      throw new IllegalArgumentException("reply: expected " + token + ", got " + json.peek());
    }
    return json;
  }

  private static @Nullable String document(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return null;
    }
    StringWriter text = new StringWriter();
    try (JsonWriter copy = new JsonWriter(text)) {
      copy.setHtmlSafe(false);
      copyObject(json, copy);
    }
    return text.toString();
  }

  private static void copyObject(JsonReader from, JsonWriter to) throws IOException {
    from.beginObject();
    to.beginObject();
    while (from.hasNext()) {
      to.name(from.nextName());
      copyValue(from, to);
    }
    from.endObject();
    to.endObject();
  }

  private static void copyValue(JsonReader from, JsonWriter to) throws IOException {
    switch (from.peek()) {
      case BEGIN_OBJECT -> copyObject(from, to);
      case BEGIN_ARRAY -> {
        from.beginArray();
        to.beginArray();
        while (from.hasNext()) {
          copyValue(from, to);
        }
        from.endArray();
        to.endArray();
      }
      case STRING -> to.value(from.nextString());
      case NUMBER -> to.jsonValue(from.nextString());
      case BOOLEAN -> to.value(from.nextBoolean());
      case NULL -> {
        from.nextNull();
        to.nullValue();
      }
      case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT ->
          throw new IllegalArgumentException("reply: expected a value, got " + from.peek());
    }
  }

  /** The reply's text as it crosses the socket, without the newline. */
  static String decode(byte[] line) {
    return new String(line, StandardCharsets.UTF_8);
  }
}
