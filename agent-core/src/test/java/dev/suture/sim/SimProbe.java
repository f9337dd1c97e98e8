package dev.suture.sim;

import dev.suture.health.HealthProbe;
import dev.suture.protocol.manifest.HealthCheck;
import java.util.Optional;

/** Services work unless an image is mounted that they do not work with, or a test says so. */
public final class SimProbe implements HealthProbe {
  private final SimSlotDevice device;
  private Optional<String> complaint = Optional.empty();

  SimProbe(SimSlotDevice device) {
    this.device = device;
  }

  /** Every check fails, with this reason; or none because of it. */
  public void complain(Optional<String> reason) {
    complaint = reason;
  }

  @Override
  public Optional<String> complaint(HealthCheck check) {
    return device.isMarked(SimPublisher.SICK)
        ? Optional.of("health check " + check + ": got 500")
        : complaint;
  }
}
