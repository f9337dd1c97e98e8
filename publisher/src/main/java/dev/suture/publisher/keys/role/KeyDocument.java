package dev.suture.publisher.keys.role;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.JsonTree;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.TufKey;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The content of a key file: the public half in the clear, the private half as it is or sealed by a
 * passphrase, and a check sum, so that damage is told apart from a wrong passphrase.
 *
 * @param key the public half
 * @param seal how the private half is sealed; empty if it is not
 * @param content the private half, sealed or not; do not change
 */
record KeyDocument(TufKey key, Optional<PassphraseSeal> seal, byte[] content) {
  static final int BYTES_MAX = 64 << 10;

  /** The member by which it is known. */
  static final String NAME = "suture_key";

  private static final int FORMAT = 1;
  private static final String NO_KDF = "none";

  /** A key's, with the private half sealed if there is a passphrase. */
  static KeyDocument of(SoftwareSigner signer, Optional<Passphrase> passphrase) {
    byte[] secret = signer.secret();
    if (passphrase.isEmpty()) {
      return new KeyDocument(signer.key(), Optional.empty(), secret);
    }
    PassphraseSeal seal = PassphraseSeal.fresh();
    byte[] sealed = seal.seal(passphrase.get(), secret, associated(signer.key(), seal));
    Arrays.fill(secret, (byte) 0);
    return new KeyDocument(signer.key(), Optional.of(seal), sealed);
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is malformed or damaged, or its parameters are out of
   *     bounds; the message does not quote the private half
   */
  static KeyDocument decode(byte[] bytes) {
    Fields fields = StrictJson.parse("key file", bytes, BYTES_MAX);
    fields.onlyThese(NAME, "key", "keyid", "protection", "private", "check");
    fields.integer(NAME, FORMAT, FORMAT);
    TufKey key = TufKey.decode(fields.object("key"));
    KeyType.of(key);
    Fields protection = fields.object("protection");
    String kdf = protection.text("kdf");
    if (!kdf.equals(PassphraseSeal.KDF) && !kdf.equals(NO_KDF)) {
      throw new IllegalArgumentException(
          protection.path() + ".kdf: expected " + PassphraseSeal.KDF + " or " + NO_KDF);
    }
    Optional<PassphraseSeal> seal =
        kdf.equals(NO_KDF) ? Optional.empty() : Optional.of(PassphraseSeal.decode(protection));
    byte[] content = base64(fields.text("private"));
    KeyDocument document = new KeyDocument(key, seal, content);
    if (!fields.text("keyid").equals(key.id())) {
      throw new IllegalArgumentException("key file.keyid: expected " + key.id());
    }
    if (!fields.text("check").equals(document.check())) {
      throw new IllegalArgumentException("key file.check: expected the digest of the file");
    }
    return document;
  }

  /** Its one form only: what is read is what was checked. */
  private static byte[] base64(String text) {
    byte[] content;
    try {
      content = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("key file.private: expected base64");
    }
    if (!Base64.getEncoder().encodeToString(content).equals(text)) {
      throw new IllegalArgumentException("key file.private: expected base64 in its usual form");
    }
    return content;
  }

  byte[] encode() {
    Map<String, Object> members = members();
    members.put("check", check());
    return JsonText.indented(JsonTree.of("key file", members)::writeMembersTo);
  }

  /**
   * The signer.
   *
   * @param passphrase must be there if there is a {@link #seal}
   * @throws GeneralSecurityException if the passphrase is wrong
   * @throws IllegalArgumentException if the private half is not the public one's
   */
  SoftwareSigner open(Optional<Passphrase> passphrase) throws GeneralSecurityException {
    byte[] secret =
        seal.isEmpty()
            ? content.clone()
            : seal.get().open(passphrase.orElseThrow(), content, associated(key, seal.get()));
    try {
      SoftwareSigner signer = KeyType.of(key).fromSecret(secret);
      if (signer.key().equals(key)) {
        return signer;
      }
      throw new IllegalArgumentException("key file.private: expected the private half of the key");
    } catch (GeneralSecurityException | RuntimeException e) {
      // Tink throws unchecked exceptions for some broken keysets. No text of theirs is kept: it
      // might quote the key.
      throw new IllegalArgumentException(
          "key file.private: expected a private key of the type " + key.type());
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  private String check() {
    return Sha256.of(JsonTree.of("key file", members()).canonical()).hex();
  }

  private Map<String, Object> members() {
    Map<String, Object> members = header(key, seal);
    members.put("private", Base64.getEncoder().encodeToString(content));
    return members;
  }

  private static byte[] associated(TufKey key, PassphraseSeal seal) {
    return JsonTree.of("key file", header(key, Optional.of(seal))).canonical();
  }

  private static Map<String, Object> header(TufKey key, Optional<PassphraseSeal> seal) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put(NAME, FORMAT);
    members.put("key", key.json());
    members.put("keyid", key.id());
    members.put(
        "protection", seal.map(PassphraseSeal::members).orElseGet(() -> Map.of("kdf", NO_KDF)));
    return members;
  }
}
