package dev.suture.publisher.keys.role;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.util.SecretBytes;
import dev.suture.protocol.json.Fields;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * How a passphrase protects a private key: Argon2id (RFC 9106, version 1.3) makes a key of it, with
 * which AES-256-GCM encrypts. The parameters are in the file, bounded when they are read.
 *
 * @param memoryKib how much memory it takes, up to {@link #MEMORY_KIB_MAX}
 * @param passes over that memory, up to {@link #PASSES_MAX}
 * @param lanes up to {@link #LANES_MAX}
 * @param saltHex 16 bytes in lower-case hexadecimal
 */
record PassphraseSeal(int memoryKib, int passes, int lanes, String saltHex) {
  static final String KDF = "argon2id";
  static final int MEMORY_KIB_MAX = 256 << 10;
  static final int PASSES_MAX = 16;
  static final int LANES_MAX = 16;

  /** RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes. */
  private static final int MEMORY_KIB = 64 << 10;

  private static final int PASSES = 3;
  private static final int LANES = 4;

  private static final String CIPHER = "aes-256-gcm";
  private static final int MEMORY_KIB_PER_LANE_MIN = 8;
  private static final int SALT_BYTES = 16;
  private static final int KEY_BYTES = 32;
  private static final int IV_BYTES = 12;
  private static final int TAG_BYTES = 16;

  PassphraseSeal {
    require("memory_kib", memoryKib, MEMORY_KIB_PER_LANE_MIN * lanes, MEMORY_KIB_MAX);
    require("passes", passes, 1, PASSES_MAX);
    require("lanes", lanes, 1, LANES_MAX);
    if (!saltHex.matches("[0-9a-f]{" + 2 * SALT_BYTES + "}")) {
      throw new IllegalArgumentException(
          "salt: expected " + 2 * SALT_BYTES + " lower-case hexadecimal digits");
    }
  }

  private static void require(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": expected " + min + " to " + max + ", got " + value);
    }
  }

  /** With a new salt. */
  static PassphraseSeal fresh() {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return new PassphraseSeal(MEMORY_KIB, PASSES, LANES, HexFormat.of().formatHex(salt));
  }

  static PassphraseSeal decode(Fields fields) {
    fields.onlyThese("kdf", "version", "memory_kib", "passes", "lanes", "salt", "cipher");
    if (!fields.text("cipher").equals(CIPHER)) {
      throw new IllegalArgumentException(fields.path() + ".cipher: expected " + CIPHER);
    }
    fields.integer(
        "version", Argon2Parameters.ARGON2_VERSION_13, Argon2Parameters.ARGON2_VERSION_13);
    return new PassphraseSeal(
        fields.smallInteger("memory_kib", 0, MEMORY_KIB_MAX),
        fields.smallInteger("passes", 0, PASSES_MAX),
        fields.smallInteger("lanes", 0, LANES_MAX),
        fields.text("salt"));
  }

  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("kdf", KDF);
    members.put("version", Argon2Parameters.ARGON2_VERSION_13);
    members.put("memory_kib", memoryKib);
    members.put("passes", passes);
    members.put("lanes", lanes);
    members.put("salt", saltHex);
    members.put("cipher", CIPHER);
    return members;
  }

  byte[] seal(Passphrase passphrase, byte[] secret, byte[] associated) {
    try {
      return cipher(passphrase).encrypt(secret, associated);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM encrypts any bytes", e);
    }
  }

  /**
   * What was sealed.
   *
   * @throws GeneralSecurityException if the passphrase or the associated bytes are others
   */
  byte[] open(Passphrase passphrase, byte[] sealed, byte[] associated)
      throws GeneralSecurityException {
    return cipher(passphrase).decrypt(sealed, associated);
  }

  private Aead cipher(Passphrase passphrase) throws GeneralSecurityException {
    Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
    argon2.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(HexFormat.of().parseHex(saltHex))
            .build());
    byte[] key = new byte[KEY_BYTES];
    argon2.generateBytes(passphrase.utf8(), key);
    try {
      return AesGcmJce.create(
          AesGcmKey.builder()
              .setParameters(
                  AesGcmParameters.builder()
                      .setKeySizeBytes(KEY_BYTES)
                      .setIvSizeBytes(IV_BYTES)
                      .setTagSizeBytes(TAG_BYTES)
                      .setVariant(AesGcmParameters.Variant.NO_PREFIX)
                      .build())
              .setKeyBytes(SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()))
              .build());
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }
}
