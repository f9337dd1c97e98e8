package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import java.util.Optional;

/** Asks one question of the running device. */
@FunctionalInterface
public interface HealthProbe {
  /** Why this device can never answer, if so; asked before a patch is downloaded. */
  default Optional<String> refusal(HealthCheck check) {
    return Optional.empty();
  }

  /**
   * Runs a check, within a named time limit.
   *
   * @return nothing if it passed, or else what was expected and what came
   */
  Optional<String> complaint(HealthCheck check);
}
