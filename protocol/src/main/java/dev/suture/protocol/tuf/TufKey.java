package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonTree;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A public key as metadata gives it. That it is of a kind that anybody can use is not checked here:
 * keys of unknown kinds are legal, and sign nothing.
 *
 * @param type {@code keytype}, such as {@code ed25519}
 * @param scheme how it signs, such as {@code rsassa-pss-sha256}
 * @param publicText {@code keyval.public}: hexadecimal or PEM, as the type has it
 */
public record TufKey(String type, String scheme, String publicText) {
  /** Longest text of a key: an RSA key of 16,384 bits in PEM. */
  private static final int CHARS_MAX = 16_384;

  /**
   * Reads a key object.
   *
   * @throws IllegalArgumentException if a member is missing, of another type or too long
   */
  public static TufKey decode(Fields fields) {
    String text = fields.object("keyval").text("public");
    if (text.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          fields.path()
              + ".keyval.public: expected at most "
              + CHARS_MAX
              + " characters, got "
              + text.length());
    }
    return new TufKey(fields.text("keytype"), fields.text("scheme"), text);
  }

  /**
   * The id that is usual for this key: SHA-256 of its canonical JSON in lower-case hexadecimal, as
   * securesystemslib has it. Metadata of others may call it otherwise.
   */
  public String id() {
    return Hashes.sha256(json().canonical());
  }

  /** As metadata gives it. */
  public JsonTree json() {
    return JsonTree.of("key", members());
  }

  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("keytype", type);
    members.put("scheme", scheme);
    members.put("keyval", Collections.singletonMap("public", publicText));
    return members;
  }
}
