package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.util.EnumMap;
import java.util.Map;

/** Who signs for which top-level role. */
public final class RootMetadata {
  private final SignedMetadata signed;
  private final boolean consistentSnapshot;
  private final Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if a role is missing or malformed
   */
  public RootMetadata(SignedMetadata signed) {
    Fields fields = signed.signed();
    this.signed = signed;
    this.consistentSnapshot =
        fields.has("consistent_snapshot") && fields.bool("consistent_snapshot");
    Map<String, TufKey> keys = RoleKeys.keysOf(fields);
    for (RoleType role : RoleType.values()) {
      roles.put(role, RoleKeys.decode(fields.object("roles").object(role.word()), keys));
    }
  }

  /** The file. */
  public SignedMetadata signed() {
    return signed;
  }

  /** Whether names of files carry versions and digests. */
  public boolean consistentSnapshot() {
    return consistentSnapshot;
  }

  /** Who signs for this role. */
  public RoleKeys keysOf(RoleType role) {
    RoleKeys keys = roles.get(role);
    if (keys == null) {
      throw new IllegalStateException("every role is there: " + role);
    }
    return keys;
  }
}
