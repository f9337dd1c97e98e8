package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A role that somebody else signs for, and for which targets.
 *
 * @param name of the role
 * @param keys who signs for it
 * @param terminating whether nobody behind it is asked for the targets that it is responsible for
 * @param paths patterns of the targets' paths, see {@link PathPattern}
 * @param pathHashPrefixes beginnings of the SHA-256 of the targets' paths, in hexadecimal
 */
public record DelegatedRole(
    String name,
    RoleKeys keys,
    boolean terminating,
    List<PathPattern> paths,
    List<String> pathHashPrefixes) {
  private static final int PATHS_MAX = 20_000;

  static DelegatedRole decode(Fields fields, Map<String, TufKey> keys) {
    boolean hasPaths = fields.has("paths");
    if (hasPaths == fields.has("path_hash_prefixes")) {
      throw new IllegalArgumentException(
          fields.path() + ": expected either paths or path_hash_prefixes");
    }
    return new DelegatedRole(
        fields.text("name"),
        RoleKeys.decode(fields, keys),
        fields.bool("terminating"),
        hasPaths
            ? fields.texts("paths", PATHS_MAX).stream()
                .map(PathPattern::new)
                .collect(Collectors.toList())
            : Collections.emptyList(),
        hasPaths ? Collections.emptyList() : fields.texts("path_hash_prefixes", PATHS_MAX));
  }

  /** Whether it is responsible for this target. */
  public boolean isFor(String targetPath) {
    if (!paths.isEmpty()) {
      return paths.stream().anyMatch(pattern -> pattern.matches(targetPath));
    }
    String digest = Hashes.sha256(targetPath.getBytes(StandardCharsets.UTF_8));
    return pathHashPrefixes.stream().anyMatch(digest::startsWith);
  }
}
