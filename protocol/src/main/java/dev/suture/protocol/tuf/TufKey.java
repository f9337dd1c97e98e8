package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;

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

  static TufKey decode(Fields fields) {
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
}
