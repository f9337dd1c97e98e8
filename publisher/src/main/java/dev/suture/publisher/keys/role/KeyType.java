package dev.suture.publisher.keys.role;

import dev.suture.protocol.tuf.TufKey;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The kinds of keys that are made here. */
public enum KeyType {
  /** RFC 8032. */
  ED25519("ed25519"),
  /** FIPS 204: withstands quantum computers. */
  ML_DSA_65("ml-dsa-65");

  private static final int WORD_CHARS_SHOWN = 32;

  private final String word;

  KeyType(String word) {
    this.word = word;
  }

  /** Key type and scheme of metadata. */
  public String word() {
    return word;
  }

  /**
   * The kind of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static KeyType parse(String word) {
    for (KeyType type : values()) {
      if (type.word.equals(word)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "expected "
            + Arrays.stream(values()).map(KeyType::word).collect(Collectors.joining(" or "))
            + ", got \""
            + word.substring(0, Math.min(WORD_CHARS_SHOWN, word.length()))
            + "\"");
  }

  static KeyType of(TufKey key) {
    if (!key.type().equals(key.scheme())) {
      throw new IllegalArgumentException("key: expected one name as keytype and scheme, got two");
    }
    return parse(key.type());
  }

  /** A key that is kept nowhere, to see what would be signed with one that is. */
  public RoleSigner passing() {
    return generate();
  }

  SoftwareSigner generate() {
    return switch (this) {
      case ED25519 -> Ed25519RoleSigner.generate();
      case ML_DSA_65 -> MlDsaRoleSigner.generate();
    };
  }

  SoftwareSigner fromSecret(byte[] secret) throws GeneralSecurityException {
    return switch (this) {
      case ED25519 -> Ed25519RoleSigner.fromSecret(secret);
      case ML_DSA_65 -> MlDsaRoleSigner.fromSecret(secret);
    };
  }
}
