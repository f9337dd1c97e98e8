package dev.suture.protocol.tuf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which versions of the targets metadata belong together. */
public final class SnapshotMetadata {
  private static final String ENDING = ".json";
  private static final int ROLES_MAX = 20_000;

  private final SignedMetadata signed;
  private final Map<String, MetaFile> roles;

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if an entry is malformed
   */
  public SnapshotMetadata(SignedMetadata signed) {
    this.signed = signed;
    Map<String, MetaFile> all = new LinkedHashMap<>();
    signed
        .signed()
        .objectsByName("meta", ROLES_MAX)
        .forEach(
            (name, file) -> {
              if (!name.endsWith(ENDING)) {
                throw new IllegalArgumentException(
                    file.path() + ": expected a name that ends in " + ENDING);
              }
              all.put(name.substring(0, name.length() - ENDING.length()), MetaFile.decode(file));
            });
    this.roles = Collections.unmodifiableMap(all);
  }

  /** The file. */
  public SignedMetadata signed() {
    return signed;
  }

  /** The targets roles, by name. */
  public Map<String, MetaFile> roles() {
    return roles;
  }

  /** A targets role's file. */
  public Optional<MetaFile> role(String name) {
    return Optional.ofNullable(roles.get(name));
  }
}
