package dev.suture.sim;

import com.github.luben.zstd.Zstd;
import dev.suture.delta.DeltaScript;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.OsParts;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.PathPattern;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.verity.VerityTreeBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A publisher with keys, small images of a few blocks, and everything that follows from them.
 * Deterministic: the same calls give the same bytes.
 */
public final class SimPublisher {
  /** The OS release of every simulated device. */
  public static final Baseline BASELINE = new Baseline("26.1");

  /** Their model. */
  public static final String MODEL = "sim";

  /** A component of three blocks. */
  public static final ComponentName TLS = new ComponentName("tls");

  /** A component of two blocks. */
  public static final ComponentName WEB = new ComponentName("web");

  /** What an image begins with whose services do not work. */
  static final byte[] SICK = "sick".getBytes(StandardCharsets.US_ASCII);

  /** What an image begins with that stops the kernel, but not on trial. */
  static final byte[] HANGS_LATER = "late".getBytes(StandardCharsets.US_ASCII);

  /** What an image begins with whose services crash again and again once they run. */
  static final byte[] CRASHES = "boom".getBytes(StandardCharsets.US_ASCII);

  /** What an OS begins with whose agent never starts. */
  static final byte[] DEAD = "dead".getBytes(StandardCharsets.US_ASCII);

  /** What an image begins with that stops the kernel. */
  static final byte[] HANGS = "hang".getBytes(StandardCharsets.US_ASCII);

  private static final int FIRST_KEY = 1;
  private static final int ZSTD_LEVEL = 3;

  private final SortedMap<ComponentName, byte[]> bases = new TreeMap<>();
  private final Map<Sha256, Manifest> manifests = new LinkedHashMap<>();
  private final Map<Sha256, byte[]> images = new LinkedHashMap<>();
  private final List<LevelEntry> entries = new ArrayList<>();
  private final Map<String, TargetFile> sealed = new LinkedHashMap<>();
  private final List<DelegatedRole> delegations = new ArrayList<>();
  private final Map<String, byte[]> delegated = new LinkedHashMap<>();
  private final Map<ComponentName, Map<String, TargetEntry>> vouched = new LinkedHashMap<>();
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final List<byte[]> timestamps = new ArrayList<>();
  private final SimRepository repository;
  private long version;

  /** A publisher who has published nothing. */
  public SimPublisher() {
    this(FIRST_KEY);
  }

  /** Somebody else, who has other keys. */
  public static SimPublisher stranger() {
    return new SimPublisher(FIRST_KEY + RoleType.values().length);
  }

  private SimPublisher(int firstKey) {
    repository = new SimRepository(files, firstKey);
    bases.put(TLS, noise("base tls", 3));
    bases.put(WEB, noise("base web", 2));
    publish();
  }

  /** What a level is made of. */
  public static final class Release {
    private final Level level;
    private byte[] mark = {};
    private UnaryOperator<Manifest> changed = manifest -> manifest;
    private UnaryOperator<byte[]> delta = bytes -> bytes;
    private UnaryOperator<byte[]> full = bytes -> bytes;
    private boolean withDelta = true;
    private RestartScope restart = RestartScope.REBOOT;
    private boolean withOs;

    private Release(Level level) {
      this.level = level;
    }

    /** Its services do not work. */
    public Release sick() {
      mark = SICK;
      return this;
    }

    /** It stops the kernel when it is started again after its trial. */
    public Release hangsLater() {
      mark = HANGS_LATER;
      return this;
    }

    /** Its services crash again and again, and are started again each time. */
    public Release crashes() {
      mark = CRASHES;
      return this;
    }

    /** It brings an OS, too; to devices of {@link SimPublisher#patchesOs}. */
    public Release withOs() {
      withOs = true;
      return this;
    }

    /** It brings an OS whose agent never starts. */
    public Release withDeadOs() {
      mark = DEAD;
      return withOs();
    }

    /** It stops the kernel. */
    public Release hangs() {
      mark = HANGS;
      return this;
    }

    /** A restart of the services is enough for it. */
    public Release live() {
      restart = RestartScope.SERVICES;
      return this;
    }

    /** It asks for a restart of the userspace. */
    public Release userspace() {
      restart = RestartScope.USERSPACE;
      return this;
    }

    /** Its manifest is changed before it is signed. */
    public Release manifest(UnaryOperator<Manifest> change) {
      changed = change;
      return this;
    }

    /** Its deltas are changed before they are signed. */
    public Release delta(UnaryOperator<byte[]> change) {
      delta = change;
      return this;
    }

    /** Its full payloads are changed before they are signed. */
    public Release full(UnaryOperator<byte[]> change) {
      full = change;
      return this;
    }

    /** It has full payloads alone. */
    public Release withoutDelta() {
      withDelta = false;
      return this;
    }
  }

  /** Its devices have an OS that can be patched; before any of them is made. */
  public SimPublisher patchesOs() {
    bases.put(OsParts.ROOT, noise("base os", 2));
    bases.put(OsParts.BOOT, noise("base boot", 1));
    return this;
  }

  /** A level that is to be published. */
  public static Release level(String letters) {
    return new Release(new Level(letters));
  }

  /** Publishes a level; returns its manifest. */
  public Manifest release(Release release) {
    List<PatchComponent> components = new ArrayList<>();
    bases.forEach(
        (name, base) -> {
          if (OsParts.contain(name) && !release.withOs) {
            return;
          }
          byte[] image = image(name, release);
          images.put(Sha256.of(image), image);
          List<Payload> payloads = new ArrayList<>();
          if (release.withDelta) {
            byte[] delta = release.delta.apply(delta(base, image, identity(name, image)));
            payloads.add(new Payload(Payload.Kind.DELTA, stored(delta, ".delta")));
          }
          byte[] full = release.full.apply(Zstd.compress(image, ZSTD_LEVEL));
          payloads.add(new Payload(Payload.Kind.FULL, stored(full, ".zst")));
          components.add(
              new PatchComponent(name, Sha256.of(base), identity(name, image), payloads));
        });
    Manifest manifest =
        release.changed.apply(
            new Manifest(
                BASELINE,
                release.level,
                MODEL,
                AgentVersion.CURRENT,
                release.restart,
                components,
                Collections.emptyList(),
                new HealthPlan(3, 2, List.of(new HealthCheck.Https(443, "/", 200)))));
    byte[] encoded = ManifestCodec.encode(manifest);
    Sha256 digest = Sha256.of(encoded);
    FileRef ref =
        ref(
            LevelEntry.TARGETS
                + LevelEntry.LEVELS
                + MODEL
                + "/"
                + BASELINE.version()
                + "/"
                + digest.hex()
                + "."
                + release.level.letters()
                + ".json",
            encoded);
    files.put(ref.path(), encoded);
    manifests.put(ref.sha256(), manifest);
    entries.add(entry(MODEL, BASELINE, release.level, ref));
    publish();
    return manifest;
  }

  private static LevelEntry entry(String model, Baseline baseline, Level level, FileRef manifest) {
    return new LevelEntry(
        model, baseline, level, manifest, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Takes a level back: who has it goes to the newest good one. */
  public void withdraw(String letters) {
    withdraw(letters, new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.NEWEST_GOOD));
  }

  /** Takes a level back. */
  public void withdraw(String letters, Withdrawal how) {
    change(letters, entry -> entry.with(how));
  }

  /** Changes what is said about a level. */
  public void change(String letters, UnaryOperator<LevelEntry> change) {
    Level level = new Level(letters);
    entries.replaceAll(entry -> entry.level().equals(level) ? change.apply(entry) : entry);
    publish();
  }

  /** Lists a manifest as another level's. */
  public void list(String model, Baseline baseline, String letters, Manifest manifest) {
    entries.add(entry(model, baseline, new Level(letters), entry(manifest).manifest()));
    publish();
  }

  /** Lists a sealed file, under its name. */
  public FileRef seal(String name, byte[] content) {
    String path = SpreadFile.path(MODEL, BASELINE, name);
    TargetFile file = target(content.length, Sha256.of(content));
    sealed.put(path, file);
    FileRef ref = LevelEntry.reference(path, file, true);
    files.put(ref.path(), content);
    publish();
    return ref;
  }

  /** Lists no sealed file any more. */
  public void dropSealed() {
    sealed.clear();
    publish();
  }

  /** Has somebody else sign for a component from now on; who has vouched for nothing yet. */
  public void delegate(ComponentName component, int vendorKey) {
    delegate(component, "component-" + component.word(), vendorKey);
  }

  /** As above, under a name of its own. */
  public void delegate(ComponentName component, String role, int vendorKey) {
    delegations.add(
        new DelegatedRole(
            role,
            SimRepository.roleKeys(vendorKey),
            true,
            List.of(new PathPattern("components/" + component.word() + "/*")),
            List.of()));
    delegated.put(role, vendorFile(vendorKey, Map.of()));
    publish();
  }

  /** Loses the metadata of everybody else: they are delegated to, but in no snapshot any more. */
  public void loseVendors() {
    delegated.clear();
    publish();
  }

  /** The vendor vouches for what this manifest says of its component. */
  public void vouch(Manifest manifest, ComponentName component, int vendorKey) {
    vouchInTheNameOf(manifest, component, component, vendorKey);
  }

  /** Somebody vouches for a component with the role of another one's vendor. */
  public void vouchInTheNameOf(
      Manifest manifest, ComponentName component, ComponentName role, int vendorKey) {
    PatchComponent own = manifest.component(component).orElseThrow();
    byte[] statement = ManifestCodec.statement(own);
    Map<String, TargetEntry> targets = new LinkedHashMap<>(vouched.getOrDefault(role, Map.of()));
    targets.put(
        ManifestCodec.statementPath(own),
        new TargetEntry(target(statement.length, Sha256.of(statement))));
    vouched.put(role, targets);
    delegated.put("component-" + role.word(), vendorFile(vendorKey, targets));
    publish();
  }

  private static byte[] vendorFile(int key, Map<String, TargetEntry> targets) {
    return SimRepository.signed(
        MetadataWriter.targets(
            new Header(1, SimRepository.START.plusSeconds(1L << 31)), targets, List.of()),
        key);
  }

  private static TargetFile target(long length, Sha256 digest) {
    return new TargetFile(length, new Hashes(Map.of("sha256", digest.hex())), Optional.empty());
  }

  /** Publishes once more, with nothing new but the time. */
  public void publish() {
    version++;
    Map<String, TargetEntry> targets = new LinkedHashMap<>();
    for (LevelEntry entry : entries) {
      targets.put(
          entry.path(),
          new TargetEntry(
              target(entry.manifest().bytes(), entry.manifest().sha256()), custom(entry)));
    }
    sealed.forEach((path, file) -> targets.put(path, new TargetEntry(file)));
    repository.publish(version, targets, delegations, delegated);
    timestamps.add(Optional.ofNullable(files.get(timestamp())).orElseThrow());
  }

  private static Map<String, Object> custom(LevelEntry entry) {
    byte[] json = entry.custom();
    return Map.of(
        LevelEntry.CUSTOM, StrictJson.parse("custom", json, json.length).object(LevelEntry.CUSTOM));
  }

  /** Gives a role another key, and publishes everything anew. */
  public void rotate(RoleType role, int key) {
    rotate(key, role);
  }

  /** Gives these roles other keys, this one and the next ones, in one new root. */
  public void rotate(int firstKey, RoleType... roles) {
    repository.rotate(firstKey, roles);
    publish();
  }

  /** Path of the newest timestamp. */
  public static String timestamp() {
    return SimRepository.TIMESTAMP;
  }

  /** When the timestamp of this version was issued. */
  public static Instant issued(long version) {
    return SimRepository.issued(version);
  }

  /** The timestamp of an earlier version, as it was published; from 1. */
  public byte[] timestamp(int earlier) {
    return timestamps.get(earlier - 1).clone();
  }

  /** {@code root.json} of this publisher's devices. */
  public byte[] trustRoot() {
    return repository.firstRoot();
  }

  /** Version of the newest timestamp. */
  public long version() {
    return version;
  }

  /** What the mirror has, by path. */
  public Map<String, byte[]> files() {
    return files;
  }

  /** Base images, by component. */
  public SortedMap<ComponentName, byte[]> bases() {
    return bases;
  }

  /** All manifests that were signed, oldest first. */
  public Collection<Manifest> manifests() {
    return Collections.unmodifiableCollection(manifests.values());
  }

  /** The manifest that was signed under this digest. */
  public Optional<Manifest> manifest(Sha256 digest) {
    return Optional.ofNullable(manifests.get(digest));
  }

  /** What is published about a manifest. */
  public LevelEntry entry(Manifest manifest) {
    return entries.stream()
        .filter(entry -> entry.manifest().sha256().equals(manifest.digest()))
        .findFirst()
        .orElseThrow();
  }

  /** The image that was signed under this digest. */
  public Optional<byte[]> image(Sha256 digest) {
    return Optional.ofNullable(images.get(digest));
  }

  /** Path of a payload on the mirror. */
  public static String path(Manifest manifest, ComponentName component, Payload.Kind kind) {
    return manifest
        .component(component)
        .flatMap(one -> one.payload(kind))
        .orElseThrow()
        .file()
        .path();
  }

  /** What is signed about an image. */
  public static ImageIdentity identity(ComponentName name, byte[] image) {
    Sha256 salt = Sha256.of(("suture verity salt v1 " + name).getBytes(StandardCharsets.US_ASCII));
    try {
      VerityTreeBuilder tree = new VerityTreeBuilder(image.length, salt, (position, block) -> {});
      tree.update(image, 0, image.length);
      return new ImageIdentity(image.length, Sha256.of(image), tree.finish(), salt);
    } catch (SutureException e) {
      throw new IllegalStateException("this sink does not fail", e);
    }
  }

  /**
   * A delta in the real format: the base to where the image differs, then the image's own bytes.
   */
  public static byte[] delta(byte[] base, byte[] image, ImageIdentity identity) {
    int same = Arrays.mismatch(base, image);
    int copied = Math.max(0, Math.min(same, Math.min(base.length, image.length)));
    DeltaScript script = new DeltaScript();
    if (copied > 0) {
      script.copy(copied, 0);
    }
    if (copied < image.length) {
      script.insert(Arrays.copyOfRange(image, copied, image.length));
    }
    return script.build(base, identity);
  }

  private byte[] image(ComponentName name, Release release) {
    byte[] base = bases.getOrDefault(name, new byte[0]);
    byte[] image = Arrays.copyOf(base, base.length + ImageIdentity.BLOCK_BYTES);
    byte[] own = noise(name + " " + release.level, 2);
    System.arraycopy(own, 0, image, base.length - ImageIdentity.BLOCK_BYTES, own.length);
    System.arraycopy(release.mark, 0, image, 0, release.mark.length);
    if (name.equals(OsParts.BOOT)) {
      SimFirmware.writeFit(image, image(OsParts.ROOT, release));
    }
    return image;
  }

  private FileRef stored(byte[] content, String ending) {
    FileRef ref = ref("payloads/" + Sha256.of(content).hex() + ending, content);
    files.put(ref.path(), content);
    return ref;
  }

  private static FileRef ref(String path, byte[] content) {
    return new FileRef(path, content.length, Sha256.of(content));
  }

  private static byte[] noise(String seed, int blocks) {
    byte[] bytes = new byte[blocks * ImageIdentity.BLOCK_BYTES];
    new Random(seed.hashCode()).nextBytes(bytes);
    return bytes;
  }
}
