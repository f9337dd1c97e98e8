package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.tuf.TargetFile;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on metadata, one method each, and the ways out of them. */
class TufClientTest {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

  private final TestRepository repository = new TestRepository();
  private final MemoryMetadata local = new MemoryMetadata();

  @BeforeEach
  void trustTheFirstRoot() throws SutureException {
    TufClient.initialize(local, repository.trustedRoot());
  }

  private TufClient refresh() throws SutureException {
    return TufClient.refreshed(local, repository, NOW);
  }

  private void assertRefused(FailureCode code) {
    assertRefused(code, this::refresh);
  }

  private static void assertRefused(FailureCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SutureException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /** The version of a role that is believed; 0 if none is. */
  private long believed(String role) {
    byte[] bytes = local.files.get(role + ".json");
    return bytes == null
        ? 0
        : com.google.gson.JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
            .getAsJsonObject()
            .getAsJsonObject("signed")
            .get("version")
            .getAsLong();
  }

  @Test
  void refresh_first_asksForEachFileOnce_andStoresThem() throws SutureException {
    refresh();
    assertThat(repository.requests)
        .containsExactly("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json");
    assertThat(local.files.keySet())
        .containsExactlyInAnyOrder("root.json", "timestamp.json", "snapshot.json", "targets.json");
  }

  @Test
  void refresh_nothingNew_asksForRootAndTimestampOnly() throws SutureException {
    refresh();
    repository.requests.clear();
    refresh();
    assertThat(repository.requests).containsExactly("2.root.json", "timestamp.json");
  }

  @ParameterizedTest
  @EnumSource(TestKey.Kind.class)
  void keys_ofEveryKind_sign(TestKey.Kind kind) throws SutureException {
    TestKey key = TestKey.make(kind);
    repository.signers.put("targets", new ArrayList<>(List.of(key)));
    repository.rootKeys();
    repository.nextRoot();
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    refresh();
    assertThat(believed("targets")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"root", "timestamp", "snapshot", "targets"})
  void arbitrarySoftware_signedByAStranger_isRefused(String role) throws SutureException {
    refresh();
    repository.signers.put(role, new ArrayList<>(List.of(TestKey.ed25519())));
    if (role.equals("root")) {
      repository.nextRoot();
    } else {
      repository.bump("targets");
      repository.publish("targets");
      repository.nextSnapshot();
    }
    assertRefused(FailureCode.SIGNATURE_INVALID);
    assertThat(believed(role)).isEqualTo(1);
  }

  @Test
  void root_signedByTheNextKeysOnly_isRefused() {
    repository.rotate("root");
    repository.nextRoot();
    assertRefused(FailureCode.SIGNATURE_INVALID);
    assertThat(believed("root")).isEqualTo(1);
  }

  @Test
  void root_signedByTheOldKeysOnly_isRefused() {
    List<TestKey> before = repository.signers("root");
    repository.rotate("root");
    repository.signers.put("root", before);
    repository.nextRoot();
    assertRefused(FailureCode.SIGNATURE_INVALID);
  }

  @Test
  void root_rotatedThroughManyVersions_isFollowed() throws SutureException {
    for (int i = 0; i < 5; i++) {
      List<TestKey> before = repository.signers("root");
      repository.rotate("root");
      repository.nextRoot(before);
    }
    refresh();
    assertThat(believed("root")).isEqualTo(6);
  }

  @Test
  void root_versionLeftOut_isNotSkipped() throws SutureException {
    repository.bump("root");
    repository.nextRoot();
    refresh();
    assertThat(believed("root")).isEqualTo(1);
  }

  @Test
  void root_otherVersionThanItsName_isRefused() {
    repository.bump("root");
    repository.nextRoot();
    repository.files.put("2.root.json", repository.files.get("3.root.json"));
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
  }

  @Test
  void root_expired_stillLeadsToTheNext() throws SutureException {
    repository.root().addProperty("expires", TestRepository.PAST);
    repository.nextRoot();
    assertRefused(FailureCode.METADATA_EXPIRED);
    assertThat(believed("root")).isEqualTo(2);
    assertThat(believed("timestamp")).isZero();
    repository.root().addProperty("expires", TestRepository.FAR);
    repository.nextRoot();
    refresh();
    assertThat(believed("root")).isEqualTo(3);
  }

  @Test
  void root_rotatedForEver_endsAtTheLimit() throws SutureException {
    for (int i = 0; i < TufClient.ROOT_ROTATIONS_MAX + 3; i++) {
      repository.nextRoot();
    }
    refresh();
    assertThat(believed("root")).isEqualTo(1 + TufClient.ROOT_ROTATIONS_MAX);
  }

  @Test
  void root_initialNotSignedByItself_isNotTrusted() {
    byte[] unsigned = TestRepository.envelope(repository.root(), List.of(TestKey.ed25519()));
    MemoryMetadata empty = new MemoryMetadata();
    assertRefused(FailureCode.SIGNATURE_INVALID, () -> TufClient.initialize(empty, unsigned));
    assertThat(empty.files).isEmpty();
    assertRefused(
        FailureCode.METADATA_MALFORMED, () -> TufClient.refreshed(empty, repository, NOW));
    assertThat(repository.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "snapshot", "targets"})
  void freeze_expiredMetadata_isRefused_andNotStored(String role) throws SutureException {
    refresh();
    repository.signed(role).addProperty("expires", TestRepository.PAST);
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    assertRefused(FailureCode.METADATA_EXPIRED);
    assertThat(believed(role)).isEqualTo(1);
  }

  @Test
  void freeze_sameTimestampUntilItExpires_isNoticed() throws SutureException {
    repository.signed("timestamp").addProperty("expires", "2026-06-02T00:00:00Z");
    repository.publishTimestamp();
    refresh();
    assertRefused(
        FailureCode.METADATA_EXPIRED,
        () -> TufClient.refreshed(local, repository, NOW.plusSeconds(86_400)));
  }

  @Test
  void local_expired_stillCountsAgainstRollback_andLeadsToTheNew() throws SutureException {
    repository.signed("timestamp").addProperty("expires", "2026-06-02T00:00:00Z");
    repository.signed("snapshot").addProperty("expires", "2026-06-02T00:00:00Z");
    repository.nextSnapshot();
    refresh();
    Instant later = NOW.plusSeconds(10 * 86_400);
    repository.signed("timestamp").addProperty("expires", TestRepository.FAR);
    repository.signed("snapshot").addProperty("expires", TestRepository.FAR);
    repository.version("timestamp", 1);
    repository.publishTimestamp();
    assertRefused(
        FailureCode.METADATA_ROLLED_BACK, () -> TufClient.refreshed(local, repository, later));
    repository.version("timestamp", 2);
    repository.nextSnapshot();
    TufClient.refreshed(local, repository, later);
    assertThat(believed("timestamp")).isEqualTo(3);
  }

  @Test
  void rollback_timestamp_isRefused() throws SutureException {
    repository.nextSnapshot();
    refresh();
    repository.version("timestamp", 1);
    repository.publishTimestamp();
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
    assertThat(believed("timestamp")).isEqualTo(2);
  }

  @Test
  void rollback_snapshotInANewTimestamp_isRefused() throws SutureException {
    repository.nextSnapshot();
    refresh();
    repository.version("snapshot", 1);
    repository.bump("timestamp");
    repository.publishTimestamp();
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
    assertThat(believed("timestamp")).isEqualTo(2);
  }

  @Test
  void rollback_targetsInANewSnapshot_isRefused() throws SutureException {
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    refresh();
    repository.version("targets", 1);
    repository.nextSnapshot();
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
    assertThat(believed("targets")).isEqualTo(2);
  }

  @Test
  void rollback_roleGoneFromTheSnapshot_isRefused() throws SutureException {
    repository.delegate("targets", "vendor", false, "*");
    repository.bump("targets");
    repository.publish("targets", "vendor");
    repository.nextSnapshot();
    refresh();
    repository.signed.remove("vendor");
    repository.nextSnapshot();
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
  }

  @Test
  void rollback_afterAnotherRolesKeyRotation_isStillRefused() throws SutureException {
    repository.nextSnapshot();
    refresh();
    repository.rotate("targets");
    repository.nextRoot();
    repository.version("timestamp", 1);
    repository.publishTimestamp();
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
  }

  @Test
  void rollback_afterAKeyWasAdded_isStillRefused() throws SutureException {
    repository.nextSnapshot();
    refresh();
    repository.signers("timestamp").add(TestKey.ed25519());
    repository.rootKeys();
    repository.nextRoot();
    repository.version("timestamp", 1);
    repository.publishTimestamp();
    assertRefused(FailureCode.METADATA_ROLLED_BACK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "snapshot"})
  void fastForward_rotatingTheKey_isTheWayBack(String role) throws SutureException {
    repository.version("timestamp", 99_999);
    repository.version("snapshot", 99_999);
    repository.publishSnapshot();
    refresh();
    repository.rotate(role);
    repository.nextRoot();
    repository.version("timestamp", 2);
    repository.version("snapshot", 2);
    repository.publishSnapshot();
    refresh();
    assertThat(believed("timestamp")).isEqualTo(2);
    assertThat(believed("snapshot")).isEqualTo(2);
  }

  @Test
  void timestamp_sameVersionOtherContent_changesNothing() throws SutureException {
    refresh();
    byte[] before = local.files.get("timestamp.json");
    repository.version("snapshot", 100);
    repository.publishTimestamp();
    refresh();
    assertThat(local.files.get("timestamp.json")).isEqualTo(before);
  }

  @Test
  void mixAndMatch_otherSnapshotThanTheTimestamps_isRefused() throws SutureException {
    refresh();
    repository.nextSnapshot();
    repository.files.put("2.snapshot.json", repository.files.get("1.snapshot.json"));
    assertRefused(FailureCode.METADATA_MISMATCH);
    assertThat(believed("snapshot")).isEqualTo(1);
  }

  @Test
  void mixAndMatch_otherTargetsThanTheSnapshots_isRefused() throws SutureException {
    refresh();
    repository.bump("targets");
    repository.nextSnapshot();
    repository.files.put("2.targets.json", repository.files.get("1.targets.json"));
    assertRefused(FailureCode.METADATA_MISMATCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"length", "hashes"})
  void mixAndMatch_otherBytesThanTheTimestampSays_areRefused(String what) {
    JsonObject meta = TestRepository.meta(1);
    if (what.equals("length")) {
      meta.addProperty("length", 100_000);
    } else {
      JsonObject hashes = new JsonObject();
      hashes.addProperty("sha256", "00".repeat(32));
      meta.add("hashes", hashes);
    }
    repository.signed("timestamp").getAsJsonObject("meta").add("snapshot.json", meta);
    repository.sign("timestamp");
    assertRefused(FailureCode.METADATA_MISMATCH);
  }

  @Test
  void endlessData_isCutOffAtTheSignedLength() {
    JsonObject meta = TestRepository.meta(1);
    meta.addProperty("length", 10);
    repository.signed("timestamp").getAsJsonObject("meta").add("snapshot.json", meta);
    repository.sign("timestamp");
    assertRefused(FailureCode.METADATA_TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"})
  void endlessData_isCutOffAtTheLimit(String name) {
    repository.files.put(name, new byte[6_000_000]);
    assertRefused(FailureCode.METADATA_TOO_LARGE);
  }

  @Test
  void threshold_notReached_isRefused_andReachedByTwoKeys() throws SutureException {
    repository.signers("targets").add(TestKey.ed25519());
    repository.rootKeys();
    repository.threshold("targets", 2);
    repository.nextRoot();
    assertRefused(FailureCode.SIGNATURE_INVALID);
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    refresh();
    assertThat(believed("targets")).isEqualTo(2);
  }

  @Test
  void threshold_oneKeyUnderTwoIds_countsOnce() {
    TestKey key = repository.signers("targets").get(0);
    repository.signers("targets").add(key.withId("another"));
    repository.rootKeys();
    repository.threshold("targets", 2);
    repository.nextRoot();
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    assertRefused(FailureCode.SIGNATURE_INVALID);
  }

  @Test
  void threshold_oneSignatureTwice_isRefused() {
    TestKey key = repository.signers("targets").get(0);
    repository.threshold("targets", 2);
    repository.nextRoot();
    repository.signers.put("targets", List.of(key, key));
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    assertRefused(FailureCode.METADATA_MALFORMED);
  }

  @Test
  void hybrid_forgingNeedsBothKeys() throws SutureException {
    TestKey classic = TestKey.ed25519();
    TestKey quantum = TestKey.make(TestKey.Kind.ML_DSA_65);
    repository.signers.put("targets", new ArrayList<>(List.of(classic, quantum)));
    repository.rootKeys();
    repository.threshold("targets", 2);
    repository.nextRoot();
    for (TestKey stolen : List.of(classic, quantum)) {
      repository.signers.put("targets", List.of(stolen));
      repository.bump("targets");
      repository.publish("targets");
      repository.nextSnapshot();
      assertRefused(FailureCode.SIGNATURE_INVALID);
    }
    repository.signers.put("targets", List.of(classic, quantum));
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    refresh();
    assertThat(believed("targets")).isEqualTo(4);
  }

  @Test
  void algorithm_unknown_signsNothing_butDoesNoHarm() throws SutureException {
    JsonObject unknown = TestKey.ed25519().json();
    unknown.addProperty("keytype", "sphincs-of-2050");
    repository.root().getAsJsonObject("keys").add("unknown", unknown);
    JsonArray ids =
        repository
            .root()
            .getAsJsonObject("roles")
            .getAsJsonObject("targets")
            .getAsJsonArray("keyids");
    ids.add("unknown");
    ids.add("not-even-there");
    repository.nextRoot();
    refresh();
    assertThat(believed("root")).isEqualTo(2);
  }

  @Test
  void signature_overOtherBytes_isRefused() {
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    byte[] text = repository.signed("targets").toString().getBytes(StandardCharsets.UTF_8);
    repository.files.put(
        "2.targets.json",
        TestRepository.envelopeOver(
            repository.signed("targets"), repository.signers("targets"), text));
    assertRefused(FailureCode.SIGNATURE_INVALID);
  }

  @Test
  void json_unknownMembers_areSignedToo() throws SutureException {
    repository.root().addProperty("x-note", "n\u00e4chste \"Zeile\"\n\\");
    repository.nextRoot();
    refresh();
    assertThat(believed("root")).isEqualTo(2);
    String text = new String(repository.files.get("2.root.json"), StandardCharsets.UTF_8);
    repository.nextRoot();
    repository.files.put(
        "3.root.json",
        new String(repository.files.get("3.root.json"), StandardCharsets.UTF_8)
            .replace("x-note", "x-other")
            .getBytes(StandardCharsets.UTF_8));
    assertThat(text).contains("x-note");
    assertRefused(FailureCode.SIGNATURE_INVALID);
  }

  @Test
  void json_twoTruths_deepOrHuge_isRefused() {
    String good = new String(repository.files.get("timestamp.json"), StandardCharsets.UTF_8);
    for (String bad :
        List.of(
            good.replace("\"version\":1", "\"version\":1,\"version\":1"),
            good.replace("\"version\":1", "\"version\":99999999999999999999"),
            good.replace("\"version\":1", "\"version\":1.5"),
            good.replace("\"version\":1", "\"version\":0"),
            good.replace("\"version\":1", "\"version\":" + "[".repeat(500) + "]".repeat(500)),
            good.replace("\"_type\":\"timestamp\"", "\"_type\":\"snapshot\""),
            good.replace("\"spec_version\":\"1.0.31\"", "\"spec_version\":\"2.0.0\""),
            good.replace(TestRepository.FAR, "tomorrow"),
            good.replace(TestRepository.FAR, "2026-13-41T00:00:00Z"),
            good.substring(0, good.length() - 1),
            good + "{}",
            "[]")) {
      repository.files.put("timestamp.json", bad.getBytes(StandardCharsets.UTF_8));
      assertRefused(FailureCode.METADATA_MALFORMED);
    }
    assertThat(believed("timestamp")).isZero();
  }

  @Test
  void mirror_withoutTimestamp_isNotFound() {
    repository.files.remove("timestamp.json");
    assertRefused(FailureCode.SERVER_NOT_FOUND);
  }

  @Test
  void target_ofATopLevelRole_isFound() throws SutureException {
    repository.addTarget("targets", "a/b", CONTENT);
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    TufClient client = refresh();
    assertThat(client.target("a/b").map(TargetFile::length)).contains((long) CONTENT.length);
    assertThat(client.target("a/c")).isEmpty();
    assertThat(client.consistentSnapshot()).isTrue();
  }

  /** targets -> A (terminating for x/*), B; A -> C; C -> A. */
  private void delegations() {
    repository.delegate("targets", "A", true, "x/*");
    repository.delegate("targets", "B", false, "*", "x/*");
    repository.delegate("A", "C", false, "x/c*");
    repository.delegate("C", "A", false, "x/*");
    repository.addTarget("A", "x/a", CONTENT);
    repository.addTarget("A", "y", CONTENT);
    repository.addTarget("B", "x/b", CONTENT);
    repository.addTarget("B", "b", CONTENT);
    repository.addTarget("C", "x/c", CONTENT);
    repository.addTarget("C", "x/a2", CONTENT);
    repository.bump("targets");
    repository.publish("targets", "A", "B", "C");
    repository.nextSnapshot();
  }

  @Test
  void delegation_isFollowedForItsPathsOnly() throws SutureException {
    delegations();
    TufClient client = refresh();
    assertThat(client.target("x/a")).isPresent();
    assertThat(client.target("b")).isPresent();
    assertThat(client.target("x/c")).isPresent();
    assertThat(client.target("y")).as("A signs outside its paths").isEmpty();
    assertThat(client.target("x/a2")).as("C signs outside its paths").isEmpty();
    assertThat(client.target("x/b")).as("A is terminating").isEmpty();
  }

  @Test
  void delegation_terminatingBelow_keepsTheNeighboursAboveOutToo() throws SutureException {
    repository.delegate("targets", "A", false, "x/*");
    repository.delegate("targets", "B", false, "x/*");
    repository.delegate("A", "C", true, "x/c*");
    repository.addTarget("B", "x/c1", CONTENT);
    repository.addTarget("B", "x/b1", CONTENT);
    repository.bump("targets");
    repository.publish("targets", "A", "B", "C");
    repository.nextSnapshot();
    TufClient client = refresh();
    assertThat(client.target("x/c1")).as("C is terminating").isEmpty();
    assertThat(client.target("x/b1")).isPresent();
  }

  @Test
  void snapshot_withoutTargets_isRefused() {
    repository.signed("snapshot").add("meta", new JsonObject());
    repository.sign("snapshot");
    assertRefused(FailureCode.METADATA_MALFORMED);
  }

  @Test
  void delegation_inACircle_ends() throws SutureException {
    delegations();
    TufClient client = refresh();
    repository.requests.clear();
    assertThat(client.target("x/cc")).isEmpty();
    assertThat(repository.requests).containsExactly("1.A.json", "1.C.json");
    assertThat(client.target("x/cc")).isEmpty();
    assertThat(repository.requests).as("believed by now").hasSize(2);
  }

  @Test
  void delegation_signedByAStranger_isRefused() throws SutureException {
    delegations();
    repository.signers.put("A", List.of(TestKey.ed25519()));
    repository.publish("A");
    TufClient client = refresh();
    assertRefused(FailureCode.SIGNATURE_INVALID, () -> client.target("x/a"));
  }

  @Test
  void delegation_notInTheSnapshot_isRefused() throws SutureException {
    delegations();
    repository.signed.remove("A");
    repository.nextSnapshot();
    TufClient client = refresh();
    assertRefused(FailureCode.METADATA_MISMATCH, () -> client.target("x/a"));
  }

  @Test
  void delegation_tooMany_endsAtTheLimit() throws SutureException {
    String last = "targets";
    for (int i = 0; i < TufClient.DELEGATIONS_MAX + 5; i++) {
      repository.delegate(last, "r" + i, false, "*");
      repository.publish("r" + i);
      last = "r" + i;
    }
    repository.addTarget(last, "deep", CONTENT);
    repository.bump("targets");
    repository.publish(
        repository.signed.keySet().stream()
            .filter(role -> role.startsWith("r") && !role.equals("root") || role.equals("targets"))
            .toArray(String[]::new));
    repository.nextSnapshot();
    TufClient client = refresh();
    repository.requests.clear();
    assertThat(client.target("deep")).isEmpty();
    assertThat(repository.requests).hasSize(TufClient.DELEGATIONS_MAX);
  }

  @Test
  void delegation_byPathHash_isFollowed() throws SutureException {
    repository.delegate("targets", "bin", false, "*");
    JsonObject role =
        repository
            .targets("targets")
            .getAsJsonObject("delegations")
            .getAsJsonArray("roles")
            .get(0)
            .getAsJsonObject();
    role.remove("paths");
    JsonArray prefixes = new JsonArray();
    prefixes.add(TestRepository.sha256("in".getBytes(StandardCharsets.US_ASCII)).substring(0, 2));
    role.add("path_hash_prefixes", prefixes);
    repository.addTarget("bin", "in", CONTENT);
    repository.addTarget("bin", "out", CONTENT);
    repository.bump("targets");
    repository.publish("targets", "bin");
    repository.nextSnapshot();
    TufClient client = refresh();
    assertThat(client.target("in")).isPresent();
    assertThat(client.target("out")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "#", "/role", "../role", "r\u00f6le"})
  void delegation_unusualName_isOneSafeFileName(String name) throws SutureException {
    repository.delegate("targets", name, false, "*");
    repository.bump("targets");
    repository.publish("targets", name);
    repository.nextSnapshot();
    assertThat(refresh().target("nothing")).isEmpty();
    assertThat(local.files.keySet()).hasSize(5).allMatch(file -> !file.contains("/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"targets", "root", ""})
  void delegation_toATopLevelName_isRefused(String name) {
    repository.delegate("targets", "other", false, "*");
    repository
        .targets("targets")
        .getAsJsonObject("delegations")
        .getAsJsonArray("roles")
        .get(0)
        .getAsJsonObject()
        .addProperty("name", name);
    repository.bump("targets");
    repository.publish("targets");
    repository.nextSnapshot();
    assertRefused(FailureCode.METADATA_MALFORMED);
  }

  @Test
  void repository_withoutConsistentSnapshot_hasPlainNames() throws SutureException {
    repository.root().addProperty("consistent_snapshot", false);
    repository.nextRoot();
    repository.files.put("snapshot.json", repository.files.get("1.snapshot.json"));
    repository.files.put("targets.json", repository.files.get("1.targets.json"));
    TufClient client = refresh();
    assertThat(client.consistentSnapshot()).isFalse();
    assertThat(client.snapshot().version()).isEqualTo(1);
    assertThat(repository.requests)
        .containsExactly(
            "2.root.json", "3.root.json", "timestamp.json", "snapshot.json", "targets.json");
  }
}
