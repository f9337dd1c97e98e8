package dev.suture.sim;

import com.github.luben.zstd.Zstd;
import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.OperationKind;
import dev.suture.protocol.delta.Varint;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.protocol.verity.VerityTreeBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
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
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

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

  /** What an image begins with that stops the kernel. */
  static final byte[] HANGS = "hang".getBytes(StandardCharsets.US_ASCII);

  private static final int WINDOW_LOG = 20;
  private static final int ZSTD_LEVEL = 3;

  private final List<Ed25519PrivateKeyParameters> keys = new ArrayList<>();
  private final SortedMap<ComponentName, byte[]> bases = new TreeMap<>();
  private final Map<Sha256, Manifest> manifests = new LinkedHashMap<>();
  private final Map<Sha256, byte[]> images = new LinkedHashMap<>();
  private final List<ReleaseIndex.Entry> entries = new ArrayList<>();
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private int threshold = 1;
  private long version;

  /** A publisher with one key, who has published nothing. */
  public SimPublisher() {
    keys.add(key(1));
    bases.put(TLS, noise("base tls", 3));
    bases.put(WEB, noise("base web", 2));
    publish();
  }

  /** A key that belongs to nobody else. */
  public static Ed25519PrivateKeyParameters key(int number) {
    return new Ed25519PrivateKeyParameters(
        Sha256.of(("key " + number).getBytes(StandardCharsets.US_ASCII)).toBytes(), 0);
  }

  /** Signs with these keys from now on; devices want that many of them. */
  public void keys(int wanted, Ed25519PrivateKeyParameters... all) {
    keys.clear();
    Collections.addAll(keys, all);
    threshold = wanted;
  }

  /** What a level is made of. */
  public static final class Release {
    private final Level level;
    private byte[] mark = {};
    private UnaryOperator<Manifest> changed = manifest -> manifest;
    private UnaryOperator<byte[]> delta = bytes -> bytes;
    private UnaryOperator<byte[]> full = bytes -> bytes;
    private boolean withDelta = true;

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

    /** It stops the kernel. */
    public Release hangs() {
      mark = HANGS;
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

  /** A level that is to be published. */
  public static Release level(String letters) {
    return new Release(new Level(letters));
  }

  /** Publishes a level; returns its manifest. */
  public Manifest release(Release release) {
    List<PatchComponent> components = new ArrayList<>();
    bases.forEach(
        (name, base) -> {
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
                RestartScope.REBOOT,
                components,
                Collections.emptyList(),
                new HealthPlan(3, 2, List.of(new HealthCheck.Https(443, "/", 200)))));
    byte[] encoded = ManifestCodec.encode(manifest);
    FileRef ref = ref("manifests/" + Sha256.of(encoded).hex() + ".json", encoded);
    files.put(ref.path(), encoded);
    manifests.put(ref.sha256(), manifest);
    entries.add(new ReleaseIndex.Entry(BASELINE, MODEL, release.level, ref, false));
    publish();
    return manifest;
  }

  /** Takes a level back. */
  public void withdraw(String letters) {
    Level level = new Level(letters);
    entries.replaceAll(
        entry ->
            entry.level().equals(level)
                ? new ReleaseIndex.Entry(
                    entry.baseline(), entry.model(), entry.level(), entry.manifest(), true)
                : entry);
    publish();
  }

  /** Adds an entry as it is. */
  public void list(ReleaseIndex.Entry entry) {
    entries.add(entry);
    publish();
  }

  private void publish() {
    version++;
    files.put("index.json", envelope(index()));
  }

  /** The index that is published. */
  public ReleaseIndex index() {
    return new ReleaseIndex(version, "2026-11-21T00:00:00Z", entries);
  }

  /** An index in an envelope that all keys have signed. */
  public byte[] envelope(ReleaseIndex index) {
    return envelope(Envelope.INDEX_TYPE, index.encode());
  }

  /** Any bytes in an envelope that all keys have signed. */
  public byte[] envelope(String type, byte[] payload) {
    List<Envelope.Signature> signatures = new ArrayList<>();
    for (Ed25519PrivateKeyParameters key : keys) {
      signatures.add(sign(key, type, payload));
    }
    return new Envelope(type, payload, signatures).encode();
  }

  /** A signature. */
  public static Envelope.Signature sign(
      Ed25519PrivateKeyParameters key, String type, byte[] payload) {
    byte[] signed = Envelope.signedBytes(type, payload);
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(signed, 0, signed.length);
    return new Envelope.Signature(keyId(key), signer.generateSignature());
  }

  /** How a key is named. */
  public static Sha256 keyId(Ed25519PrivateKeyParameters key) {
    return Sha256.of(key.generatePublicKey().getEncoded());
  }

  /** {@code trust-root.json} of this publisher's devices. */
  public byte[] trustRoot() {
    StringBuilder json = new StringBuilder("{\"keys\":[");
    for (Ed25519PrivateKeyParameters key : keys) {
      json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
          .append("{\"keyid\":\"")
          .append(keyId(key).hex())
          .append("\",\"scheme\":\"ed25519\",\"public\":\"")
          .append(Sha256.ofBytes(key.generatePublicKey().getEncoded()).hex())
          .append("\"}");
    }
    return json.append("],\"threshold\":")
        .append(threshold)
        .append("}")
        .toString()
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Version of the published index. */
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

  /** The index's entry of a manifest. */
  public ReleaseIndex.Entry entry(Manifest manifest) {
    return index().byManifest(manifest.digest()).orElseThrow();
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
    ByteArrayOutputStream operations = new ByteArrayOutputStream();
    int count = 0;
    if (copied > 0) {
      number(operations, OperationKind.COPY.head(copied));
      number(operations, Varint.zigzag(0));
      count++;
    }
    if (copied < image.length) {
      number(operations, OperationKind.INSERT.head(image.length - copied));
      operations.write(image, copied, image.length - copied);
      count++;
    }
    DeltaHeader header =
        new DeltaHeader(
            WINDOW_LOG,
            count,
            operations.size(),
            base.length,
            Sha256.of(base),
            image.length,
            identity.sha256());
    byte[] head = header.encode();
    byte[] body = Zstd.compress(operations.toByteArray(), ZSTD_LEVEL);
    byte[] delta = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, delta, head.length, body.length);
    return delta;
  }

  private static void number(ByteArrayOutputStream out, long value) {
    byte[] bytes = new byte[Varint.BYTES_MAX];
    out.write(bytes, 0, Varint.write(value, bytes, 0));
  }

  private byte[] image(ComponentName name, Release release) {
    byte[] base = bases.getOrDefault(name, new byte[0]);
    byte[] image = Arrays.copyOf(base, base.length + ImageIdentity.BLOCK_BYTES);
    byte[] own = noise(name + " " + release.level, 2);
    System.arraycopy(own, 0, image, base.length - ImageIdentity.BLOCK_BYTES, own.length);
    System.arraycopy(release.mark, 0, image, 0, release.mark.length);
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
