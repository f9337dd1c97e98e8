package dev.suture.background;

import java.util.Optional;

/**
 * How the device is. What it cannot say is empty, and then holds nothing up: a device without a
 * battery is patched as well.
 */
public interface Sensors {
  /** How long programs waited for a resource; empty if nobody counts that. */
  Optional<Stall> stall(Resource resource);

  /** What is left in the battery, 0 to 100, while it is being used up; empty on mains. */
  Optional<Integer> batteryPercent();

  /** The temperature of the hottest part, in degrees Celsius. */
  Optional<Integer> celsius();

  /** Who wants to be left alone, if somebody does: one clause for people. */
  Optional<String> inhibitor();
}
