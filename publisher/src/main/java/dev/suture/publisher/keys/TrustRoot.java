package dev.suture.publisher.keys;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.signature.Ed25519Parameters;
import com.google.crypto.tink.signature.Ed25519PublicKey;
import com.google.crypto.tink.signature.SignatureConfig2026;
import com.google.crypto.tink.util.Bytes;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.JsonText;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The public keys that a device is flashed with, and how many of them must have signed.
 *
 * @param keys at least one, distinct
 * @param threshold 1 to the number of keys
 */
public record TrustRoot(List<PublicKey> keys, int threshold) {
  /** Name of the file that goes into the device image. */
  public static final String FILE = "trust-root.json";

  private static final String SCHEME = "ed25519";
  private static final int KEY_BYTES = 32;
  private static final int KEYS_MAX = 16;
  private static final int BYTES_MAX = 64 << 10;

  /** Copies the list and checks the threshold. */
  public TrustRoot {
    keys = List.copyOf(keys);
    if (keys.stream().map(PublicKey::keyId).distinct().count() != keys.size()) {
      throw new IllegalArgumentException("keys: expected distinct keys");
    }
    if (threshold < 1 || threshold > keys.size()) {
      throw new IllegalArgumentException(
          "threshold: expected 1 to " + keys.size() + ", got " + threshold);
    }
  }

  /**
   * One Ed25519 key.
   *
   * @param raw its 32 bytes
   */
  public record PublicKey(Bytes raw) {
    /** Checks the length. */
    public PublicKey {
      if (raw.size() != KEY_BYTES) {
        throw new IllegalArgumentException(
            "public key: expected " + KEY_BYTES + " bytes, got " + raw.size());
      }
    }

    /** Digest of the raw bytes. */
    public Sha256 keyId() {
      return Sha256.of(raw.toByteArray());
    }

    private boolean signed(byte[] signature, byte[] signedBytes) {
      try {
        verifier().verify(signature, signedBytes);
        return true;
      } catch (GeneralSecurityException e) {
        return false;
      }
    }

    private PublicKeyVerify verifier() throws GeneralSecurityException {
      Ed25519PublicKey key =
          Ed25519PublicKey.create(Ed25519Parameters.Variant.NO_PREFIX, raw, null);
      return KeysetHandle.newBuilder()
          .addEntry(KeysetHandle.importKey(key).withRandomId().makePrimary())
          .build()
          .getPrimitive(SignatureConfig2026.get(), PublicKeyVerify.class);
    }
  }

  /** Whether at least {@link #threshold} of the keys have signed exactly these bytes. */
  public boolean accepts(Envelope envelope) {
    Set<Sha256> signers = new HashSet<>();
    for (Envelope.Signature signature : envelope.signatures()) {
      for (PublicKey key : keys) {
        if (key.keyId().equals(signature.keyId())
            && key.signed(signature.bytes(), envelope.signedBytes())) {
          signers.add(key.keyId());
        }
      }
    }
    return signers.size() >= threshold;
  }

  /** The file's content; the same trust root gives the same bytes. */
  public byte[] encode() {
    return JsonText.indented(
        json -> {
          json.name("keys").beginArray();
          for (PublicKey key : keys) {
            json.beginObject();
            json.name("keyid").value(key.keyId().hex());
            json.name("scheme").value(SCHEME);
            json.name("public").value(HexFormat.of().formatHex(key.raw().toByteArray()));
            json.endObject();
          }
          json.endArray();
          json.name("threshold").value(threshold);
        });
  }

  /**
   * Reads a trust root.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE} or {@code KEYS_MALFORMED}
   */
  public static TrustRoot load(Path file) throws PublisherException {
    return decode(InputFiles.read("the trust root", file, BYTES_MAX), file.toString());
  }

  /** What is in such a file; {@code where} is its name, for messages. */
  static TrustRoot decode(byte[] content, String where) throws PublisherException {
    try {
      Fields root = StrictJson.parse("trust root", content, BYTES_MAX);
      root.onlyThese("keys", "threshold");
      List<PublicKey> keys = new ArrayList<>();
      for (Fields key : root.objects("keys", KEYS_MAX)) {
        keys.add(key(key));
      }
      return new TrustRoot(keys, root.smallInteger("threshold", 1, KEYS_MAX));
    } catch (IllegalArgumentException e) {
      throw new PublisherException(
          Problem.KEYS_MALFORMED,
          new Details(
              "read the trust root",
              "the file that \"suture-publish init\" made",
              String.valueOf(e.getMessage()),
              where,
              "run \"suture-publish init\" again with the same --keys after removing this file"),
          e);
    }
  }

  private static PublicKey key(Fields fields) {
    fields.onlyThese("keyid", "scheme", "public");
    String scheme = fields.text("scheme");
    if (!scheme.equals(SCHEME)) {
      throw new IllegalArgumentException(
          fields.path() + ".scheme: expected " + SCHEME + ", got \"" + scheme + "\"");
    }
    // A key is as long as a digest and written like one: lower-case, or devices refuse it.
    byte[] raw = fields.parsed("public", Sha256::ofHex).toBytes();
    PublicKey key = new PublicKey(Bytes.copyFrom(raw));
    Sha256 keyId = fields.parsed("keyid", Sha256::ofHex);
    if (!key.keyId().equals(keyId)) {
      throw new IllegalArgumentException(
          fields.path() + ".keyid: expected " + key.keyId().hex() + ", got " + keyId.hex());
    }
    return key;
  }
}
