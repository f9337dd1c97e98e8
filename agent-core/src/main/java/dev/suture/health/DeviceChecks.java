package dev.suture.health;

import dev.suture.protocol.Level;
import java.util.List;

/**
 * What the device's maker or owner checks on it beyond what a patch asks for. They are the device's
 * own, so they hold for every patch.
 */
@FunctionalInterface
public interface DeviceChecks {
  /**
   * Runs each once, the required ones first, each within a time limit; behind a required one that
   * has failed none is run. Whatever is wrong with a check is its result, never an exception.
   *
   * @param level what runs
   * @return what came of each that was run; empty if there are none
   */
  List<CheckResult> run(Level level);
}
