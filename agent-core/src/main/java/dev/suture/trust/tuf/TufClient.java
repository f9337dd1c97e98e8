package dev.suture.trust.tuf;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SnapshotMetadata;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's workflow (specification, section 5): from the root that was shipped to the newest
 * files that it stands for. What it believes is stored before it is built upon, and nothing else is
 * stored. One refresh, then any number of questions; for the next refresh a new one.
 */
public final class TufClient {
  /** Most roots that one refresh goes through (5.3.3: there must be a limit). */
  public static final int ROOT_ROTATIONS_MAX = 256;

  /** Most targets roles that are asked for one target (5.6.7.1). */
  public static final int DELEGATIONS_MAX = 32;

  private static final Logger LOG = LoggerFactory.getLogger(TufClient.class);

  private final LocalMetadata local;
  private final MetadataSource source;
  private final TrustedMetadata rules;
  private final RootMetadata root;
  private final TimestampMetadata timestamp;
  private final SnapshotMetadata snapshot;
  private final TargetsMetadata targets;

  private TufClient(
      LocalMetadata local, MetadataSource source, Instant now, CheckedSignatures checked)
      throws SutureException {
    this.local = local;
    this.source = source;
    this.rules = new TrustedMetadata(now, checked);
    this.root = refreshRoot();
    this.timestamp = refreshTimestamp();
    this.snapshot = refreshSnapshot(timestamp);
    this.targets =
        targetsRole(RoleType.TARGETS.word(), root.keysOf(RoleType.TARGETS))
            .orElseThrow(
                () ->
                    new RejectedException(
                        FailureCode.METADATA_MALFORMED, "snapshot: expected targets.json"));
  }

  /**
   * Begins to trust a root.
   *
   * @param trustedRoot delivered out of band
   * @throws RejectedException if it is malformed, or not signed by itself; nothing is stored then
   */
  public static void initialize(LocalMetadata local, byte[] trustedRoot) throws SutureException {
    checkRoot(trustedRoot, new CheckedSignatures());
    local.store(FileNames.metadata(RoleType.ROOT.word()), trustedRoot);
  }

  /**
   * Checks a root that was delivered out of band; it may have expired.
   *
   * @param checked signatures that were good before
   * @throws RejectedException if it is malformed, or not signed by itself
   */
  public static void checkRoot(byte[] trustedRoot, CheckedSignatures checked)
      throws RejectedException {
    forEver(checked).root(trustedRoot);
  }

  /**
   * Those of these roots that lead on from the trusted one, in their order.
   *
   * @param trustedRoot checked before
   * @param rotations roots that were believed behind it or behind an older one
   * @param checked signatures that were good before
   * @throws RejectedException if one of them is not signed by its predecessor and itself, or one is
   *     missing
   */
  public static List<byte[]> rootsBehind(
      byte[] trustedRoot, List<byte[]> rotations, CheckedSignatures checked)
      throws RejectedException {
    TrustedMetadata rules = forEver(checked);
    RootMetadata newest = rules.root(trustedRoot);
    List<byte[]> behind = new ArrayList<>();
    for (byte[] rotation : rotations) {
      if (rules.root(rotation).signed().version() > newest.signed().version()) {
        newest = rules.nextRoot(rotation, newest);
        behind.add(rotation);
      }
    }
    return behind;
  }

  /**
   * Brings the metadata up to date. When it fails, what was believed before is still there, and
   * whatever was verified on the way.
   *
   * @param now fixed for the whole of it (5.1)
   * @throws RejectedException a rule was broken
   * @throws RetryableException the mirror did not answer
   */
  public static TufClient refreshed(LocalMetadata local, MetadataSource source, Instant now)
      throws SutureException {
    return refreshed(local, source, now, new CheckedSignatures());
  }

  /** The same, by who has checked most of the signatures before. */
  public static TufClient refreshed(
      LocalMetadata local, MetadataSource source, Instant now, CheckedSignatures checked)
      throws SutureException {
    return new TufClient(local, source, now, checked);
  }

  /**
   * What was believed at the end of a refresh that went to its end, without network. Nothing
   * expires: it is what this device knows.
   *
   * @param local read only
   * @param checked signatures that were good before
   * @throws RetryableException {@code SERVER_NOT_FOUND} if a file is missing or does not fit the
   *     others, as after a refresh that did not go to its end
   * @throws RejectedException if the root is no root
   */
  public static TufClient believed(LocalMetadata local, CheckedSignatures checked)
      throws SutureException {
    String timestamp = FileNames.metadata(RoleType.TIMESTAMP.word());
    return new TufClient(
        new ReadOnly(local),
        (name, bytesMax) -> name.equals(timestamp) ? local.load(name, bytesMax) : Optional.empty(),
        Instant.MIN,
        checked);
  }

  /** The rules without expiry. */
  private static TrustedMetadata forEver(CheckedSignatures checked) {
    return new TrustedMetadata(Instant.MIN, checked);
  }

  /** Metadata that is not changed: what would be stored is what is there. */
  private record ReadOnly(LocalMetadata local) implements LocalMetadata {
    @Override
    public Optional<byte[]> load(String name, int bytesMax) throws SutureException {
      return local.load(name, bytesMax);
    }

    @Override
    public void store(String name, byte[] bytes) {}

    @Override
    public void delete(String name) {}
  }

  /** Whether names of targets carry their digest. */
  public boolean consistentSnapshot() {
    return root.consistentSnapshot();
  }

  /** 5.3 */
  private RootMetadata refreshRoot() throws SutureException {
    String name = FileNames.metadata(RoleType.ROOT.word());
    RootMetadata newest =
        rules.root(
            local
                .load(name, TrustedMetadata.ROOT_BYTES_MAX)
                .orElseThrow(
                    () ->
                        new RejectedException(
                            FailureCode.METADATA_MALFORMED, "root: expected a trusted one")));
    for (int i = 0; i < ROOT_ROTATIONS_MAX; i++) {
      long next = newest.signed().version() + 1;
      Optional<byte[]> bytes =
          source.fetch(
              FileNames.metadata(next, RoleType.ROOT.word()), TrustedMetadata.ROOT_BYTES_MAX);
      if (!bytes.isPresent()) {
        break;
      }
      RootMetadata rotated = rules.nextRoot(bytes.get(), newest);
      // 5.3.11, before the root is stored: after a power cut it is too late to see the change.
      forgetIfRevoked(rotated, newest);
      local.store(name, bytes.get());
      newest = rotated;
    }
    rules.requireNotExpired("root", newest.signed());
    return newest;
  }

  /** 5.3.11: whoever held the old keys may have raised the versions beyond reach. */
  private void forgetIfRevoked(RootMetadata next, RootMetadata before) throws SutureException {
    for (RoleType role : new RoleType[] {RoleType.TIMESTAMP, RoleType.SNAPSHOT}) {
      if (before.keysOf(role).isRevokedBy(next.keysOf(role))) {
        LOG.info("keys of {} were revoked: timestamp and snapshot are forgotten", role.word());
        local.delete(FileNames.metadata(RoleType.TIMESTAMP.word()));
        local.delete(FileNames.metadata(RoleType.SNAPSHOT.word()));
      }
    }
  }

  /** 5.4 */
  private TimestampMetadata refreshTimestamp() throws SutureException {
    String name = FileNames.metadata(RoleType.TIMESTAMP.word());
    Optional<TimestampMetadata> before =
        believed(
            name, TrustedMetadata.TIMESTAMP_BYTES_MAX, bytes -> rules.localTimestamp(bytes, root));
    byte[] bytes = required(name, TrustedMetadata.TIMESTAMP_BYTES_MAX);
    TimestampMetadata timestamp = rules.timestamp(bytes, root, before);
    if (!before.isPresent() || timestamp != before.get()) {
      local.store(name, bytes);
    }
    return timestamp;
  }

  /** 5.5 */
  private SnapshotMetadata refreshSnapshot(TimestampMetadata timestamp) throws SutureException {
    String role = RoleType.SNAPSHOT.word();
    String name = FileNames.metadata(role);
    MetaFile file = timestamp.snapshot();
    Optional<SnapshotMetadata> before =
        believed(
            name, TrustedMetadata.SNAPSHOT_BYTES_MAX, bytes -> rules.localSnapshot(bytes, root));
    Optional<SnapshotMetadata> current =
        believed(
            name,
            TrustedMetadata.SNAPSHOT_BYTES_MAX,
            bytes -> rules.snapshot(bytes, root, timestamp, before));
    if (current.isPresent()) {
      return current.get();
    }
    byte[] bytes =
        required(remoteName(role, file), bytesMax(file, TrustedMetadata.SNAPSHOT_BYTES_MAX));
    SnapshotMetadata fetched = rules.snapshot(bytes, root, timestamp, before);
    local.store(name, bytes);
    return fetched;
  }

  /** 5.6.1 to 5.6.6; nothing if the snapshot does not name the role. */
  private Optional<TargetsMetadata> targetsRole(String role, RoleKeys keys) throws SutureException {
    Optional<MetaFile> named = snapshot.role(role);
    if (!named.isPresent()) {
      return Optional.empty();
    }
    MetaFile file = named.get();
    String name = FileNames.metadata(role);
    Optional<TargetsMetadata> current =
        believed(
            name,
            TrustedMetadata.TARGETS_BYTES_MAX,
            bytes -> rules.targets(role, bytes, keys, file));
    if (current.isPresent()) {
      return current;
    }
    byte[] bytes =
        required(remoteName(role, file), bytesMax(file, TrustedMetadata.TARGETS_BYTES_MAX));
    TargetsMetadata fetched = rules.targets(role, bytes, keys, file);
    local.store(name, bytes);
    return Optional.of(fetched);
  }

  private String remoteName(String role, MetaFile file) {
    return root.consistentSnapshot()
        ? FileNames.metadata(file.version(), role)
        : FileNames.metadata(role);
  }

  private static int bytesMax(MetaFile file, int bytesMax) {
    return (int) Math.min(bytesMax, file.length().orElse(bytesMax));
  }

  private byte[] required(String name, int bytesMax) throws SutureException {
    return source
        .fetch(name, bytesMax)
        .orElseThrow(
            () ->
                new RetryableException(
                    FailureCode.SERVER_NOT_FOUND, name + ": expected a file, got none"));
  }

  /** Reads one file of metadata by the rules. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(byte[] bytes) throws RejectedException;
  }

  /** What is stored, if it still holds by these rules: a new root may not believe it any more. */
  private <T> Optional<T> believed(String name, int bytesMax, Reader<T> reader)
      throws SutureException {
    Optional<byte[]> bytes = local.load(name, bytesMax);
    if (!bytes.isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.read(bytes.get()));
    } catch (RejectedException e) {
      LOG.debug("{} as it is stored does not do: {}", name, e.getMessage());
      return Optional.empty();
    }
  }

  /** A targets role that is to be asked. */
  private record Question(String role, RoleKeys keys) {}

  /**
   * Looks a target up (5.6.7): the delegations of a role before its neighbours, in their order,
   * each role once.
   *
   * @return nothing if no role that is responsible for it names it
   */
  public Optional<TargetFile> target(String path) throws SutureException {
    Deque<Question> stack = new ArrayDeque<>();
    Set<String> visited = new HashSet<>();
    stack.push(new Question(RoleType.TARGETS.word(), root.keysOf(RoleType.TARGETS)));
    while (!stack.isEmpty() && visited.size() <= DELEGATIONS_MAX) {
      Question question = stack.pop();
      if (!visited.add(question.role)) {
        continue;
      }
      Optional<TargetsMetadata> role =
          visited.size() == 1 ? Optional.of(targets) : targetsRole(question.role, question.keys);
      if (!role.isPresent()) {
        throw new RejectedException(
            FailureCode.METADATA_MISMATCH,
            "snapshot: expected the delegated role " + question.role + ", got nothing");
      }
      Optional<TargetFile> file = role.get().target(path);
      if (file.isPresent()) {
        return file;
      }
      delegate(role.get().delegations(), path, stack);
    }
    return Optional.empty();
  }

  private static void delegate(
      List<DelegatedRole> delegations, String path, Deque<Question> stack) {
    Deque<Question> next = new ArrayDeque<>();
    for (DelegatedRole role : delegations) {
      if (role.isFor(path)) {
        next.push(new Question(role.name(), role.keys()));
        if (role.terminating()) {
          stack.clear(); // 5.6.7.2: nobody behind it is asked.
          break;
        }
      }
    }
    next.forEach(stack::push);
  }

  /** The timestamp that is believed now. */
  public TimestampMetadata timestamp() {
    return timestamp;
  }

  /** What the top-level targets role says itself. */
  public TargetsMetadata targets() {
    return targets;
  }

  /** The version of the snapshot that is believed now, for logs. */
  public SignedMetadata snapshot() {
    return snapshot.signed();
  }
}
