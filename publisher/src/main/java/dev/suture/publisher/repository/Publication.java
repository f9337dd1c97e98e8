package dev.suture.publisher.repository;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.Rollout;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.SigningRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to change a repository, held until it is closed. Files are added first; a change of the
 * metadata then stands for them. Every change is durable on return, and if power fails inside, it
 * is published or it is not; either way the next publication goes on from there.
 */
public final class Publication implements AutoCloseable {
  /** How long another publisher is waited for. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private static final int CUSTOM_BYTES_MAX = 64 << 10;

  private final DurableFiles files;
  private final MetadataEdition edition;
  private final PublisherLock lock;
  private Published published;
  private boolean isNew;

  private Publication(
      Repository repository, Authority authority, PublisherLock lock, Published published) {
    this.files = new DurableFiles(repository);
    this.edition = new MetadataEdition(repository, authority);
    this.lock = lock;
    this.published = published;
  }

  /** Makes what is published. */
  @FunctionalInterface
  private interface Opening {
    Published open() throws PublisherException;
  }

  /**
   * Locks a repository and reads what is published.
   *
   * @param wait how long another publisher may take to finish
   * @throws PublisherException {@code REPOSITORY_BUSY}, {@code REPOSITORY_EMPTY}, {@code
   *     REPOSITORY_DAMAGED}, {@code STORAGE_FAILED}
   */
  public static Publication begin(Repository repository, Authority authority, Duration wait)
      throws PublisherException {
    return locked(
        repository,
        authority,
        wait,
        () ->
            repository
                .published(authority.trustedRoot())
                .orElseThrow(() -> repository.empty("change what is published")));
  }

  /**
   * Makes a repository: its first root, and empty metadata of version 1. One whose making lost its
   * power is finished.
   *
   * @param authority its root is the first one, version 1
   * @throws PublisherException {@code REPOSITORY_EXISTS}, {@code REPOSITORY_BUSY}, {@code
   *     REPOSITORY_DAMAGED}, {@code STORAGE_FAILED}, or what the signing throws
   */
  public static Publication create(Repository repository, Authority authority, Duration wait)
      throws PublisherException {
    return locked(
        repository, authority, wait, () -> new MetadataEdition(repository, authority).first());
  }

  /**
   * As {@link #begin}; where there is no repository yet, makes it as {@link #create} does, with the
   * first targets of these requests, which were signed elsewhere.
   *
   * @throws PublisherException as both, and {@code REQUEST_OUTDATED} if the requests are not for a
   *     new repository
   */
  public static Publication beginOrCreate(
      Repository repository, Authority authority, List<SigningRequest> requests, Duration wait)
      throws PublisherException {
    AtomicBoolean made = new AtomicBoolean();
    Publication publication =
        locked(
            repository,
            authority,
            wait,
            () -> {
              Optional<Published> there = repository.published(authority.trustedRoot());
              made.set(there.isEmpty());
              return there.isPresent()
                  ? there.get()
                  : new MetadataEdition(repository, authority).first(requests);
            });
    publication.isNew = made.get();
    return publication;
  }

  /** Whether {@link #beginOrCreate} has made the repository. */
  public boolean isNew() {
    return isNew;
  }

  private static Publication locked(
      Repository repository, Authority authority, Duration wait, Opening opening)
      throws PublisherException {
    PublisherLock lock = PublisherLock.take(repository.folder(), wait);
    boolean begun = false;
    try {
      Publication publication = new Publication(repository, authority, lock, opening.open());
      begun = true;
      return publication;
    } finally {
      if (!begun) {
        lock.close();
      }
    }
  }

  /** What is published now. */
  public Published published() {
    return published;
  }

  /**
   * Copies a payload into the repository, under its digest; durable on return. If one with this
   * digest is there, nothing is written.
   *
   * @param content its digest and length are those of {@code file}
   * @throws PublisherException {@code SELF_CHECK_FAILED} if they are not, {@code STORAGE_FAILED}
   */
  public void addPayload(FileRef file, Path content) throws PublisherException {
    files.add(file.path(), file.sha256(), () -> Files.newInputStream(content));
  }

  /**
   * Adds the file of a target, which no metadata names yet; durable on return.
   *
   * @param path of the target
   */
  public TargetFile addTarget(String path, byte[] content) throws PublisherException {
    TargetFile file = targetFile(content);
    files.add(LevelEntry.reference(path, file, true).path(), content);
    return file;
  }

  /** As above, for a long file. */
  public TargetFile addTarget(String path, Sha256 sha256, Path content) throws PublisherException {
    TargetFile file =
        new TargetFile(
            InputLength.of(content), new Hashes(Map.of("sha256", sha256.hex())), Optional.empty());
    files.add(
        LevelEntry.reference(path, file, true).path(), sha256, () -> Files.newInputStream(content));
    return file;
  }

  /** What metadata says about a file with this content. */
  public static TargetFile targetFile(byte[] content) {
    return new TargetFile(content.length, Hashes.of(content), Optional.empty());
  }

  /** Where a payload with this digest is in every repository. */
  public static FileRef payloadFile(Payload.Kind kind, Sha256 digest, long bytes) {
    String suffix =
        switch (kind) {
          case DELTA -> "delta";
          case FULL -> "zst";
        };
    return new FileRef(Repository.PAYLOADS + "/" + digest.hex() + "." + suffix, bytes, digest);
  }

  /**
   * Publishes a level whose files were added.
   *
   * @throws PublisherException as {@link LevelRules#checkNew}, {@code STORAGE_FAILED}, {@code
   *     KEYS_MISSING}, {@code SELF_CHECK_FAILED} if a device would refuse the metadata
   */
  public Published publish(LevelEntry entry) throws PublisherException {
    LevelRules.checkNew(published, entry.baseline(), entry.model(), entry.level());
    return put(entry);
  }

  /**
   * Lists a sealed file that was added: devices fetch and keep it, and nobody can open it.
   *
   * @throws PublisherException {@code REPOSITORY_FULL}, and as {@link #publish}
   */
  public Published spread(String model, Baseline baseline, String name, TargetFile file)
      throws PublisherException {
    LevelRules.checkSealing(published, baseline, model);
    return putTarget(SpreadFile.path(model, baseline, name), new TargetEntry(file));
  }

  /**
   * Takes a sealed file back: devices drop it. No file is removed here.
   *
   * @throws PublisherException {@code SEALED_UNKNOWN}, and as {@link #publish}
   */
  public Published takeBack(String model, Baseline baseline, String name)
      throws PublisherException {
    String path = SpreadFile.path(model, baseline, name);
    LevelRules.checkListed(published, "take back", path);
    Map<String, TargetEntry> targets = new LinkedHashMap<>(targets());
    targets.remove(path);
    return putTargets(targets);
  }

  /**
   * Withdraws a level, and the sealed file that it was spread in. No file is removed. One that is
   * stopped can still be removed.
   *
   * @throws PublisherException as {@link LevelRules#checkPublished}, and {@link #publish}
   */
  public Published withdraw(Baseline baseline, String model, Level level, Withdrawal how)
      throws PublisherException {
    LevelEntry entry = LevelRules.checkWithdrawable(published, baseline, model, level, how);
    Map<String, TargetEntry> targets = new LinkedHashMap<>(targets());
    entry.sealed().ifPresent(spread -> targets.remove(spread.file().path()));
    targets.put(entry.path(), target(entry.with(how)));
    return putTargets(targets);
  }

  /**
   * Moves a level to another stage of its rollout.
   *
   * @param stage who may install it; nothing for everybody
   * @throws PublisherException as {@link LevelRules#checkPublished}, and {@link #publish}
   */
  public Published stage(Baseline baseline, String model, Level level, Optional<Rollout> stage)
      throws PublisherException {
    return put(
        LevelRules.checkPublished(published, "widen the rollout of", baseline, model, level)
            .with(stage));
  }

  private Published put(LevelEntry entry) throws PublisherException {
    return putTarget(entry.path(), target(entry));
  }

  private static TargetEntry target(LevelEntry entry) {
    TargetFile file =
        new TargetFile(
            entry.manifest().bytes(),
            new Hashes(Map.of("sha256", entry.manifest().sha256().hex())),
            Optional.empty());
    return new TargetEntry(
        file,
        Map.of(
            LevelEntry.CUSTOM,
            StrictJson.parse("custom", entry.custom(), CUSTOM_BYTES_MAX)
                .object(LevelEntry.CUSTOM)));
  }

  /** Publishes a target whose file was added. */
  public Published putTarget(String path, TargetEntry entry) throws PublisherException {
    Map<String, TargetEntry> targets = new LinkedHashMap<>(targets());
    targets.put(path, entry);
    return putTargets(targets);
  }

  private Published putTargets(Map<String, TargetEntry> targets) throws PublisherException {
    published =
        edition.next(
            published, Change.NONE.withTargets(targets, published.targets().delegations()));
    return published;
  }

  /**
   * Delegates to a role, or changes whom it is delegated to.
   *
   * @throws PublisherException as {@link #publish}
   */
  public Published delegate(DelegatedRole role) throws PublisherException {
    List<DelegatedRole> roles = new ArrayList<>(published.targets().delegations());
    roles.removeIf(other -> other.name().equals(role.name()));
    roles.add(role);
    published = edition.next(published, Change.NONE.withTargets(targets(), roles));
    return published;
  }

  /**
   * Reads what a delegated role's owner signed, before a file of it is added.
   *
   * @throws PublisherException as {@link #putRole}
   */
  TargetsMetadata checkRole(DelegatedRole role, byte[] metadata) throws PublisherException {
    return edition.checkRole(published, role, metadata);
  }

  /**
   * Publishes the metadata that a delegated role's owner signed, whose targets' files were added.
   *
   * @param metadata the file; not changed
   * @throws PublisherException {@code INPUT_MALFORMED} if it is not the role's, not signed by
   *     enough of its owner's keys, expired, or not newer than what is published
   */
  public Published putRole(DelegatedRole role, byte[] metadata) throws PublisherException {
    published = edition.next(published, Change.NONE.withRole(role, metadata));
    return published;
  }

  /**
   * Signs the same again for as long as these roles' metadata holds. Timestamp and snapshot always
   * are.
   *
   * @param targets whether the targets are, too
   */
  public Published refresh(boolean targets) throws PublisherException {
    Change change =
        targets
            ? Change.NONE.withTargets(targets(), published.targets().delegations())
            : Change.NONE;
    published = edition.next(published, change);
    return published;
  }

  /**
   * Signs all again: a new root with the same keys, and targets, too.
   *
   * @throws PublisherException as {@link #rotate}
   */
  public Published renew() throws PublisherException {
    requireFinished("renew the root");
    published =
        edition.next(
            published,
            Change.NONE
                .withKeys(RoleType.ROOT, published.root().keysOf(RoleType.ROOT))
                .withTargets(targets(), published.targets().delegations()));
    return published;
  }

  /**
   * Gives a role other keys, by a new root. The old root's keys must be at hand, and the role's old
   * and new ones: what is published meanwhile is signed by both.
   *
   * @throws PublisherException as {@link #publish}; {@code ROTATION_UNFINISHED} if {@link
   *     #replaceLost} has begun, and not ended
   */
  public Published rotate(RoleType role, RoleKeys next) throws PublisherException {
    requireFinished("give " + role.word() + " new keys");
    Change change = Change.NONE.withKeys(role, next);
    published =
        edition.next(
            published,
            role == RoleType.TARGETS
                ? change.withTargets(targets(), published.targets().delegations())
                : change);
    return published;
  }

  private void requireFinished(String attempted) throws PublisherException {
    Optional<LostKeys> lost = LostKeys.of(published.root());
    if (lost.isPresent()) {
      throw lost.get().unfinished(attempted);
    }
  }

  /**
   * The role that {@link #replaceLost} has begun to give new keys, and these keys; nothing if it
   * was never begun, or is finished.
   */
  public Optional<Map.Entry<RoleType, RoleKeys>> unfinished() {
    return LostKeys.of(published.root()).map(lost -> Map.entry(lost.role(), lost.next()));
  }

  /**
   * Gives a role other keys where its old ones sign nothing any more: by a root that believes the
   * old and the new ones, new metadata, and a root that believes the new ones alone, in this order.
   * Devices believe what is published at every moment. If power fails inside, the same again goes
   * on from there.
   *
   * @param role not root; the one that {@link #unfinished} says, if it says one
   * @param next as well
   * @throws PublisherException as {@link #publish}; {@code ROTATION_UNFINISHED} if another role or
   *     other keys were begun with
   */
  public Published replaceLost(RoleType role, RoleKeys next) throws PublisherException {
    LostKeys lost = new LostKeys(role, next);
    Optional<LostKeys> begun = LostKeys.of(published.root());
    if (begun.isPresent() && !begun.get().equals(lost)) {
      throw begun
          .get()
          .unfinished("give " + role.word() + " new keys, which are others than were begun with");
    }
    // Targets that have expired could not be renewed before: no timestamp would stand for them.
    boolean again =
        role == RoleType.TARGETS || published.targets().signed().isExpired(edition.now());
    published =
        edition.replace(
            published,
            lost,
            again
                ? Optional.of(new Change.Targets(targets(), published.targets().delegations()))
                : Optional.empty());
    return published;
  }

  /**
   * Those of these drafts that are still to be published; the others were published before, and
   * perhaps something after them.
   *
   * @param requests for root and targets; their authorities do not matter
   * @throws PublisherException {@code REQUEST_OUTDATED} if one does not follow from what is
   *     published now, or has expired; {@code INPUT_MALFORMED}
   */
  public PendingDrafts pending(List<SigningRequest> requests) throws PublisherException {
    return edition.pending(published, requests);
  }

  /**
   * Finds out whether the keys of snapshot and timestamp are at hand that must sign with these.
   *
   * @throws PublisherException as {@link Authority#rehearse}
   */
  public void rehearse(PendingDrafts drafts) throws PublisherException {
    edition.rehearse(published, drafts);
  }

  /**
   * Publishes drafts that were signed elsewhere, whose files were added when they were drafted; the
   * authority's signing has the signatures. Whose count is what the published root says, and not
   * the requests. Nothing is done if all of them were published before.
   *
   * @throws PublisherException as {@link #pending} and {@link #publish}, {@code SIGNATURES_MISSING}
   */
  public Published take(List<SigningRequest> requests) throws PublisherException {
    published = edition.take(published, requests);
    return published;
  }

  private Map<String, TargetEntry> targets() {
    Map<String, TargetEntry> entries = new LinkedHashMap<>();
    published
        .targets()
        .targets()
        .forEach(
            (path, file) ->
                entries.put(
                    path,
                    new TargetEntry(
                        file,
                        file.custom()
                            .flatMap(custom -> custom.optionalObject(LevelEntry.CUSTOM))
                            .<Map<String, Object>>map(ours -> Map.of(LevelEntry.CUSTOM, ours))
                            .orElse(Map.of()))));
    return entries;
  }

  @Override
  public void close() throws PublisherException {
    lock.close();
  }
}
