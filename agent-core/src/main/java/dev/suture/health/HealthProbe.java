package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import java.util.Optional;

/** Asks one question of the running device. */
@FunctionalInterface
public interface HealthProbe {
  /**
   * Runs a check, within a named time limit.
   *
   * @return nothing if it passed, or else what was expected and what came
   */
  Optional<String> complaint(HealthCheck check);
}
