package dev.suture.publisher.workspace;

import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.keys.role.KeyType;
import java.util.List;

/** Which keys each role has by default. */
final class RoleRecipe {
  private RoleRecipe() {}

  /**
   * Offline roles are hybrid: whoever forges must break both kinds, so the threshold is their
   * number. Online ones have one small key: what they sign is fetched every day by every device.
   */
  static List<KeyType> keys(RoleType role) {
    return switch (role) {
      case ROOT, TARGETS -> List.of(KeyType.ED25519, KeyType.ML_DSA_65);
      case SNAPSHOT, TIMESTAMP -> List.of(KeyType.ED25519);
    };
  }
}
