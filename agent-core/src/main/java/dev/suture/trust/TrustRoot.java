package dev.suture.trust;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;

/**
 * The keys that this device believes, and how many of them must have signed. Shipped in the
 * read-only OS image.
 */
public final class TrustRoot {
  private static final int BYTES_MAX = 64 << 10;
  private static final int KEYS_MAX = 16;

  private final Map<Sha256, Ed25519PublicKeyParameters> keys;
  private final int threshold;

  private TrustRoot(Map<Sha256, Ed25519PublicKeyParameters> keys, int threshold) {
    this.keys = Collections.unmodifiableMap(keys);
    this.threshold = threshold;
  }

  /**
   * Reads {@code trust-root.json}. An unknown key name, a key whose id is not its digest, or a
   * threshold that cannot be reached is refused: better no agent than one that believes the wrong
   * keys.
   *
   * @throws DeviceException {@code TRUST_ROOT_MISSING}
   */
  public static TrustRoot decode(byte[] bytes) throws DeviceException {
    try {
      Fields root = StrictJson.parse("trust root", bytes, BYTES_MAX).onlyThese("keys", "threshold");
      Map<Sha256, Ed25519PublicKeyParameters> keys = new LinkedHashMap<>();
      for (Fields key : root.objects("keys", KEYS_MAX)) {
        key.onlyThese("keyid", "scheme", "public");
        if (!key.text("scheme").equals("ed25519")) {
          throw new IllegalArgumentException(
              key.path() + ".scheme: expected ed25519, got \"" + key.text("scheme") + "\"");
        }
        byte[] publicKey = key.parsed("public", Sha256::ofHex).toBytes();
        Sha256 id = key.parsed("keyid", Sha256::ofHex);
        if (!id.equals(Sha256.of(publicKey))) {
          throw new IllegalArgumentException(
              key.path() + ".keyid: expected the SHA-256 of the public key, got " + id);
        }
        keys.put(id, new Ed25519PublicKeyParameters(publicKey, 0));
      }
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("trust root.keys: expected at least one, got none");
      }
      return new TrustRoot(keys, root.smallInteger("threshold", 1, keys.size()));
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.TRUST_ROOT_MISSING, String.valueOf(e.getMessage()), e);
    }
  }

  Map<Sha256, Ed25519PublicKeyParameters> keys() {
    return keys;
  }

  int threshold() {
    return threshold;
  }
}
