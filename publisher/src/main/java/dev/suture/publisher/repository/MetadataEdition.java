package dev.suture.publisher.repository;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.device.DeviceView;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.OfflineFiles.Next;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes the metadata that follows from what is published. */
final class MetadataEdition {
  static final int METADATA_BYTES_MAX = 5_000_000;

  private final Repository repository;
  private final Authority authority;
  private final DurableFiles files;
  private final MetadataVersions versions;
  private final OfflineRoles offline;

  MetadataEdition(Repository repository, Authority authority) {
    this.repository = repository;
    this.authority = authority;
    this.files = new DurableFiles(repository);
    this.versions = new MetadataVersions(repository);
    this.offline = new OfflineRoles(repository, authority);
  }

  /** Makes the metadata of a new repository. */
  Published first() throws PublisherException {
    return first(List.of());
  }

  /**
   * The same with targets that were signed elsewhere, if there is one of these requests.
   *
   * @throws PublisherException {@code REQUEST_OUTDATED} if it is not for a new repository
   */
  Published first(List<SigningRequest> requests) throws PublisherException {
    if (repository.published(authority.trustedRoot()).isPresent()) {
      throw new PublisherException(
          Problem.REPOSITORY_EXISTS,
          new Details(
              "make a repository",
              "a folder without one",
              "one with metadata",
              repository.folder().toString(),
              "use it, or choose another --repository"));
    }
    RootMetadata root = root(authority.trustedRoot());
    if (root.signed().version() != 1) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "make a repository",
              "a root of version 1",
              "version " + root.signed().version(),
              Repository.FIRST_ROOT,
              "copy metadata/*.root.json from the repository where its keys were rotated, or make"
                  + " new keys"));
    }
    Instant now = authority.now();
    byte[] targets =
        left(RoleType.TARGETS, now)
            .orElse(
                signed(
                    RoleType.TARGETS,
                    firstTargets(requests, now),
                    List.of(root.keysOf(RoleType.TARGETS))));
    byte[] snapshot =
        left(RoleType.SNAPSHOT, now)
            .orElse(
                signed(
                    RoleType.SNAPSHOT,
                    MetadataWriter.snapshot(
                        header(RoleType.SNAPSHOT, 1, now),
                        Map.of(RoleType.TARGETS.word(), MetaFile.of(1, targets))),
                    List.of(root.keysOf(RoleType.SNAPSHOT))));
    byte[] timestamp = timestamp(1, now, snapshot, List.of(root.keysOf(RoleType.TIMESTAMP)));
    files.add(path(Repository.FIRST_ROOT), authority.trustedRoot());
    files.add(path(FileNames.metadata(1, RoleType.TARGETS.word())), targets);
    files.add(path(FileNames.metadata(1, RoleType.SNAPSHOT.word())), snapshot);
    return publish(timestamp, Optional.empty(), Optional.empty(), now);
  }

  private DraftMetadata firstTargets(List<SigningRequest> requests, Instant now)
      throws PublisherException {
    if (requests.isEmpty()) {
      return MetadataWriter.targets(header(RoleType.TARGETS, 1, now), Map.of(), List.of());
    }
    DraftMetadata draft = requests.get(0).draft();
    boolean isFirst =
        requests.size() == 1
            && requests.get(0).role().equals(RoleType.TARGETS.word())
            && draft.read().version() == 1
            && !draft.read().isExpired(now);
    TargetsMetadata targets = isFirst ? new TargetsMetadata(draft.read()) : null;
    if (targets == null || !targets.targets().isEmpty() || !targets.delegations().isEmpty()) {
      throw new PublisherException(
          Problem.REQUEST_OUTDATED,
          new Details(
              "make a repository with targets that were signed elsewhere",
              "one request, for targets 1, which name nothing and have not expired",
              requests.size()
                  + " requests, the first for "
                  + requests.get(0).role()
                  + " "
                  + draft.read().version(),
              repository.folder().resolve(Repository.METADATA).toString(),
              "there is no repository yet: \"suture-publish init --repository DIR --requests DIR\""
                  + " makes the request; or correct --repository"));
    }
    return draft;
  }

  /**
   * The first file of a role, if a making that lost its power has left it: a device may have seen
   * it. What it says is checked at the end, with everything else.
   */
  private Optional<byte[]> left(RoleType role, Instant now) throws PublisherException {
    String name = FileNames.metadata(1, role.word());
    try {
      Optional<byte[]> bytes = repository.metadata(name, METADATA_BYTES_MAX);
      return bytes.filter(
          file -> !SignedMetadata.decode(role, name, file, METADATA_BYTES_MAX).isExpired(now));
    } catch (IllegalArgumentException e) {
      throw repository.damaged(
          "metadata of " + role.word(),
          String.valueOf(e.getMessage()),
          path(name),
          "remove the folder, which was never published, and run the command again");
    } catch (IOException e) {
      throw repository.unreadable(path(name), e);
    }
  }

  Instant now() {
    return authority.now();
  }

  /** As {@link Publication#rehearse}. */
  void rehearse(Published before, PendingDrafts drafts) throws PublisherException {
    // Where lost keys are replaced, the last root's keys sign; elsewhere the old and the new ones.
    authority.rehearse(
        OfflineRoles.lost(before, drafts).isPresent()
            ? new RootMetadata(drafts.root().orElseThrow().read())
            : before.root());
  }

  /** Writes what follows from a change; the new timestamp last. */
  Published next(Published before, Change change) throws PublisherException {
    Instant now = authority.now();
    return next(before, offline.sign(before, change, now), change.role(), now);
  }

  /** As {@link OfflineRoles#pending}. */
  PendingDrafts pending(Published before, List<SigningRequest> requests) throws PublisherException {
    return offline.pending(before, requests, authority.now());
  }

  /**
   * Writes what follows from drafts that were signed elsewhere, if they still follow from what is
   * published; nothing if all of them were published.
   */
  Published take(Published before, List<SigningRequest> requests) throws PublisherException {
    PendingDrafts drafts = pending(before, requests);
    if (drafts.isEmpty()) {
      return before;
    }
    Optional<LostKeys> lost = OfflineRoles.lost(before, drafts);
    return lost.isPresent()
        ? replace(before, offline.take(before, drafts, lost.get()), authority.now())
        : next(before, offline.take(before, drafts), Optional.empty(), authority.now());
  }

  /**
   * Gives a role other keys than those that are lost, from the root or the bridge on that is there.
   *
   * @param targets what the targets say, if they are signed again
   */
  Published replace(Published before, LostKeys lost, Optional<Change.Targets> targets)
      throws PublisherException {
    Instant now = authority.now();
    return replace(before, offline.sign(before, lost, targets, now), now);
  }

  private Published replace(Published before, LostKeys.Signed signed, Instant now)
      throws PublisherException {
    Map<String, MetaFile> meta = new LinkedHashMap<>(before.snapshot().roles());
    signed
        .targets()
        .ifPresent(
            file -> meta.put(RoleType.TARGETS.word(), MetaFile.of(file.version(), file.content())));
    RootMetadata last = root(signed.last().content());
    Online online = online(before, meta, new RoleKeySets(last, Optional.empty()), now);
    List<AddedFile> steps = new ArrayList<>();
    signed.bridge().ifPresent(file -> steps.add(AddedFile.of(RoleType.ROOT, file)));
    int bridges = steps.size();
    signed.targets().ifPresent(file -> steps.add(AddedFile.of(RoleType.TARGETS, file)));
    steps.add(AddedFile.of(RoleType.SNAPSHOT, new Next(online.version(), online.snapshot())));
    steps.add(new AddedFile(Repository.TIMESTAMP, online.timestamp()));
    int signedAgain = steps.size();
    steps.add(AddedFile.of(RoleType.ROOT, signed.last()));

    // Nothing is written before a device has believed each of the three: the bridge with what is
    // there, with what is new, and the last root. Only the last one must hold for some time.
    require(files(steps.subList(0, bridges)), Optional.empty(), Instant.EPOCH);
    require(files(steps.subList(0, signedAgain)), Optional.empty(), Instant.EPOCH);
    require(files(steps), Optional.empty(), now);
    for (AddedFile step : steps) {
      if (step.name().equals(Repository.TIMESTAMP)) {
        files.replace(path(step.name()), step.content());
      } else {
        files.add(path(step.name()), step.content());
      }
    }
    return Published.of(repository.view(authority.trustedRoot(), Instant.EPOCH));
  }

  /** A file of metadata that is not there yet. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record AddedFile(String name, byte[] content) {
    static AddedFile of(RoleType role, Next file) {
      return new AddedFile(FileNames.metadata(file.version(), role.word()), file.content());
    }
  }

  private static Map<String, byte[]> files(List<AddedFile> steps) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    steps.forEach(step -> files.put(step.name(), step.content()));
    return files;
  }

  private Published next(
      Published before, OfflineFiles signed, Optional<Change.Role> delegated, Instant now)
      throws PublisherException {
    RoleKeySets keys = new RoleKeySets(before.root(), signed.keys());
    Map<String, MetaFile> meta = new LinkedHashMap<>(before.snapshot().roles());
    if (signed.targets().isPresent()) {
      Next targets = signed.targets().get();
      add(targets.version(), RoleType.TARGETS.word(), targets.content());
      meta.put(RoleType.TARGETS.word(), MetaFile.of(targets.version(), targets.content()));
    }
    Optional<String> probe = Optional.empty();
    if (delegated.isPresent()) {
      Change.Role change = delegated.get();
      TargetsMetadata read = checkRole(before, change.role(), change.metadata());
      long version = read.signed().version();
      add(version, change.role().name(), change.metadata());
      meta.put(change.role().name(), MetaFile.of(version, change.metadata()));
      probe = read.targets().keySet().stream().findFirst();
    }
    Online online = online(before, meta, keys, now);
    add(online.version(), RoleType.SNAPSHOT.word(), online.snapshot());
    return publish(
        online.timestamp(),
        signed.root().map(file -> AddedFile.of(RoleType.ROOT, file)),
        probe,
        now);
  }

  /** The next snapshot and timestamp, not written yet. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Online(long version, byte[] snapshot, byte[] timestamp) {}

  private Online online(Published before, Map<String, MetaFile> meta, RoleKeySets keys, Instant now)
      throws PublisherException {
    // One number for both, so that what is there of the one tells what was seen of the other.
    long version =
        versions.next(
            RoleType.SNAPSHOT.word(),
            Math.max(before.snapshot().signed().version(), before.version()));
    byte[] snapshot =
        signed(
            RoleType.SNAPSHOT,
            MetadataWriter.snapshot(header(RoleType.SNAPSHOT, version, now), meta),
            keys.of(RoleType.SNAPSHOT));
    return new Online(
        version, snapshot, timestamp(version, now, snapshot, keys.of(RoleType.TIMESTAMP)));
  }

  /**
   * Whether what a delegated role's owner signed can be published.
   *
   * @throws PublisherException {@code INPUT_MALFORMED} if it is not the role's, not signed by
   *     enough of its owner's keys, expired, or not newer than what is published
   */
  TargetsMetadata checkRole(Published before, DelegatedRole role, byte[] metadata)
      throws PublisherException {
    TargetsMetadata read = VendorMetadata.verified(role, metadata, authority.now());
    long version = read.signed().version();
    long known = before.snapshot().role(role.name()).map(MetaFile::version).orElse(0L);
    long next = versions.next(role.name(), known);
    if (version < known || (version < next && !versions.isThere(version, role.name(), metadata))) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "take over the metadata of " + role.name(),
              "version " + next + " or higher",
              "version " + version,
              path(FileNames.metadata(version, role.name())),
              "ask its owner to sign again with --at-least " + next));
    }
    return read;
  }

  private byte[] timestamp(long version, Instant now, byte[] snapshot, List<RoleKeys> keys)
      throws PublisherException {
    Header header =
        new Header(
            version,
            authority.expiry().of(RoleType.TIMESTAMP, now),
            Map.of(TimestampMetadata.ISSUED, now));
    return signed(
        RoleType.TIMESTAMP, MetadataWriter.timestamp(header, MetaFile.of(version, snapshot)), keys);
  }

  private Header header(RoleType role, long version, Instant now) {
    return new Header(version, authority.expiry().of(role, now));
  }

  /** The file, signed by enough of each of these sets of keys. */
  private byte[] signed(RoleType role, DraftMetadata draft, List<RoleKeys> keys)
      throws PublisherException {
    SigningRequest request = new SigningRequest(role.word(), draft, keys);
    return draft.file(authority.signing().sign(List.of(request)).get(0));
  }

  /** Replaces the timestamp, if a device believes what comes of it; then adds the new root. */
  private Published publish(
      byte[] timestamp, Optional<AddedFile> root, Optional<String> probe, Instant now)
      throws PublisherException {
    if (root.isPresent()) {
      // Until the new root is there, devices must believe what they see; the old one may have
      // expired, though, and is renewed for that reason.
      require(Map.of(Repository.TIMESTAMP, timestamp), probe, Instant.EPOCH);
      require(
          Map.of(Repository.TIMESTAMP, timestamp, root.get().name(), root.get().content()),
          probe,
          now);
    } else {
      require(Map.of(Repository.TIMESTAMP, timestamp), probe, now);
    }
    files.replace(path(Repository.TIMESTAMP), timestamp);
    if (root.isPresent()) {
      files.add(path(root.get().name()), root.get().content());
    }
    return Published.of(repository.view(authority.trustedRoot(), Instant.EPOCH));
  }

  /**
   * Reads it as a device does.
   *
   * @param instead of files that are there or not
   * @param probe a target whose delegated role is new
   */
  private void require(Map<String, byte[]> instead, Optional<String> probe, Instant now)
      throws PublisherException {
    try {
      DeviceView device =
          DeviceView.of(
              authority.trustedRoot(),
              (name, bytesMax) ->
                  instead.containsKey(name)
                      ? Optional.ofNullable(instead.get(name))
                      : repository.metadata(name, bytesMax),
              now);
      if (probe.isPresent() && device.target(probe.get()).isEmpty()) {
        throw new RejectedException(
            FailureCode.METADATA_MISMATCH, probe.get() + ": expected a role that says it");
      }
    } catch (SutureException e) {
      throw new PublisherException(
          Problem.SELF_CHECK_FAILED,
          new Details(
              "read the new metadata as a device does",
              "metadata that it believes",
              e.code() + ", " + e.explanation(),
              repository.folder().resolve(Repository.METADATA).toString(),
              "if it says that root or targets expired: \"suture-publish refresh --root\" renews both;"
                  + " nothing was published"),
          e);
    }
  }

  private void add(long version, String role, byte[] file) throws PublisherException {
    files.add(path(FileNames.metadata(version, role)), file);
  }

  private static String path(String name) {
    return Repository.METADATA + "/" + name;
  }

  private static RootMetadata root(byte[] file) {
    return new RootMetadata(
        SignedMetadata.decode(RoleType.ROOT, RoleType.ROOT.word(), file, file.length));
  }
}
