package dev.suture.publisher.workspace;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.KeyType;
import dev.suture.publisher.keys.role.Passphrase;
import dev.suture.publisher.keys.role.PassphraseSource;
import dev.suture.publisher.keys.role.RoleSigner;
import dev.suture.publisher.keys.role.SafeFiles;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.PublisherLock;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.repository.RoleSigning;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A folder with
 *
 * <pre>
 *   ROLE-TYPE[-N].key   a private key, rw-------, sealed if a passphrase was given; .key.pub beside it
 *   root.json           the root that goes into the device image, public
 *   publisher.json      {@link Settings}
 * </pre>
 */
public final class Workspace {
  /** Name of the root for devices. */
  public static final String ROOT = "root.json";

  private static final int ROOT_BYTES_MAX = 512 << 10;
  private static final int GENERATIONS_MAX = 1_000;

  private final Path folder;

  /** The folder need not exist yet. */
  public Workspace(Path folder) {
    this.folder = folder;
  }

  /** Where the root for devices is. */
  public Path rootFile() {
    return folder.resolve(ROOT);
  }

  /** Whether keys were made, and a root of them. */
  public boolean isThere() {
    return Files.exists(rootFile(), LinkOption.NOFOLLOW_LINKS);
  }

  /** What an operator is told who needs keys that are not there. */
  static PublisherException missing(Path folder) {
    return new PublisherException(
        Problem.KEYS_MISSING,
        new Details(
            "read the publisher's root",
            "a folder that \"suture-publish init\" made",
            "none",
            folder.toString(),
            "make one with \"suture-publish init --keys DIR --repository DIR\", or correct --keys"));
  }

  /**
   * The root that devices are flashed with.
   *
   * @throws PublisherException {@code KEYS_MISSING}, {@code INPUT_UNREADABLE}
   */
  public byte[] trustedRoot() throws PublisherException {
    if (!isThere()) {
      throw missing(folder);
    }
    return InputFiles.read("the root", rootFile(), ROOT_BYTES_MAX);
  }

  /** The settings; the default ones if none were written. */
  public Settings settings() throws PublisherException {
    return Settings.load(folder);
  }

  /** Writes the settings; durable on return, and as a whole. */
  private void write(Settings settings) throws PublisherException {
    settings.store(folder);
  }

  /**
   * The settings, which have no such OS release.
   *
   * @throws PublisherException {@code BASELINE_EXISTS} if it was recorded
   */
  public Settings requireUnrecorded(String model, Baseline baseline) throws PublisherException {
    Settings settings = settings();
    if (settings.baseline(model, baseline).isPresent()) {
      throw new PublisherException(
          Problem.BASELINE_EXISTS,
          new Details(
              "record " + baseline + " for " + model,
              "a release that was not recorded",
              "one that was",
              folder.resolve(Settings.FILE).toString(),
              "nothing, if it is the same; a release that was flashed never changes"));
    }
    return settings;
  }

  /**
   * Records one more OS release, beside those that others record meanwhile; durable on return.
   *
   * @throws PublisherException {@code BASELINE_EXISTS}, {@code REPOSITORY_BUSY}, {@code
   *     STORAGE_FAILED}
   */
  public void record(BaselineRecord more) throws PublisherException {
    PublisherLock lock = PublisherLock.ofKeys(folder, Publication.WAIT_MAX);
    try {
      write(requireUnrecorded(more.model(), more.baseline()).with(more));
    } finally {
      lock.close();
    }
  }

  /**
   * In whose name repositories change.
   *
   * @throws PublisherException {@code KEYS_MISSING}, {@code INPUT_UNREADABLE}, {@code
   *     INPUT_MALFORMED}
   */
  public Authority authority(PassphraseSource passphrases, Clock clock) throws PublisherException {
    return signedBy(keys(passphrases), clock);
  }

  /** As above, where not all is signed with the keys in this folder. */
  public Authority signedBy(RoleSigning signing, Clock clock) throws PublisherException {
    return new Authority(trustedRoot(), signing, settings().expiry(), clock);
  }

  /** The private keys in this folder; nothing is read yet. */
  public KeyRing keys(PassphraseSource passphrases) {
    return new KeyRing(folder, passphrases);
  }

  /**
   * Makes all keys, settings, and a root of version 1 that they sign. If power fails inside, the
   * next call goes on with the keys that are there; the root is last.
   *
   * @param passphrase seals the private keys, if it is there; it is not closed
   * @param source for keys that are there and sealed
   * @throws PublisherException {@code KEYS_EXIST} if there is a root, {@code STORAGE_FAILED}
   */
  public void init(
      Settings settings, Optional<Passphrase> passphrase, PassphraseSource source, Clock clock)
      throws PublisherException {
    if (isThere()) {
      throw new PublisherException(
          Problem.KEYS_EXIST,
          new Details(
              "make the publisher's keys",
              "a folder without a root",
              "one with a root",
              rootFile().toString(),
              "use them, or choose another --keys folder: devices trust the root that they were"
                  + " flashed with, so none is ever overwritten"));
    }
    KeyRing ring = new KeyRing(folder, source);
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    for (RoleType role : RoleType.values()) {
      roles.put(role, newKeys(role, 1, passphrase, ring));
    }
    write(settings);
    MetadataWriter.Header header =
        new MetadataWriter.Header(
            1,
            clock
                .instant()
                .truncatedTo(ChronoUnit.SECONDS)
                .plus(settings.expiry().days(RoleType.ROOT), ChronoUnit.DAYS));
    DraftMetadata root = MetadataWriter.root(header, true, roles);
    RoleKeys own = new RootMetadata(root.read()).keysOf(RoleType.ROOT);
    SafeFiles.writePublic(
        rootFile(),
        root.file(
            ring.sign(List.of(new SigningRequest(RoleType.ROOT.word(), root, List.of(own))))
                .get(0)));
  }

  /**
   * Keys for a role that no root names yet: made, or left by a rotation that lost its power.
   *
   * @param root the newest one
   * @param passphrase seals the private keys, if it is there; it is not closed
   */
  public RoleKeys nextKeys(RoleType role, RootMetadata root, Optional<Passphrase> passphrase)
      throws PublisherException {
    for (int generation = 2; generation <= GENERATIONS_MAX; generation++) {
      if (isLost(role, generation)) {
        continue;
      }
      KeyFile first = file(role, RoleRecipe.keys(role).get(0), generation);
      if (!Files.exists(first.file(), LinkOption.NOFOLLOW_LINKS)
          || (!root.keysOf(role).keys().containsValue(first.publicKey())
              && !isNewer(role, generation))) {
        return newKeys(role, generation, passphrase, new KeyRing(folder, Workspace::noPassphrase));
      }
    }
    throw new IllegalStateException("nobody rotates keys " + GENERATIONS_MAX + " times");
  }

  /** Whether a public half is there alone: the private one is written before it. */
  private boolean isLost(RoleType role, int generation) {
    return RoleRecipe.keys(role).stream()
        .map(type -> file(role, type, generation))
        .anyMatch(
            key ->
                Files.exists(key.publicFile(), LinkOption.NOFOLLOW_LINKS)
                    && !Files.exists(key.file(), LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Keys as {@link #nextKeys} would make them, but in no file.
   *
   * @param ring can sign with them then
   */
  public static RoleKeys passingKeys(RoleType role, KeyRing ring) {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (KeyType type : RoleRecipe.keys(role)) {
      RoleSigner made = type.passing();
      ring.addPassing(made);
      keys.put(made.key().id(), made.key());
    }
    return new RoleKeys(keys, keys.size());
  }

  private boolean isNewer(RoleType role, int generation) {
    return Files.exists(
        file(role, RoleRecipe.keys(role).get(0), generation + 1).file(), LinkOption.NOFOLLOW_LINKS);
  }

  private RoleKeys newKeys(
      RoleType role, int generation, Optional<Passphrase> passphrase, KeyRing ring)
      throws PublisherException {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (KeyType type : RoleRecipe.keys(role)) {
      TufKey key = key(file(role, type, generation), type, passphrase, ring);
      keys.put(key.id(), key);
    }
    return new RoleKeys(keys, keys.size());
  }

  private static TufKey key(
      KeyFile file, KeyType type, Optional<Passphrase> passphrase, KeyRing ring)
      throws PublisherException {
    if (Files.exists(file.file(), LinkOption.NOFOLLOW_LINKS)) {
      return file.publicKey();
    }
    RoleSigner made = file.generate(type, passphrase);
    ring.add(made);
    return made.key();
  }

  private KeyFile file(RoleType role, KeyType type, int generation) {
    return new KeyFile(
        folder.resolve(
            role.word()
                + "-"
                + type.word()
                + (generation == 1 ? "" : "-" + generation)
                + KeyRing.ENDING));
  }

  /**
   * Keeps the newest root for new device images, also if a run before lost its power here; never an
   * older one in its place. Durable on return. To be called while a publication is open.
   *
   * @return whether it was not here yet
   * @throws PublisherException {@code KEYS_MISSING}, {@code REPOSITORY_BUSY}, {@code
   *     STORAGE_FAILED}
   */
  public boolean keepRoot(Repository repository, Published published) throws PublisherException {
    if (published.isOnBridge()) {
      return false; // The one behind it is for devices.
    }
    long newest = published.root().signed().version();
    if (version(trustedRoot()) >= newest) {
      return false;
    }
    // Another repository may have the same keys.
    PublisherLock lock = PublisherLock.ofKeys(folder, Publication.WAIT_MAX);
    try {
      if (version(trustedRoot()) >= newest) {
        return false;
      }
      Settings.replace(folder, ROOT, repository.root(newest));
      return true;
    } finally {
      lock.close();
    }
  }

  private static long version(byte[] root) {
    return SignedMetadata.decode(RoleType.ROOT, RoleType.ROOT.word(), root, ROOT_BYTES_MAX)
        .version();
  }

  private static Passphrase noPassphrase(String what) {
    throw new IllegalStateException("nothing is signed yet: " + what);
  }
}
