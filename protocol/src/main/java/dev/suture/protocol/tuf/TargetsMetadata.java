package dev.suture.protocol.tuf;

import dev.suture.protocol.json.Fields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files that are delivered, and who else may say so. */
public final class TargetsMetadata {
  private static final int TARGETS_MAX = 50_000;
  private static final int ROLES_MAX = 20_000;

  /** Longest name of a role as part of a file's name, whose ending needs room as well. */
  private static final int NAME_ENCODED_CHARS_MAX = 200;

  private final SignedMetadata signed;
  private final Map<String, TargetFile> targets = new LinkedHashMap<>();
  private final List<DelegatedRole> delegations = new ArrayList<>();

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if a target or a delegation is malformed, a delegation's name
   *     is no file's name, or two have one name
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
      int encodedChars = FileNames.encoded(delegation.name()).length();
      if (encodedChars > NAME_ENCODED_CHARS_MAX) {
        throw new IllegalArgumentException(
            role.path()
                + ".name: expected at most "
                + NAME_ENCODED_CHARS_MAX
                + " characters, percent-encoded, got "
                + encodedChars);
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

  /** Its files, by path, in the order of the metadata. */
  public Map<String, TargetFile> targets() {
    return Collections.unmodifiableMap(targets);
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
