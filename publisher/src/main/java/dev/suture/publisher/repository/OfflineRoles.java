package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.OfflineFiles.Next;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The next targets and the next root: drafted and signed in one go, before anything is written; or
 * drafted before, and signed elsewhere meanwhile.
 */
final class OfflineRoles {
  private static final String AGAIN = "run the command again that made the request";

  private final Repository repository;
  private final Authority authority;
  private final MetadataVersions versions;

  OfflineRoles(Repository repository, Authority authority) {
    this.repository = repository;
    this.authority = authority;
    this.versions = new MetadataVersions(repository);
  }

  /** Drafts what a change says, and gets it signed. Writes nothing. */
  OfflineFiles sign(Published before, Change change, Instant now) throws PublisherException {
    RoleKeySets keys = new RoleKeySets(before.root(), change.keys());
    Map<RoleType, DraftMetadata> drafts = new EnumMap<>(RoleType.class);
    if (change.targets().isPresent()) {
      long known = before.targets().signed().version();
      drafts.put(
          RoleType.TARGETS,
          MetadataWriter.targets(
              header(RoleType.TARGETS, versions.next(RoleType.TARGETS.word(), known), now),
              change.targets().get().entries(),
              change.targets().get().delegations()));
    }
    if (change.keys().isPresent()) {
      Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
      for (RoleType type : RoleType.values()) {
        roles.put(type, keys.next(type));
      }
      drafts.put(
          RoleType.ROOT,
          MetadataWriter.root(
              header(RoleType.ROOT, before.root().signed().version() + 1, now), true, roles));
    }
    return signed(drafts, keys, change.keys());
  }

  /**
   * Drafts the roots and the targets by which a role gets new keys, the bridge only if there is
   * none yet, and gets them signed. Writes nothing.
   *
   * @param targets what the targets say, if they are signed again
   */
  LostKeys.Signed sign(
      Published before, LostKeys lost, Optional<Change.Targets> targets, Instant now)
      throws PublisherException {
    RootMetadata root = before.root();
    long version = root.signed().version() + 1;
    Optional<DraftMetadata> bridge = Optional.empty();
    if (LostKeys.of(root).isEmpty()) {
      // Who finds the old keys, or keeps the last root back, has not long.
      Instant root1 = authority.expiry().of(RoleType.ROOT, now);
      Instant snapshot = authority.expiry().of(RoleType.SNAPSHOT, now);
      bridge =
          Optional.of(
              lost.bridge(root, new Header(version, root1.isBefore(snapshot) ? root1 : snapshot)));
      version++;
    }
    DraftMetadata last = lost.last(root, header(RoleType.ROOT, version, now));
    long known = before.targets().signed().version();
    Optional<DraftMetadata> next =
        targets.isEmpty()
            ? Optional.empty()
            : Optional.of(
                MetadataWriter.targets(
                    header(RoleType.TARGETS, versions.next(RoleType.TARGETS.word(), known), now),
                    targets.get().entries(),
                    targets.get().delegations()));
    return signed(root, new PendingDrafts(bridge, next, Optional.of(last)));
  }

  /**
   * The files of drafts that replace lost keys: roots by the old root, the rest by the last one.
   */
  private LostKeys.Signed signed(RootMetadata before, PendingDrafts drafts)
      throws PublisherException {
    RootMetadata last = new RootMetadata(drafts.root().orElseThrow().read());
    List<SigningRequest> requests = new ArrayList<>();
    for (DraftMetadata draft : drafts.all()) {
      RoleType role = draft.read().type();
      requests.add(
          new SigningRequest(
              role.word(),
              draft,
              List.of(role == RoleType.ROOT ? before.keysOf(role) : last.keysOf(role))));
    }
    List<List<Signature>> signatures = authority.signing().sign(requests);
    List<Next> roots = new ArrayList<>();
    Optional<Next> targets = Optional.empty();
    for (int i = 0; i < requests.size(); i++) {
      Next next = file(requests.get(i).draft(), signatures.get(i));
      if (requests.get(i).draft().read().type() == RoleType.ROOT) {
        roots.add(next);
      } else {
        targets = Optional.of(next);
      }
    }
    return new LostKeys.Signed(
        drafts.bridge().map(bridge -> roots.get(0)), targets, roots.get(roots.size() - 1));
  }

  private static Next file(DraftMetadata draft, List<Signature> signatures)
      throws PublisherException {
    byte[] file = draft.file(signatures);
    if (file.length > MetadataEdition.METADATA_BYTES_MAX) {
      throw LevelRules.full("metadata of at most " + MetadataEdition.METADATA_BYTES_MAX + " bytes");
    }
    return new Next(draft.read().version(), file);
  }

  private Header header(RoleType role, long version, Instant now) {
    return new Header(version, authority.expiry().of(role, now));
  }

  private OfflineFiles signed(
      Map<RoleType, DraftMetadata> drafts, RoleKeySets keys, Optional<Change.Keys> change)
      throws PublisherException {
    List<SigningRequest> requests = new ArrayList<>();
    drafts.forEach(
        (role, draft) -> requests.add(new SigningRequest(role.word(), draft, keys.of(role))));
    List<List<Signature>> signatures =
        requests.isEmpty() ? List.of() : authority.signing().sign(requests);
    Map<RoleType, Next> files = new EnumMap<>(RoleType.class);
    for (int i = 0; i < requests.size(); i++) {
      DraftMetadata draft = requests.get(i).draft();
      files.put(draft.read().type(), file(draft, signatures.get(i)));
    }
    return new OfflineFiles(
        Optional.ofNullable(files.get(RoleType.TARGETS)),
        Optional.ofNullable(files.get(RoleType.ROOT)),
        change);
  }

  /**
   * Those of these drafts that are still to be published; the others were.
   *
   * @param requests their authorities do not matter
   * @throws PublisherException {@code REQUEST_OUTDATED} if one does not follow from what is
   *     published, or has expired; {@code INPUT_MALFORMED} if one is of neither role, or two are of
   *     one and they are not a bridge and the root behind it
   */
  PendingDrafts pending(Published before, List<SigningRequest> requests, Instant now)
      throws PublisherException {
    List<SigningRequest> bridges = new ArrayList<>();
    List<SigningRequest> others = new ArrayList<>();
    for (SigningRequest request : requests) {
      (isBridge(request) ? bridges : others).add(request);
    }
    Optional<DraftMetadata> bridge =
        Optional.ofNullable(pending(before, bridges, now, 0).get(RoleType.ROOT));
    Map<RoleType, DraftMetadata> pending = pending(before, others, now, bridge.isPresent() ? 1 : 0);
    Optional<DraftMetadata> root = Optional.ofNullable(pending.get(RoleType.ROOT));
    if (bridge.isPresent() && root.isEmpty()) {
      throw malformed(
          bridges.get(0), "the request for the root behind it as well", "no such request");
    }
    return new PendingDrafts(bridge, Optional.ofNullable(pending.get(RoleType.TARGETS)), root);
  }

  private boolean isBridge(SigningRequest request) throws PublisherException {
    SignedMetadata read = request.draft().read();
    try {
      return read.type() == RoleType.ROOT && LostKeys.of(new RootMetadata(read)).isPresent();
    } catch (IllegalArgumentException e) {
      throw malformed(request, "a root that this version can read", String.valueOf(e.getMessage()));
    }
  }

  /** Those of these that are to be published, so many roots behind the next one. */
  private Map<RoleType, DraftMetadata> pending(
      Published before, List<SigningRequest> requests, Instant now, int rootsBetween)
      throws PublisherException {
    Map<RoleType, DraftMetadata> pending = new EnumMap<>(RoleType.class);
    for (SigningRequest request : requests) {
      DraftMetadata draft = request.draft();
      RoleType role = draft.read().type();
      if (!request.role().equals(role.word())
          || (role != RoleType.TARGETS && role != RoleType.ROOT)) {
        throw malformed(request, "a request for root or targets", "one for " + request.role());
      }
      if (wasPublished(before, role, draft)) {
        continue;
      }
      requireNext(before, request, rootsBetween);
      if (draft.read().isExpired(now)) {
        throw outdated(request, "metadata that holds", "expired " + draft.read().expires());
      }
      DraftMetadata other = pending.put(role, draft);
      if (other != null && !Arrays.equals(other.signedBytes(), draft.signedBytes())) {
        throw malformed(request, "one request for each role", "two that differ");
      }
    }
    return pending;
  }

  private boolean wasPublished(Published before, RoleType role, DraftMetadata draft)
      throws PublisherException {
    long version = draft.read().version();
    return version <= current(before, role)
        && versions.signing(role, version, draft.signedBytes()).isPresent();
  }

  private static long current(Published before, RoleType role) {
    return role == RoleType.ROOT
        ? before.root().signed().version()
        : before.targets().signed().version();
  }

  private void requireNext(Published before, SigningRequest request, int rootsBetween)
      throws PublisherException {
    DraftMetadata draft = request.draft();
    RoleType role = draft.read().type();
    long version = draft.read().version();
    long next = current(before, role) + 1;
    if (role == RoleType.ROOT) {
      next += rootsBetween;
    } else {
      next = versions.next(role.word(), next - 1);
      if (version == next - 1 && versions.signing(role, version, draft.signedBytes()).isPresent()) {
        return; // Left by an import that lost its power.
      }
    }
    if (version != next) {
      throw outdated(
          request,
          "version " + next + ", as what is published says",
          "version "
              + version
              + (version < next ? ": something else was published meanwhile" : ""));
    }
  }

  /**
   * Takes drafts that were signed elsewhere; the authority's signing has the signatures. Whose
   * signatures count is what the published root says, and for a new root what it says itself as
   * well. Writes nothing.
   *
   * @param pending that {@link #pending} has returned
   */
  OfflineFiles take(Published before, PendingDrafts pending) throws PublisherException {
    Map<RoleType, DraftMetadata> drafts = pending.byRole();
    DraftMetadata root = drafts.get(RoleType.ROOT);
    Optional<Change.Keys> change =
        root == null ? Optional.empty() : Optional.of(newKeys(before.root(), root));
    OfflineFiles signed = signed(drafts, new RoleKeySets(before.root(), change), change);
    DraftMetadata targets = drafts.get(RoleType.TARGETS);
    if (targets == null) {
      return signed;
    }
    return new OfflineFiles(left(targets).or(signed::targets), signed.root(), change);
  }

  /** What is there stays, though more signatures may have come meanwhile. */
  private Optional<Next> left(DraftMetadata targets) throws PublisherException {
    long version = targets.read().version();
    return versions
        .signing(RoleType.TARGETS, version, targets.signedBytes())
        .map(file -> new Next(version, file));
  }

  /**
   * What lost keys of a role are replaced by, if these drafts do that, or finish it.
   *
   * @param drafts that {@link #pending} has returned
   */
  static Optional<LostKeys> lost(Published before, PendingDrafts drafts) {
    return drafts.root().isEmpty()
        ? Optional.empty()
        : LostKeys.of(
            drafts.bridge().map(bridge -> new RootMetadata(bridge.read())).orElse(before.root()));
  }

  /** As {@link #take}, where lost keys are replaced. Writes nothing. */
  LostKeys.Signed take(Published before, PendingDrafts drafts, LostKeys lost)
      throws PublisherException {
    RootMetadata last = new RootMetadata(drafts.root().orElseThrow().read());
    lost.check(before.root(), drafts.bridge().map(bridge -> new RootMetadata(bridge.read())), last);
    LostKeys.Signed signed = signed(before.root(), drafts);
    Optional<Next> there = Optional.empty();
    if (drafts.targets().isPresent()) {
      there = left(drafts.targets().get());
    }
    return new LostKeys.Signed(signed.bridge(), there.or(signed::targets), signed.last());
  }

  private Change.Keys newKeys(RootMetadata before, DraftMetadata draft) throws PublisherException {
    RootMetadata next = new RootMetadata(draft.read());
    List<RoleType> changed = new ArrayList<>();
    for (RoleType role : RoleType.values()) {
      if (!next.keysOf(role).equals(before.keysOf(role))) {
        changed.add(role);
      }
    }
    if (changed.size() > 1) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "take over root " + draft.read().version(),
              "other keys for one role at most",
              "for " + changed.size(),
              FileNames.metadata(draft.read().version(), RoleType.ROOT.word()),
              "change one role after the other: \"suture-publish rotate\""));
    }
    RoleType role = changed.isEmpty() ? RoleType.ROOT : changed.get(0);
    return new Change.Keys(role, next.keysOf(role));
  }

  private PublisherException outdated(SigningRequest request, String expected, String got) {
    return new PublisherException(
        Problem.REQUEST_OUTDATED, details(request, expected, got, "remove it, and " + AGAIN));
  }

  private PublisherException malformed(SigningRequest request, String expected, String got) {
    return new PublisherException(
        Problem.INPUT_MALFORMED,
        details(request, expected, got, "remove what does not belong there, or " + AGAIN));
  }

  private Details details(SigningRequest request, String expected, String got, String todo) {
    return new Details(
        "take over " + request.role() + " " + request.draft().read().version(),
        expected,
        got,
        repository.folder().resolve(Repository.METADATA).toString(),
        todo);
  }
}
