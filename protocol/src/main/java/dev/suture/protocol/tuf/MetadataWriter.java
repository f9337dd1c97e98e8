package dev.suture.protocol.tuf;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Makes what is signed of each role's metadata (specification, section 4). Every method throws
 * {@link IllegalArgumentException} for what the role's reader would not read.
 */
public final class MetadataWriter {
  /** The version of the specification that is written. */
  public static final String SPEC_VERSION = "1.0.31";

  private static final Set<String> OWN_NAMES =
      Collections.unmodifiableSet(
          new HashSet<>(
              Arrays.asList(
                  "_type",
                  "spec_version",
                  "version",
                  "expires",
                  "consistent_snapshot",
                  "keys",
                  "roles",
                  "meta",
                  "targets",
                  "delegations")));

  private MetadataWriter() {}

  /**
   * What every role's metadata begins with.
   *
   * @param version from 1 to {@link SignedMetadata#VERSION_MAX}
   * @param expires in whole seconds; the first moment at which it does not hold any more
   * @param extra more members of {@code signed}, such as {@code issued}; values as {@link
   *     dev.suture.protocol.json.JsonTree#of} takes them, or {@link Instant} in whole seconds
   */
  public record Header(long version, Instant expires, Map<String, Object> extra) {
    /** Copies the map. */
    public Header {
      extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
      for (String name : extra.keySet()) {
        if (OWN_NAMES.contains(name)) {
          throw new IllegalArgumentException(
              "extra: expected names that the specification does not have, got " + name);
        }
      }
    }

    /** Without more members. */
    public Header(long version, Instant expires) {
      this(version, expires, Collections.emptyMap());
    }

    private Map<String, Object> members(RoleType type) {
      Map<String, Object> members = new LinkedHashMap<>();
      extra.forEach(
          (name, value) -> members.put(name, value instanceof Instant at ? time(at) : value));
      members.put("_type", type.word());
      members.put("spec_version", SPEC_VERSION);
      members.put("version", version);
      members.put("expires", time(expires));
      return members;
    }

    private static String time(Instant at) {
      if (!at.equals(at.truncatedTo(ChronoUnit.SECONDS))) {
        throw new IllegalArgumentException("time: expected whole seconds, got " + at);
      }
      return at.toString();
    }
  }

  /**
   * A root.
   *
   * @param roles who signs for each of the four top-level roles
   */
  public static DraftMetadata root(
      Header header, boolean consistentSnapshot, Map<RoleType, RoleKeys> roles) {
    Map<String, Object> byName = new LinkedHashMap<>();
    roles.forEach((type, keys) -> byName.put(type.word(), role(keys)));
    Map<String, Object> members = header.members(RoleType.ROOT);
    members.put("consistent_snapshot", consistentSnapshot);
    members.put("keys", keys(roles.values()));
    members.put("roles", byName);
    return DraftMetadata.of(RoleType.ROOT, members);
  }

  /** A timestamp of this snapshot. */
  public static DraftMetadata timestamp(Header header, MetaFile snapshot) {
    Map<String, Object> members = header.members(RoleType.TIMESTAMP);
    members.put("meta", Collections.singletonMap("snapshot.json", metaFile(snapshot)));
    return DraftMetadata.of(RoleType.TIMESTAMP, members);
  }

  /**
   * A snapshot.
   *
   * @param roles the targets roles by name, without {@code .json}
   */
  public static DraftMetadata snapshot(Header header, Map<String, MetaFile> roles) {
    Map<String, Object> meta = new LinkedHashMap<>();
    roles.forEach((name, file) -> meta.put(name + ".json", metaFile(file)));
    Map<String, Object> members = header.members(RoleType.SNAPSHOT);
    members.put("meta", meta);
    return DraftMetadata.of(RoleType.SNAPSHOT, members);
  }

  /**
   * The top-level targets, or those of a delegated role.
   *
   * @param targets by path
   * @param delegations in the order in which they are asked; empty for none
   */
  public static DraftMetadata targets(
      Header header, Map<String, TargetEntry> targets, List<DelegatedRole> delegations) {
    Map<String, Object> files = new LinkedHashMap<>();
    targets.forEach((path, entry) -> files.put(path, target(entry)));
    Map<String, Object> members = header.members(RoleType.TARGETS);
    members.put("targets", files);
    if (!delegations.isEmpty()) {
      Map<String, Object> delegated = new LinkedHashMap<>();
      delegated.put(
          "keys", keys(delegations.stream().map(DelegatedRole::keys).collect(Collectors.toList())));
      delegated.put(
          "roles",
          delegations.stream().map(MetadataWriter::delegation).collect(Collectors.toList()));
      members.put("delegations", delegated);
    }
    return DraftMetadata.of(RoleType.TARGETS, members);
  }

  private static Map<String, Object> keys(Iterable<RoleKeys> roles) {
    Map<String, TufKey> all = new TreeMap<>();
    for (RoleKeys role : roles) {
      role.keys()
          .forEach(
              (id, key) -> {
                TufKey other = all.putIfAbsent(id, key);
                if (other != null && !other.equals(key)) {
                  throw new IllegalArgumentException(
                      "keys: expected one key for each id, got two for " + id);
                }
              });
    }
    Map<String, Object> members = new LinkedHashMap<>();
    all.forEach((id, key) -> members.put(id, key.members()));
    return members;
  }

  private static Map<String, Object> role(RoleKeys keys) {
    if (keys.threshold() > keys.keys().size()) {
      throw new IllegalArgumentException(
          "threshold: expected at most "
              + keys.keys().size()
              + ", as many as there are keys, got "
              + keys.threshold());
    }
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("keyids", new ArrayList<>(keys.keys().keySet()));
    members.put("threshold", keys.threshold());
    return members;
  }

  private static Map<String, Object> delegation(DelegatedRole role) {
    Map<String, Object> members = role(role.keys());
    members.put("name", role.name());
    members.put("terminating", role.terminating());
    if (role.pathHashPrefixes().isEmpty()) {
      members.put(
          "paths", role.paths().stream().map(PathPattern::text).collect(Collectors.toList()));
    } else if (role.paths().isEmpty()) {
      members.put("path_hash_prefixes", role.pathHashPrefixes());
    } else {
      throw new IllegalArgumentException(
          role.name() + ": expected either paths or path_hash_prefixes, got both");
    }
    return members;
  }

  private static Map<String, Object> target(TargetEntry entry) {
    if (entry.file().hashes().hex().isEmpty()) {
      throw new IllegalArgumentException("hashes: expected one at least, got none");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("length", entry.file().length());
    members.put("hashes", entry.file().hashes().hex());
    if (!entry.custom().isEmpty()) {
      members.put("custom", entry.custom());
    }
    return members;
  }

  private static Map<String, Object> metaFile(MetaFile file) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("version", file.version());
    file.length().ifPresent(length -> members.put("length", length));
    if (!file.hashes().hex().isEmpty()) {
      members.put("hashes", file.hashes().hex());
    }
    return members;
  }
}
