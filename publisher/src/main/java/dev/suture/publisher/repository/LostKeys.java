package dev.suture.publisher.repository;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.repository.OfflineFiles.Next;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A role that gets new keys though the old ones sign nothing any more. Two roots lead there: the
 * first, the bridge, believes the old keys and the new ones, so that it stands behind what is
 * published and behind what the new keys sign; the second believes the new ones alone. Between the
 * two everything is signed again. So devices believe the repository whenever they look, and each
 * step is the appearance of one file.
 *
 * @param role whose keys were lost; not root
 * @param next its new keys
 */
record LostKeys(RoleType role, RoleKeys next) {
  /** Our own member of a bridge; others ignore it. */
  private static final String MEMBER = "replaces_lost_keys";

  private static final int KEYS_MAX = 256;

  LostKeys {
    if (role == RoleType.ROOT) {
      throw new IllegalArgumentException("role: expected another one than root");
    }
  }

  /**
   * What a bridge leads to; nothing if the root is no bridge.
   *
   * @throws IllegalArgumentException if it does not lead to keys that it has
   */
  static Optional<LostKeys> of(RootMetadata root) {
    Optional<Fields> member = root.signed().signed().optionalObject(MEMBER);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    RoleType role = role(member.get().text("role"));
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (String id : member.get().texts("keyids", KEYS_MAX)) {
      TufKey key = root.keysOf(role).keys().get(id);
      if (key == null) {
        throw new IllegalArgumentException(
            MEMBER + ".keyids: expected keys of " + role.word() + ", got " + id);
      }
      keys.put(id, key);
    }
    int threshold =
        member.get().smallInteger("threshold", root.keysOf(role).threshold(), keys.size());
    return Optional.of(new LostKeys(role, new RoleKeys(keys, threshold)));
  }

  private static RoleType role(String word) {
    for (RoleType role : RoleType.values()) {
      if (role != RoleType.ROOT && role.word().equals(word)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        MEMBER + ".role: expected targets, snapshot or timestamp, got \"" + word + "\"");
  }

  /**
   * The bridge behind this root.
   *
   * @param header version and expiry
   */
  DraftMetadata bridge(RootMetadata before, Header header) {
    Map<String, Object> member = new LinkedHashMap<>();
    member.put("role", role.word());
    member.put("keyids", new ArrayList<>(next.keys().keySet()));
    member.put("threshold", next.threshold());
    return root(
        before,
        new Header(header.version(), header.expires(), Map.of(MEMBER, member)),
        both(before.keysOf(role)));
  }

  /** The root that believes the new keys alone. */
  DraftMetadata last(RootMetadata before, Header header) {
    return root(before, header, next);
  }

  private DraftMetadata root(RootMetadata before, Header header, RoleKeys keys) {
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    for (RoleType type : RoleType.values()) {
      roles.put(type, type == role ? keys : before.keysOf(type));
    }
    return MetadataWriter.root(header, before.consistentSnapshot(), roles);
  }

  /** Either of the two sets is enough. */
  private RoleKeys both(RoleKeys old) {
    Map<String, TufKey> keys = new LinkedHashMap<>(old.keys());
    keys.putAll(next.keys());
    return new RoleKeys(keys, Math.min(old.threshold(), next.threshold()));
  }

  /**
   * Refuses a pair of roots that somebody else has made up.
   *
   * @param bridge if it is not the root before
   * @throws PublisherException {@code INPUT_MALFORMED}
   */
  void check(RootMetadata before, Optional<RootMetadata> bridge, RootMetadata last)
      throws PublisherException {
    for (RoleType type : RoleType.values()) {
      RoleKeys expected = before.keysOf(type);
      boolean isSame =
          type == role
              ? last.keysOf(type).equals(next)
                  && bridge.map(root -> root.keysOf(type).equals(both(expected))).orElse(true)
              : last.keysOf(type).equals(expected)
                  && bridge.map(root -> root.keysOf(type).equals(expected)).orElse(true);
      if (!isSame) {
        throw new PublisherException(
            Problem.INPUT_MALFORMED,
            new Details(
                "take over root " + last.signed().version(),
                "the new keys of " + role.word() + " that the root before it leads to, and no more",
                "other keys of " + type.word(),
                FileNames.metadata(last.signed().version(), RoleType.ROOT.word()),
                "make the requests again: \"suture-publish rotate --lost " + role.word() + "\""));
      }
    }
    if (LostKeys.of(last).isPresent()) {
      throw new IllegalStateException("a bridge is not the last root");
    }
  }

  /** What else must wait until the last root is there. */
  PublisherException unfinished(String attempted) {
    return new PublisherException(
        Problem.ROTATION_UNFINISHED,
        new Details(
            attempted,
            "a root that believes one set of keys of " + role.word(),
            "one on the way from lost keys to new ones",
            "root",
            "finish it: \"suture-publish rotate --lost "
                + role.word()
                + "\", or \"suture-publish import\" if signatures were asked for"));
  }

  /** Signed files, before any is written. */
  record Signed(Optional<Next> bridge, Optional<Next> targets, Next last) {}
}
