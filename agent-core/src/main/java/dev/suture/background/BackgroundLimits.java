package dev.suture.background;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * When work in the background gives way, and how fast it is at most. What is absent has no limit.
 *
 * @param bytesPerSecond of images that are rebuilt or read back
 * @param pressurePercent how much of the time others may wait for a resource, 0 to 99
 * @param pressureMillisMax how long after pressure first held work up it does so at most
 * @param batteryPercent what must be left in a battery that is being used up
 * @param celsius the highest temperature
 */
public record BackgroundLimits(
    Optional<Long> bytesPerSecond,
    Map<Resource, Integer> pressurePercent,
    long pressureMillisMax,
    Optional<Integer> batteryPercent,
    Optional<Integer> celsius) {
  /** No limits. */
  public static final BackgroundLimits NONE =
      new BackgroundLimits(
          Optional.empty(), Collections.emptyMap(), 0, Optional.empty(), Optional.empty());

  /** Copies the map. */
  public BackgroundLimits {
    Map<Resource, Integer> copy = new EnumMap<>(Resource.class);
    copy.putAll(pressurePercent);
    pressurePercent = Collections.unmodifiableMap(copy);
  }
}
