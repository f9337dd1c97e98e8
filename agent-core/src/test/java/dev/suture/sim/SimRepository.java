package dev.suture.sim;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.MetadataWriter.Header;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.protocol.tuf.TufKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * The metadata of a repository: all roles, one Ed25519 key each. Deterministic: the same calls give
 * the same bytes. All roles but the root have one version, which grows with every publication.
 */
final class SimRepository {
  /** When the first timestamp was issued; each later one an hour after the one before. */
  static final Instant START = Instant.parse("2026-11-21T00:00:00Z");

  /** For how long a timestamp holds. */
  static final Duration LIFETIME = Duration.ofDays(7);

  private static final Instant FAR = Instant.parse("2126-01-01T00:00:00Z");

  private final Map<String, byte[]> files;
  private final Map<RoleType, Integer> keys = new EnumMap<>(RoleType.class);
  private long rootVersion;
  private byte[] firstRoot = {};

  /**
   * A repository with a root and nothing else.
   *
   * @param files where its files go, by path
   * @param firstKey its keys are this one and the next three
   */
  SimRepository(Map<String, byte[]> files, int firstKey) {
    this.files = files;
    int next = firstKey;
    for (RoleType role : RoleType.values()) {
      keys.put(role, next++);
    }
    publishRoot(keyOf(RoleType.ROOT));
    firstRoot = Optional.ofNullable(files.get("metadata/1.root.json")).orElseThrow();
  }

  private int keyOf(RoleType role) {
    return Optional.ofNullable(keys.get(role)).orElseThrow();
  }

  /** A key that belongs to nobody else. */
  static Ed25519PrivateKeyParameters key(int number) {
    return new Ed25519PrivateKeyParameters(
        Sha256.of(("key " + number).getBytes(StandardCharsets.US_ASCII)).toBytes(), 0);
  }

  static TufKey publicKey(int number) {
    return new TufKey(
        "ed25519",
        "ed25519",
        HexFormat.of().formatHex(key(number).generatePublicKey().getEncoded()));
  }

  /** Who signs with one of these keys. */
  static RoleKeys roleKeys(int... numbers) {
    Map<String, TufKey> byId = new LinkedHashMap<>();
    for (int number : numbers) {
      TufKey key = publicKey(number);
      byId.put(key.id(), key);
    }
    return new RoleKeys(byId, 1);
  }

  static byte[] signed(DraftMetadata draft, int... numbers) {
    List<Signature> signatures = new ArrayList<>();
    for (int number : numbers) {
      byte[] bytes = draft.signedBytes();
      Ed25519Signer signer = new Ed25519Signer();
      signer.init(true, key(number));
      signer.update(bytes, 0, bytes.length);
      signatures.add(
          new Signature(
              publicKey(number).id(), HexFormat.of().formatHex(signer.generateSignature())));
    }
    return draft.file(signatures);
  }

  /** The next root, in which these roles have other keys. */
  void rotate(int firstKey, RoleType... roles) {
    int before = keyOf(RoleType.ROOT);
    int next = firstKey;
    for (RoleType role : roles) {
      keys.put(role, next++);
    }
    publishRoot(before);
  }

  private void publishRoot(int before) {
    rootVersion++;
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    keys.forEach((role, key) -> roles.put(role, roleKeys(key)));
    DraftMetadata draft = MetadataWriter.root(new Header(rootVersion, FAR), true, roles);
    int now = keyOf(RoleType.ROOT);
    files.put(
        "metadata/" + FileNames.metadata(rootVersion, "root"),
        now == before ? signed(draft, now) : signed(draft, before, now));
  }

  /** The first root: what devices are shipped with. */
  byte[] firstRoot() {
    return firstRoot.clone();
  }

  /**
   * Publishes everything.
   *
   * @param version of all roles but the root
   * @param delegated metadata of roles that others sign for, by name; files of version 1
   */
  void publish(
      long version,
      Map<String, TargetEntry> targets,
      List<DelegatedRole> delegations,
      Map<String, byte[]> delegated) {
    byte[] targetsFile =
        signed(
            MetadataWriter.targets(new Header(version, FAR), targets, delegations),
            keyOf(RoleType.TARGETS));
    Map<String, MetaFile> roles = new LinkedHashMap<>();
    roles.put("targets", MetaFile.of(version, targetsFile));
    delegated.forEach(
        (role, file) -> {
          roles.put(role, MetaFile.of(1, file));
          files.put("metadata/" + FileNames.metadata(1, role), file);
        });
    byte[] snapshot =
        signed(MetadataWriter.snapshot(new Header(version, FAR), roles), keyOf(RoleType.SNAPSHOT));
    files.put("metadata/" + FileNames.metadata(version, "targets"), targetsFile);
    files.put("metadata/" + FileNames.metadata(version, "snapshot"), snapshot);
    files.put(TIMESTAMP, timestamp(version, MetaFile.of(version, snapshot)));
  }

  /** Path of the newest timestamp. */
  static final String TIMESTAMP = "metadata/timestamp.json";

  static Instant issued(long version) {
    return START.plus(Duration.ofHours(version));
  }

  private byte[] timestamp(long version, MetaFile snapshot) {
    Instant issued = issued(version);
    return signed(
        MetadataWriter.timestamp(
            new Header(version, issued.plus(LIFETIME), Map.of(TimestampMetadata.ISSUED, issued)),
            snapshot),
        keyOf(RoleType.TIMESTAMP));
  }
}
