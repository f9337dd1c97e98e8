package dev.suture.agent;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.Manifest;
import java.util.Optional;

/** Whether this device can run the health checks of a patch. */
final class PatchChecks {
  private PatchChecks() {}

  /** Why a patch could not be judged here, if so: {@code HEALTH_CHECK_UNSUPPORTED}. */
  static Optional<RejectedException> refusal(AgentParts parts, Manifest manifest) {
    for (HealthCheck check : manifest.health().checks()) {
      Optional<String> refusal =
          check instanceof HealthCheck.Command command
              ? parts.checks().refusal(command)
              : parts.probe().refusal(check);
      if (refusal.isPresent()) {
        return Optional.of(
            new RejectedException(
                FailureCode.HEALTH_CHECK_UNSUPPORTED,
                "health check " + check + ": " + refusal.get()));
      }
    }
    return Optional.empty();
  }

  /**
   * Refuses such a patch.
   *
   * @throws RejectedException {@code HEALTH_CHECK_UNSUPPORTED}
   */
  static void require(AgentParts parts, Manifest manifest) throws RejectedException {
    Optional<RejectedException> refusal = refusal(parts, manifest);
    if (refusal.isPresent()) {
      throw refusal.get();
    }
  }
}
