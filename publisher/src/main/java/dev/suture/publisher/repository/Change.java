package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a publication changes, besides timestamp and snapshot.
 *
 * @param targets what the targets role says, if it is signed again
 * @param role what a delegated role's owner signed, if it is another file
 * @param keys which keys a top-level role gets, if there is a new root
 */
record Change(Optional<Targets> targets, Optional<Role> role, Optional<Keys> keys) {
  /** Nothing else. */
  static final Change NONE = new Change(Optional.empty(), Optional.empty(), Optional.empty());

  /** All that the targets role says. */
  record Targets(Map<String, TargetEntry> entries, List<DelegatedRole> delegations) {}

  /** A file of a delegated role. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Role(DelegatedRole role, byte[] metadata) {}

  /** The next keys of a top-level role. */
  record Keys(RoleType role, RoleKeys next) {}

  Change withTargets(Map<String, TargetEntry> entries, List<DelegatedRole> delegations) {
    return new Change(Optional.of(new Targets(entries, delegations)), role, keys);
  }

  Change withRole(DelegatedRole which, byte[] metadata) {
    return new Change(targets, Optional.of(new Role(which, metadata)), keys);
  }

  Change withKeys(RoleType which, RoleKeys next) {
    return new Change(targets, role, Optional.of(new Keys(which, next)));
  }
}
