package dev.suture.trust;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.trust.TrustState.Marks;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What time it is for somebody who cannot trust a clock. Pure; the rule for people is in
 * docs/threat-model.md.
 */
public final class Freshness {
  /** So many lifetimes of a timestamp without a newer one are a freeze. */
  public static final int LIFETIMES_MAX = 2;

  /** The lifetime of a timestamp that does not say when it was issued. */
  private static final Duration LIFETIME_DEFAULT = Duration.ofDays(7);

  private Freshness() {}

  /**
   * The moment that expiry is judged by: the clock if it can be trusted, but never earlier than the
   * newest signed time; without a clock, the newest signed time.
   *
   * @param clock the time, if the clock can be trusted
   */
  public static Instant now(Optional<Instant> clock, Marks marks) {
    Instant signed = marks.signedTime().orElse(Instant.EPOCH);
    return clock.isPresent() && clock.get().isAfter(signed) ? clock.get() : signed;
  }

  /**
   * Says so when the metadata has stood still for too long while this device ran, whatever the
   * clock.
   *
   * @param quietMillis for how long the agent ran since the newest timestamp was issued
   * @throws RetryableException {@code METADATA_FROZEN}
   */
  public static void requireMoving(TimestampMetadata newest, long quietMillis)
      throws RetryableException {
    Duration lifetime =
        newest
            .issued()
            .map(issued -> Duration.between(issued, newest.signed().expires()))
            .orElse(LIFETIME_DEFAULT);
    long limitMillis = lifetime.multipliedBy(LIFETIMES_MAX).toMillis();
    if (quietMillis > limitMillis) {
      throw new RetryableException(
          FailureCode.METADATA_FROZEN,
          "timestamp "
              + newest.signed().version()
              + ": expected a newer one within "
              + Duration.ofMillis(limitMillis)
              + " of uptime, got none for "
              + Duration.ofMillis(quietMillis));
    }
  }
}
