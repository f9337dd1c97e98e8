package dev.suture.publisher.repository;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

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
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }
}
