package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Digests of one file, by algorithm.
 *
 * @param hex lower-case hexadecimal, by TUF's name of the algorithm, in the order of the metadata;
 *     algorithms other than {@code sha256} and {@code sha512} are not here
 */
public record Hashes(Map<String, String> hex) {
  /** No digest at all. */
  public static final Hashes NONE = new Hashes(Collections.emptyMap());

  private static final int ALGORITHMS_MAX = 16;
  private static final String SHA_256 = "sha256";
  private static final String SHA_512 = "sha512";

  /** Copies the map. */
  public Hashes {
    hex = Collections.unmodifiableMap(new LinkedHashMap<>(hex));
  }

  /**
   * The member {@code hashes}.
   *
   * @throws IllegalArgumentException if there is none that is known
   */
  static Hashes decode(Fields fields) {
    Map<String, String> known = new LinkedHashMap<>();
    Map<String, String> all = fields.textsByName("hashes", ALGORITHMS_MAX);
    all.forEach(
        (name, value) -> {
          if (name.equals(SHA_256) || name.equals(SHA_512)) {
            known.put(name, value.toLowerCase(Locale.ROOT));
          }
        });
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          fields.path() + ".hashes: expected sha256 or sha512, got " + all.keySet());
    }
    return new Hashes(known);
  }

  /** SHA-256 of these bytes. */
  public static Hashes of(byte[] bytes) {
    return new Hashes(Collections.singletonMap(SHA_256, sha256(bytes)));
  }

  /** What is wrong with these bytes: the first digest that is another one. */
  public Optional<String> complaint(byte[] bytes) {
    Check check = new Check();
    check.update(bytes, 0, bytes.length);
    return check.complaint();
  }

  /** Begins to check bytes that come piece by piece. */
  public Check check() {
    return new Check();
  }

  /** All digests of one file, piece by piece. */
  public final class Check {
    private final Map<String, MessageDigest> digests = new LinkedHashMap<>();

    private Check() {
      hex.keySet().forEach(algorithm -> digests.put(algorithm, algorithm(algorithm)));
    }

    /** Takes the next bytes. */
    public void update(byte[] bytes, int offset, int length) {
      digests.values().forEach(digest -> digest.update(bytes, offset, length));
    }

    /** What is wrong with all of them: the first digest that is another one. Once, at the end. */
    public Optional<String> complaint() {
      for (Map.Entry<String, MessageDigest> digest : digests.entrySet()) {
        String got = text(digest.getValue().digest());
        String expected = hex.get(digest.getKey());
        if (!got.equals(expected)) {
          return Optional.of(digest.getKey() + ": expected " + expected + ", got " + got);
        }
      }
      return Optional.empty();
    }
  }

  /** SHA-256 of these bytes in lower-case hexadecimal. */
  static String sha256(byte[] bytes) {
    return text(algorithm(SHA_256).digest(bytes));
  }

  private static MessageDigest algorithm(String name) {
    try {
      return MessageDigest.getInstance(name.equals(SHA_256) ? "SHA-256" : "SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-2", e);
    }
  }

  private static String text(byte[] digest) {
    StringBuilder text = new StringBuilder();
    for (byte one : digest) {
      text.append(String.format(Locale.ROOT, "%02x", one));
    }
    return text.toString();
  }
}
