package dev.suture.publisher.keys.role;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.PathPattern;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.PublisherException;
import dev.suture.trust.tuf.LocalMetadata;
import dev.suture.trust.tuf.TufClient;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written and signed here is judged by the device's own client. */
final class DeviceAcceptanceTest {
  private static final Instant NOW = Instant.parse("2026-11-24T21:00:00Z");
  private static final Instant EXPIRES = Instant.parse("2027-11-24T21:00:00Z");
  private static final TargetFile PATCH =
      new TargetFile(3, Hashes.of("abc".getBytes(UTF_8)), Optional.empty());

  private final RoleSigner ed25519 = KeyType.ED25519.generate();
  private final RoleSigner mlDsa = KeyType.ML_DSA_65.generate();
  private final RoleSigner online = KeyType.ED25519.generate();
  private final Map<String, byte[]> mirror = new HashMap<>();
  private final Map<String, byte[]> believed = new HashMap<>();
  private final RoleSigner token;

  DeviceAcceptanceTest() throws Exception {
    token =
        TokenSigner.open(
            SoftHsm.config(), SoftHsm.P_256, what -> Passphrase.of(SoftHsm.PIN.getBytes(UTF_8)));
  }

  @BeforeEach
  void publish() throws Exception {
    RoleKeys hybrid = keys(2, ed25519, mlDsa);
    put("1.root.json", signed("root", root(1, hybrid), List.of(hybrid), ed25519, mlDsa));
    DelegatedRole vendor =
        new DelegatedRole(
            "vendor", keys(1, token), true, List.of(new PathPattern("gpu/*")), List.of());
    byte[] targets =
        signed(
            "targets",
            MetadataWriter.targets(
                header(1),
                Map.of("patch", new TargetEntry(PATCH, Map.of("level", "a"))),
                List.of(vendor)),
            List.of(hybrid),
            ed25519,
            mlDsa);
    put("1.targets.json", targets);
    byte[] vendors =
        signed(
            "vendor",
            MetadataWriter.targets(
                header(1), Map.of("gpu/patch", new TargetEntry(PATCH)), List.of()),
            List.of(keys(1, token)),
            token);
    put("1.vendor.json", vendors);
    byte[] snapshot =
        signed(
            "snapshot",
            MetadataWriter.snapshot(
                header(1),
                Map.of("targets", MetaFile.of(1, targets), "vendor", MetaFile.of(1, vendors))),
            List.of(keys(1, online)),
            online);
    put("1.snapshot.json", snapshot);
    MetadataWriter.Header issued = new MetadataWriter.Header(1, EXPIRES, Map.of("issued", NOW));
    put(
        "timestamp.json",
        signed(
            "timestamp",
            MetadataWriter.timestamp(issued, MetaFile.of(1, snapshot)),
            List.of(keys(1, online)),
            online));
  }

  private static MetadataWriter.Header header(long version) {
    return new MetadataWriter.Header(version, EXPIRES);
  }

  private static RoleKeys keys(int threshold, RoleSigner... signers) {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (RoleSigner signer : signers) {
      keys.put(signer.keyId(), signer.key());
    }
    return new RoleKeys(keys, threshold);
  }

  private DraftMetadata root(long version, RoleKeys offline) {
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    roles.put(RoleType.ROOT, offline);
    roles.put(RoleType.TARGETS, keys(2, ed25519, mlDsa));
    roles.put(RoleType.SNAPSHOT, keys(1, online));
    roles.put(RoleType.TIMESTAMP, keys(1, online));
    return MetadataWriter.root(header(version), true, roles);
  }

  private static byte[] signed(
      String role, DraftMetadata draft, List<RoleKeys> authorities, RoleSigner... signers)
      throws PublisherException {
    SigningRequest request =
        SigningRequest.decode(new SigningRequest(role, draft, authorities).encode());
    SignatureCollection collection = new SignatureCollection(request);
    for (RoleSigner signer : signers) {
      collection.add(SignatureFile.decode(SignatureFile.sign(request, signer).encode()));
    }
    return collection.file();
  }

  private void put(String name, byte[] file) {
    mirror.put(name, file);
  }

  private TufClient refresh() throws SutureException {
    LocalMetadata local =
        new LocalMetadata() {
          @Override
          public Optional<byte[]> load(String name, int bytesMax) {
            return Optional.ofNullable(believed.get(name));
          }

          @Override
          public void store(String name, byte[] bytes) {
            believed.put(name, bytes);
          }

          @Override
          public void delete(String name) {
            believed.remove(name);
          }
        };
    if (believed.isEmpty()) {
      TufClient.initialize(local, Optional.ofNullable(mirror.get("1.root.json")).orElseThrow());
    }
    return TufClient.refreshed(
        local, (name, bytesMax) -> Optional.ofNullable(mirror.get(name)), NOW);
  }

  @Test
  void refresh_hybridRolesAndAVendorsToken_areBelieved() throws Exception {
    TufClient client = refresh();
    assertThat(client.target("patch").map(TargetFile::hashes)).contains(PATCH.hashes());
    assertThat(client.target("gpu/patch").map(TargetFile::hashes)).contains(PATCH.hashes());
    assertThat(client.target("other")).isEmpty();
  }

  @Test
  void refresh_rootRotatedAwayFromAKey_isBelieved() throws Exception {
    RoleSigner next = KeyType.ED25519.generate();
    RoleKeys before = keys(2, ed25519, mlDsa);
    RoleKeys after = keys(2, next, mlDsa);
    put(
        "2.root.json",
        signed("root", root(2, after), List.of(before, after), ed25519, mlDsa, next));
    assertThat(refresh().target("patch").map(TargetFile::hashes)).contains(PATCH.hashes());
    assertThat(believed.get("root.json")).isEqualTo(mirror.get("2.root.json"));
  }

  @Test
  void refresh_targetsByOneOfTheHybridsKeysAlone_isRefused() throws Exception {
    for (RoleSigner alone : List.of(ed25519, mlDsa)) {
      DraftMetadata forged =
          MetadataWriter.targets(header(1), Map.of("evil", new TargetEntry(PATCH)), List.of());
      byte[] targets = forged.file(List.of(alone.sign(forged)));
      put("1.targets.json", targets);
      DraftMetadata snapshot =
          MetadataWriter.snapshot(header(2), Map.of("targets", MetaFile.of(1, targets)));
      put("2.snapshot.json", snapshot.file(List.of(online.sign(snapshot))));
      DraftMetadata timestamp =
          MetadataWriter.timestamp(
              header(2),
              MetaFile.of(2, Optional.ofNullable(mirror.get("2.snapshot.json")).orElseThrow()));
      put("timestamp.json", timestamp.file(List.of(online.sign(timestamp))));
      believed.clear();
      assertThat(catchThrowableOfType(SutureException.class, this::refresh).code())
          .isEqualTo(FailureCode.SIGNATURE_INVALID);
    }
  }
}
