package dev.suture.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.fuzz.Bytes;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.trust.TrustState.Marks;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshnessTest {
  @ParameterizedTest
  @CsvSource({
    // clock, newest signed time, now
    ",,                                          1970-01-01T00:00:00Z",
    ", 2026-11-21T00:00:00Z,                     2026-11-21T00:00:00Z",
    "2026-11-20T00:00:00Z,,                      2026-11-20T00:00:00Z",
    "2026-11-20T00:00:00Z, 2026-11-21T00:00:00Z, 2026-11-21T00:00:00Z",
    "2026-11-21T00:00:00Z, 2026-11-21T00:00:00Z, 2026-11-21T00:00:00Z",
    "2026-11-22T00:00:00Z, 2026-11-21T00:00:00Z, 2026-11-22T00:00:00Z",
    "1960-01-01T00:00:00Z,,                      1970-01-01T00:00:00Z",
  })
  void now_isTheLaterOfClockAndSignedTime(
      @Nullable Instant clock, @Nullable Instant signed, Instant now) {
    Marks marks = signed == null ? Marks.NONE : Marks.NONE.seen(signed);
    assertThat(Freshness.now(Optional.ofNullable(clock), marks)).isEqualTo(now);
  }

  private static TimestampMetadata timestamp(@Nullable String issued) {
    byte[] json =
        Bytes.of(
            "{\"signatures\":[],\"signed\":{\"_type\":\"timestamp\",\"spec_version\":\"1.0.31\","
                + "\"version\":7,\"expires\":\"2026-11-21T00:00:00Z\","
                + (issued == null ? "" : "\"issued\":\"" + issued + "\",")
                + "\"meta\":{\"snapshot.json\":{\"version\":3}}}}");
    return new TimestampMetadata(
        SignedMetadata.decode(RoleType.TIMESTAMP, "timestamp", json, json.length));
  }

  @ParameterizedTest
  @CsvSource({
    // issued, uptime at which it is not yet a freeze
    "2026-11-20T00:00:00Z, PT48H",
    "2026-11-14T00:00:00Z, P14D",
    "2026-11-20T23:59:59Z, PT2S",
    "2026-11-21T00:00:00Z, PT0S",
    ",                     P14D",
  })
  void requireMoving_twoLifetimesOfUptime_isTheLimit(@Nullable String issued, Duration limit) {
    TimestampMetadata newest = timestamp(issued);
    assertThatCode(() -> Freshness.requireMoving(newest, 0)).doesNotThrowAnyException();
    assertThatCode(() -> Freshness.requireMoving(newest, limit.toMillis()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Freshness.requireMoving(newest, limit.toMillis() + 1))
        .isInstanceOfSatisfying(
            RetryableException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.METADATA_FROZEN);
              assertThat(e.explanation()).contains("timestamp 7", limit.toString());
            });
  }
}
