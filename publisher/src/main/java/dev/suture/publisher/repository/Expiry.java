package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.RoleType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * How long each role's metadata holds, in days.
 *
 * @param root what to trust
 * @param targets what is published; delegated roles have their owners' own
 * @param snapshot which versions belong together
 * @param timestamp how long a mirror can keep news back unnoticed
 */
public record Expiry(int root, int targets, int snapshot, int timestamp) {
  /** What is used if nothing else is said. */
  public static final Expiry DEFAULT = new Expiry(365, 365, 30, 7);

  /** Longest that may be said. */
  public static final int DAYS_MAX = 3_650;

  /** Checks the days. */
  public Expiry {
    for (int days : new int[] {root, targets, snapshot, timestamp}) {
      if (days < 1 || days > DAYS_MAX) {
        throw new IllegalArgumentException(
            "expiry: expected 1 to " + DAYS_MAX + " days, got " + days);
      }
    }
  }

  /** For how many days a role's metadata holds. */
  public int days(RoleType role) {
    return switch (role) {
      case ROOT -> root;
      case TARGETS -> targets;
      case SNAPSHOT -> snapshot;
      case TIMESTAMP -> timestamp;
    };
  }

  /** The same but for one role. */
  public Expiry with(RoleType role, int days) {
    return new Expiry(
        role == RoleType.ROOT ? days : root,
        role == RoleType.TARGETS ? days : targets,
        role == RoleType.SNAPSHOT ? days : snapshot,
        role == RoleType.TIMESTAMP ? days : timestamp);
  }

  /** When what is signed now holds no more. */
  Instant of(RoleType role, Instant now) {
    return now.plus(days(role), ChronoUnit.DAYS);
  }
}
