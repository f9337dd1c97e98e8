package dev.suture.health;

import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.HealthCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the device's maker or owner checks on it beyond what a patch asks for. They are the device's
 * own, so they hold for every patch.
 */
public interface DeviceChecks {
  /** Why there is nothing that a patch could ask for. */
  String NO_CHECKS = "expected checks in this device's configuration, got none";

  /** Checks of a device that has none of its own. */
  DeviceChecks NONE =
      new DeviceChecks() {
        @Override
        public Optional<String> refusal(HealthCheck.Command asked) {
          return Optional.of(NO_CHECKS);
        }

        @Override
        public List<CheckResult> run(Level level, List<HealthCheck.Command> asked) {
          List<CheckResult> results = new ArrayList<>();
          for (HealthCheck.Command one : asked) {
            results.add(
                new CheckResult("asked.d/" + one.name(), true, CheckResult.Kind.FAILED, NO_CHECKS));
          }
          return results;
        }
      };

  /** Why a check that a patch asks for cannot be run here, if so. */
  Optional<String> refusal(HealthCheck.Command asked);

  /**
   * Runs each once, the required ones first, each within a time limit; behind a required one that
   * has failed none is run. Whatever is wrong with a check is its result, never an exception.
   *
   * @param level what runs
   * @param asked what its patch asks for; required
   * @return what came of each that was run; empty if there are none
   */
  List<CheckResult> run(Level level, List<HealthCheck.Command> asked);
}
