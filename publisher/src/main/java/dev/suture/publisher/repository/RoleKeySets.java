package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import java.util.List;
import java.util.Optional;

/**
 * Whose signatures an edition needs: the current root's, and during a rotation those of the next
 * one as well. So what is published holds under the old root and under the new one, and it does not
 * matter when the new one appears.
 */
record RoleKeySets(RootMetadata root, Optional<Change.Keys> change) {
  /** Sets of keys, of each of which enough must sign. */
  List<RoleKeys> of(RoleType role) {
    RoleKeys current = root.keysOf(role);
    RoleKeys next = next(role);
    return next.equals(current) ? List.of(current) : List.of(current, next);
  }

  /** The keys in the next root. */
  RoleKeys next(RoleType role) {
    return change
        .filter(keys -> keys.role() == role)
        .map(Change.Keys::next)
        .orElse(root.keysOf(role));
  }
}
