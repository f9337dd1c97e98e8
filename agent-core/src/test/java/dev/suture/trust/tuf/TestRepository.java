package dev.suture.trust.tuf;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.json.CanonicalJson;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.FileNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A repository in memory, which can be made to do wrong: every role's signed part is a JSON object
 * that a test may change before it is published.
 */
public final class TestRepository implements MetadataSource {
  static final String FAR = "2126-01-01T00:00:00Z";
  static final String PAST = "2026-01-01T00:00:00Z";

  /** The top-level roles. */
  public static final List<String> TOP = List.of("root", "timestamp", "snapshot", "targets");

  final Map<String, byte[]> files = new LinkedHashMap<>();

  /** What was asked for, in order. */
  final List<String> requests = new ArrayList<>();

  /** Who signs, by role. */
  final Map<String, List<TestKey>> signers = new LinkedHashMap<>();

  /** What is signed, by role. */
  final Map<String, JsonObject> signed = new LinkedHashMap<>();

  private final Function<String, TestKey> keys;
  private int rotations;
  private boolean digests;

  /** A repository with one key for each role and no target. */
  public TestRepository() {
    this(name -> TestKey.ed25519());
  }

  /**
   * As that, with keys of its own.
   *
   * @param keys makes a key by name: the role's, and {@code ROLE-NUMBER} when it is rotated
   */
  TestRepository(Function<String, TestKey> keys) {
    this.keys = keys;
    for (String role : TOP) {
      signers.put(role, new ArrayList<>(List.of(keys.apply(role))));
      signed.put(role, header(role));
    }
    root().addProperty("consistent_snapshot", true);
    targets("targets").add("targets", new JsonObject());
    rootKeys();
    publishRoot();
    publish("targets");
  }

  /**
   * Root and targets signed by an Ed25519 and an ML-DSA-65 key each, of which both are needed;
   * lengths and digests wherever one file names another.
   */
  public static TestRepository hybrid() {
    TestRepository repository = new TestRepository();
    repository.digests = true;
    for (String role : List.of("root", "targets")) {
      repository.signers(role).add(TestKey.make(TestKey.Kind.ML_DSA_65));
    }
    repository.rootKeys();
    repository.threshold("root", 2);
    repository.threshold("targets", 2);
    repository.publishRoot();
    repository.publish("targets");
    return repository;
  }

  private static JsonObject header(String type) {
    JsonObject json = new JsonObject();
    json.addProperty("_type", type);
    json.addProperty("spec_version", "1.0.31");
    json.addProperty("version", 1);
    json.addProperty("expires", FAR);
    return json;
  }

  JsonObject root() {
    return signed("root");
  }

  /** What a mirror has, by file name. */
  public Map<String, byte[]> files() {
    return files;
  }

  JsonObject signed(String role) {
    return Optional.ofNullable(signed.get(role)).orElseThrow();
  }

  JsonObject targets(String role) {
    return signed(role);
  }

  /** Who signs for a role. */
  public List<TestKey> signers(String role) {
    return Optional.ofNullable(signers.get(role)).orElseThrow();
  }

  long version(String role) {
    return signed(role).get("version").getAsLong();
  }

  void version(String role, long version) {
    signed(role).addProperty("version", version);
  }

  /** The next version of a role. */
  public void bump(String role) {
    version(role, version(role) + 1);
  }

  /** Writes keys and roles into the root as the signers are now, all with threshold 1. */
  void rootKeys() {
    JsonObject all = new JsonObject();
    JsonObject roles = new JsonObject();
    for (String role : TOP) {
      roles.add(role, role(signers(role), 1));
      signers(role).forEach(key -> all.add(key.id, key.json()));
    }
    root().add("keys", all);
    root().add("roles", roles);
  }

  void threshold(String role, int threshold) {
    root().getAsJsonObject("roles").getAsJsonObject(role).addProperty("threshold", threshold);
  }

  static JsonObject role(List<TestKey> keys, int threshold) {
    JsonArray ids = new JsonArray();
    keys.forEach(key -> ids.add(key.id));
    JsonObject role = new JsonObject();
    role.add("keyids", ids);
    role.addProperty("threshold", threshold);
    return role;
  }

  /** Takes these signers away and has a new one instead, from the next root on. */
  void rotate(String role) {
    signers.put(role, new ArrayList<>(List.of(keys.apply(role + "-" + ++rotations))));
    rootKeys();
  }

  /** The next root, signed by those of the one before as well. */
  void nextRoot(List<TestKey> before) {
    bump("root");
    List<TestKey> all = new ArrayList<>(signers("root"));
    before.stream().filter(key -> !all.contains(key)).forEach(all::add);
    files.put(version("root") + ".root.json", envelope(root(), all));
  }

  void nextRoot() {
    nextRoot(signers("root"));
  }

  void publishRoot() {
    files.put("1.root.json", envelope(root(), signers("root")));
  }

  /** What is delivered out of band. */
  public byte[] trustedRoot() {
    return Optional.ofNullable(files.get("1.root.json")).orElseThrow();
  }

  /** Publishes roles as they are, then a new snapshot and timestamp of them. */
  public void publish(String... roles) {
    for (String role : roles) {
      byte[] bytes = envelope(signed(role), signers(role));
      files.put(FileNames.metadata(version(role), role), bytes);
    }
    publishSnapshot();
  }

  /** With the versions of all targets roles as they are. */
  void publishSnapshot() {
    JsonObject meta = new JsonObject();
    signed.forEach(
        (role, json) -> {
          if (json.get("_type").getAsString().equals("targets")) {
            meta.add(role + ".json", meta(role));
          }
        });
    signed("snapshot").add("meta", meta);
    sign("snapshot");
    publishTimestamp();
  }

  private JsonObject meta(String role) {
    JsonObject json = meta(version(role));
    byte[] file = files.get(FileNames.metadata(version(role), role));
    if (digests && file != null) {
      JsonObject hashes = new JsonObject();
      hashes.addProperty("sha256", sha256(file));
      json.addProperty("length", file.length);
      json.add("hashes", hashes);
    }
    return json;
  }

  static JsonObject meta(long version) {
    JsonObject json = new JsonObject();
    json.addProperty("version", version);
    return json;
  }

  /** Puts a timestamp of the snapshot out. */
  public void publishTimestamp() {
    JsonObject meta = new JsonObject();
    meta.add("snapshot.json", meta("snapshot"));
    signed("timestamp").add("meta", meta);
    sign("timestamp");
  }

  /** Puts a role's file out as it is. */
  void sign(String role) {
    String name =
        role.equals("timestamp") ? "timestamp.json" : FileNames.metadata(version(role), role);
    files.put(name, envelope(signed(role), signers(role)));
  }

  /** The next versions of snapshot and timestamp. */
  public void nextSnapshot() {
    bump("snapshot");
    bump("timestamp");
    publishSnapshot();
  }

  /** A file that a role names. */
  public void addTarget(String role, String path, byte[] content) {
    JsonObject hashes = new JsonObject();
    hashes.addProperty("sha256", sha256(content));
    JsonObject file = new JsonObject();
    file.addProperty("length", content.length);
    file.add("hashes", hashes);
    targets(role).getAsJsonObject("targets").add(path, file);
  }

  /** A role of somebody else's, with a key of its own. */
  void delegate(String from, String role, boolean terminating, String... paths) {
    if (!signed.containsKey(role)) {
      signed.put(role, header("targets"));
      targets(role).add("targets", new JsonObject());
      signers.put(role, new ArrayList<>(List.of(keys.apply(role))));
    }
    JsonObject delegations = targets(from).getAsJsonObject("delegations");
    if (delegations == null) {
      delegations = new JsonObject();
      delegations.add("keys", new JsonObject());
      delegations.add("roles", new JsonArray());
      targets(from).add("delegations", delegations);
    }
    JsonObject known = delegations.getAsJsonObject("keys");
    signers(role).forEach(key -> known.add(key.id, key.json()));
    JsonObject json = role(signers(role), 1);
    json.addProperty("name", role);
    json.addProperty("terminating", terminating);
    JsonArray patterns = new JsonArray();
    for (String path : paths) {
      patterns.add(path);
    }
    json.add("paths", patterns);
    delegations.getAsJsonArray("roles").add(json);
  }

  static byte[] envelope(JsonObject signed, List<TestKey> keys) {
    return envelopeOver(signed, keys, canonical(signed));
  }

  /** Signatures over any bytes. */
  static byte[] envelopeOver(JsonObject signed, List<TestKey> keys, byte[] bytes) {
    JsonArray signatures = new JsonArray();
    for (TestKey key : keys) {
      JsonObject signature = new JsonObject();
      signature.addProperty("keyid", key.id);
      signature.addProperty("sig", key.sign(bytes));
      signatures.add(signature);
    }
    JsonObject envelope = new JsonObject();
    envelope.add("signatures", signatures);
    envelope.add("signed", signed);
    return envelope.toString().getBytes(StandardCharsets.UTF_8);
  }

  static byte[] canonical(JsonObject json) {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    return CanonicalJson.encode(StrictJson.parse("test", bytes, bytes.length));
  }

  /** In hexadecimal. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Optional<byte[]> fetch(String name, int bytesMax) throws RejectedException {
    requests.add(name);
    byte[] bytes = files.get(name);
    if (bytes != null && bytes.length > bytesMax) {
      throw new RejectedException(FailureCode.METADATA_TOO_LARGE, name + ": too long");
    }
    return Optional.ofNullable(bytes);
  }
}
