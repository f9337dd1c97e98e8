package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files that are delivered, and who else may say so. */
public final class TargetsMetadata {
  private static final int TARGETS_MAX = 50_000;
  private static final int ROLES_MAX = 20_000;

  private final SignedMetadata signed;
  private final Map<String, TargetFile> targets = new HashMap<>();
  private final List<DelegatedRole> delegations = new ArrayList<>();

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if a target or a delegation is malformed, or two delegations
   *     have one name
   */
  public TargetsMetadata(SignedMetadata signed) {
    this.signed = signed;
    Fields fields = signed.signed();
    fields
        .objectsByName("targets", TARGETS_MAX)
        .forEach((path, file) -> targets.put(path, TargetFile.decode(file)));
    fields.optionalObject("delegations").ifPresent(this::decodeDelegations);
  }

  private void decodeDelegations(Fields fields) {
    Map<String, TufKey> keys = RoleKeys.keysOf(fields);
    Set<String> names = new HashSet<>();
    for (Fields role : fields.objects("roles", ROLES_MAX)) {
      DelegatedRole delegation = DelegatedRole.decode(role, keys);
      if (!names.add(delegation.name()) || isTopLevel(delegation.name())) {
        throw new IllegalArgumentException(
            role.path() + ".name: expected a name of its own, got \"" + delegation.name() + "\"");
      }
      delegations.add(delegation);
    }
  }

  private static boolean isTopLevel(String name) {
    for (RoleType type : RoleType.values()) {
      if (type.word().equals(name)) {
        return true;
      }
    }
    return name.isEmpty();
  }

  /** The file. */
  public SignedMetadata signed() {
    return signed;
  }

  /** A file of its own. */
  public Optional<TargetFile> target(String path) {
    return Optional.ofNullable(targets.get(path));
  }

  /** Whom it delegates to, in the order in which they are asked. */
  public List<DelegatedRole> delegations() {
    return Collections.unmodifiableList(delegations);
  }
}
