package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.util.Optional;

/** Probes services on this device's loopback, each for at most five seconds. */
public final class LocalProbe implements HealthProbe {
  private static final int LIMIT_MILLIS = 5_000;

  private final HttpProbe http = new HttpProbe(LIMIT_MILLIS);
  private final MqttProbe mqtt = new MqttProbe(LIMIT_MILLIS);

  @Override
  public Optional<String> complaint(HealthCheck check) {
    Optional<String> refusal = refusal(check);
    if (refusal.isPresent()) {
      return refusal;
    }
    try {
      return got(check).map(got -> "health check " + check + ": got " + got);
    } catch (IOException e) {
      return Optional.of("health check " + check + ": got " + reason(e));
    }
  }

  @Override
  public Optional<String> refusal(HealthCheck check) {
    return check instanceof HealthCheck.Https
            || check instanceof HealthCheck.Http
            || check instanceof HealthCheck.Mqtt
        ? Optional.empty()
        : Optional.of("expected https, http or mqtt, got " + check);
  }

  /** What came instead of what was expected, if so. */
  private Optional<String> got(HealthCheck check) throws IOException {
    if (check instanceof HealthCheck.Https https) {
      return different(https.status(), http.status(true, https.port(), https.path()));
    }
    if (check instanceof HealthCheck.Http plain) {
      return different(plain.status(), http.status(false, plain.port(), plain.path()));
    }
    return check instanceof HealthCheck.Mqtt broker
        ? mqtt.complaint(broker.port())
        : Optional.empty();
  }

  private static Optional<String> different(int expected, int got) {
    return expected == got ? Optional.empty() : Optional.of(Integer.toString(got));
  }

  private static String reason(IOException e) {
    return Optional.ofNullable(e.getMessage()).orElseGet(e::toString);
  }
}
