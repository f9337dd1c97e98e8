package dev.suture.protocol.json;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** Writes JSON documents. */
public final class JsonText {
  private JsonText() {}

  /** What fills the document; called between its outermost braces. */
  @FunctionalInterface
  public interface Body {
    /** Writes the members of the top object. */
    void write(JsonWriter json) throws IOException;
  }

  /** One object as indented UTF-8 text, ended by a newline. The same body gives the same bytes. */
  public static byte[] indented(Body body) {
    return write(body, "  ");
  }

  /** One object on one line of UTF-8 text, ended by a newline. */
  public static byte[] compact(Body body) {
    return write(body, "");
  }

  private static byte[] write(Body body, String indent) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent(indent);
      json.setHtmlSafe(false);
      json.beginObject();
      body.write(json);
      json.endObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does not fail", e);
    }
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
