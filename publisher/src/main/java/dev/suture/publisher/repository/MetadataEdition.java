package dev.suture.publisher.repository;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
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
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the metadata that follows from what is published. A version number whose file is there is
 * never used again, whether anything stands for it or not: a device may have seen the timestamp
 * that stood for it before the power failed.
 */
final class MetadataEdition {
  private static final String ENDING = ".json";
  private static final int METADATA_BYTES_MAX = 5_000_000;

  private final Repository repository;
  private final Authority authority;
  private final DurableFiles files;

  MetadataEdition(Repository repository, Authority authority) {
    this.repository = repository;
    this.authority = authority;
    this.files = new DurableFiles(repository);
  }

  /** Makes the metadata of a new repository. */
  Published first() throws PublisherException {
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
                    MetadataWriter.targets(header(RoleType.TARGETS, 1, now), Map.of(), List.of()),
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

  /** Writes what follows from a change; the new timestamp last. */
  Published next(Published before, Change change) throws PublisherException {
    Instant now = authority.now();
    RoleKeySets keys = new RoleKeySets(before.root(), change.keys());
    Map<String, MetaFile> meta = new LinkedHashMap<>(before.snapshot().roles());
    if (change.targets().isPresent()) {
      String role = RoleType.TARGETS.word();
      long version = nextVersion(role, before.targets().signed().version());
      byte[] targets =
          signed(
              RoleType.TARGETS,
              MetadataWriter.targets(
                  header(RoleType.TARGETS, version, now),
                  change.targets().get().entries(),
                  change.targets().get().delegations()),
              keys.of(RoleType.TARGETS));
      if (targets.length > METADATA_BYTES_MAX) {
        throw LevelRules.full("targets of at most " + METADATA_BYTES_MAX + " bytes");
      }
      add(version, role, targets);
      meta.put(role, MetaFile.of(version, targets));
    }
    if (change.role().isPresent()) {
      addRole(change.role().get(), meta);
    }
    String role = RoleType.SNAPSHOT.word();
    // One number for both, so that what is there of the one tells what was seen of the other.
    long version =
        nextVersion(role, Math.max(before.snapshot().signed().version(), before.version()));
    byte[] snapshot =
        signed(
            RoleType.SNAPSHOT,
            MetadataWriter.snapshot(header(RoleType.SNAPSHOT, version, now), meta),
            keys.of(RoleType.SNAPSHOT));
    Optional<NextRoot> root =
        change.keys().isPresent()
            ? Optional.of(nextRoot(before.root(), keys, now))
            : Optional.empty();
    byte[] timestamp = timestamp(version, now, snapshot, keys.of(RoleType.TIMESTAMP));
    add(version, role, snapshot);
    Optional<String> probe =
        change.role().isPresent()
            ? VendorMetadata.read(change.role().get().role(), change.role().get().metadata())
                .targets()
                .keySet()
                .stream()
                .findFirst()
            : Optional.empty();
    return publish(timestamp, root, probe, now);
  }

  private void addRole(Change.Role change, Map<String, MetaFile> meta) throws PublisherException {
    String name = change.role().name();
    TargetsMetadata read = VendorMetadata.read(change.role(), change.metadata());
    long version = read.signed().version();
    long known = Optional.ofNullable(meta.get(name)).map(MetaFile::version).orElse(0L);
    if (nextVersion(name, known) > version && !isThere(version, name, change.metadata())) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "take over the metadata of " + name,
              "version " + nextVersion(name, known) + " or higher",
              "version " + version,
              path(FileNames.metadata(version, name)),
              "ask its owner to sign again with --version " + nextVersion(name, known)));
    }
    add(version, name, change.metadata());
    meta.put(name, MetaFile.of(version, change.metadata()));
  }

  /** A root that is not there yet. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record NextRoot(String name, byte[] file) {}

  private NextRoot nextRoot(RootMetadata before, RoleKeySets keys, Instant now)
      throws PublisherException {
    long version = before.signed().version() + 1;
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    for (RoleType type : RoleType.values()) {
      roles.put(type, keys.next(type));
    }
    String role = RoleType.ROOT.word();
    byte[] file =
        signed(
            RoleType.ROOT,
            MetadataWriter.root(header(RoleType.ROOT, version, now), true, roles),
            keys.of(RoleType.ROOT));
    return new NextRoot(FileNames.metadata(version, role), file);
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
    return draft.file(authority.signing().sign(role.word(), draft, keys));
  }

  /** Replaces the timestamp, if a device believes what comes of it; then adds the new root. */
  private Published publish(
      byte[] timestamp, Optional<NextRoot> root, Optional<String> probe, Instant now)
      throws PublisherException {
    if (root.isPresent()) {
      // Until the new root is there, devices must believe what they see; the old one may have
      // expired, though, and is renewed for that reason.
      require(Map.of(Repository.TIMESTAMP, timestamp), probe, Instant.EPOCH);
      require(
          Map.of(Repository.TIMESTAMP, timestamp, root.get().name(), root.get().file()),
          probe,
          now);
    } else {
      require(Map.of(Repository.TIMESTAMP, timestamp), probe, now);
    }
    files.replace(path(Repository.TIMESTAMP), timestamp);
    if (root.isPresent()) {
      files.add(path(root.get().name()), root.get().file());
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

  /** The lowest number above {@code known} that no file of this role has. */
  private long nextVersion(String role, long known) throws PublisherException {
    String suffix = "." + FileNames.encoded(role) + ENDING;
    long highest = known;
    try {
      for (String name : repository.storage().list(Repository.METADATA)) {
        if (name.endsWith(suffix)) {
          highest = Math.max(highest, number(name.substring(0, name.length() - suffix.length())));
        }
      }
    } catch (IOException e) {
      throw repository.unreadable(Repository.METADATA, e);
    }
    return highest + 1;
  }

  private boolean isThere(long version, String role, byte[] file) throws PublisherException {
    String name = FileNames.metadata(version, role);
    try {
      return repository
          .metadata(name, METADATA_BYTES_MAX)
          .map(there -> Arrays.equals(there, file))
          .orElse(false);
    } catch (IOException e) {
      throw repository.unreadable(path(name), e);
    }
  }

  private static long number(String text) {
    return text.matches("[0-9]{1,15}") ? Long.parseLong(text) : 0;
  }

  private static RootMetadata root(byte[] file) {
    return new RootMetadata(
        SignedMetadata.decode(RoleType.ROOT, RoleType.ROOT.word(), file, file.length));
  }
}
