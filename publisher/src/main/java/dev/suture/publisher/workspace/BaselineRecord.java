package dev.suture.publisher.workspace;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One OS release as flashed on one device model.
 *
 * @param model the device model
 * @param baseline the OS release
 * @param bases digest of every component's base image, at least one
 */
public record BaselineRecord(String model, Baseline baseline, Map<ComponentName, Sha256> bases) {
  /** Copies the map. */
  public BaselineRecord {
    bases = Collections.unmodifiableMap(new TreeMap<>(bases));
    if (bases.isEmpty()) {
      throw new IllegalArgumentException("components: expected at least one, got none");
    }
  }
}
