package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.RoleType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Drafts that were signed elsewhere, and are not published yet.
 *
 * @param bridge the root before the last one, where lost keys are replaced
 * @param targets the next targets
 * @param root the next root, behind the bridge if there is one
 */
public record PendingDrafts(
    Optional<DraftMetadata> bridge, Optional<DraftMetadata> targets, Optional<DraftMetadata> root) {
  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return all().isEmpty();
  }

  /** All of them, in the order in which they are published where lost keys are replaced. */
  public List<DraftMetadata> all() {
    List<DraftMetadata> all = new ArrayList<>();
    bridge.ifPresent(all::add);
    targets.ifPresent(all::add);
    root.ifPresent(all::add);
    return all;
  }

  /** One of each role. */
  Map<RoleType, DraftMetadata> byRole() {
    Map<RoleType, DraftMetadata> drafts = new EnumMap<>(RoleType.class);
    targets.ifPresent(draft -> drafts.put(RoleType.TARGETS, draft));
    root.ifPresent(draft -> drafts.put(RoleType.ROOT, draft));
    return drafts;
  }
}
