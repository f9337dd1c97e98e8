package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who signs for a role.
 *
 * @param keys by id; an id whose key is not given signs nothing and is not here
 * @param threshold how many different keys must have signed, from 1
 */
public record RoleKeys(Map<String, TufKey> keys, int threshold) {
  /** Most keys in one file. */
  static final int KEYS_MAX = 256;

  /** Copies the map. */
  public RoleKeys {
    keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
  }

  /** All keys of a file, by id. */
  static Map<String, TufKey> keysOf(Fields fields) {
    Map<String, TufKey> keys = new HashMap<>();
    fields.objectsByName("keys", KEYS_MAX).forEach((id, key) -> keys.put(id, TufKey.decode(key)));
    return keys;
  }

  static RoleKeys decode(Fields role, Map<String, TufKey> all) {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (String id : role.texts("keyids", KEYS_MAX)) {
      TufKey key = all.get(id);
      if (key != null) {
        keys.put(id, key);
      }
    }
    return new RoleKeys(keys, role.smallInteger("threshold", 1, Integer.MAX_VALUE));
  }

  /** Whether a key of these is not among the others any more. */
  public boolean isRevokedBy(RoleKeys next) {
    return !next.keys.values().containsAll(keys.values());
  }
}
