package dev.suture.protocol.tuf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file that is to be delivered, and what its publisher says about it.
 *
 * @param file length and digests
 * @param custom the members of {@code custom}, values as {@link
 *     dev.suture.protocol.json.JsonTree#of} takes them; empty for none
 */
public record TargetEntry(TargetFile file, Map<String, Object> custom) {
  /** Copies the map. */
  public TargetEntry {
    custom = Collections.unmodifiableMap(new LinkedHashMap<>(custom));
  }

  /** Without anything custom. */
  public TargetEntry(TargetFile file) {
    this(file, Collections.emptyMap());
  }
}
