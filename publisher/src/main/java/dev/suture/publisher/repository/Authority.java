package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.publisher.PublisherException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * In whose name a repository changes.
 *
 * @param trustedRoot a root that devices were flashed with; the repository must follow from it. Not
 *     copied
 * @param signing with which keys
 * @param expiry for how long
 * @param clock says when something is signed
 */
public record Authority(byte[] trustedRoot, RoleSigning signing, Expiry expiry, Clock clock) {
  /**
   * Finds out whether enough keys are at hand to sign these roles, snapshot and timestamp.
   *
   * @param offline the roles that are signed besides
   * @throws PublisherException as {@link RoleSigning#rehearse}
   */
  public void rehearse(Published published, RoleType... offline) throws PublisherException {
    rehearse(published.root(), offline);
  }

  /** As above, with the keys in this root. */
  void rehearse(RootMetadata root, RoleType... offline) throws PublisherException {
    Map<RoleType, RoleKeys> roles = new LinkedHashMap<>();
    for (RoleType role : offline) {
      roles.put(role, root.keysOf(role));
    }
    roles.put(RoleType.SNAPSHOT, root.keysOf(RoleType.SNAPSHOT));
    roles.put(RoleType.TIMESTAMP, root.keysOf(RoleType.TIMESTAMP));
    signing.rehearse(roles);
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }
}
