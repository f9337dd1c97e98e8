package dev.suture.protocol.tuf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.json.StrictJson;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MetadataWriterTest {
  private static final Instant EXPIRES = Instant.parse("2027-01-02T03:04:05Z");
  private static final MetadataWriter.Header HEADER = new MetadataWriter.Header(7, EXPIRES);

  private static final TufKey KEY =
      new TufKey(
          "ed25519", "ed25519", "edcd0a32a07dce33f7c7873aaffbff36d20ea30787574ead335eefd337e4dacd");

  /**
   * {@code printf '{"keytype":"ed25519","keyval":{"public":"edcd...dacd"},"scheme":"ed25519"}' |
   * sha256sum}.
   */
  private static final String KEY_ID =
      "2345a90ad8d76f3677f9ad6695b0ba0b5c7b7fbf27fb0ed35fbdf7b71264a679";

  private static final TufKey PEM_KEY =
      new TufKey("ecdsa", "ecdsa-sha2-nistp256", "-----BEGIN PUBLIC KEY-----\nAA==\n");
  private static final TargetFile FILE = new TargetFile(3, Hashes.of("abc".getBytes(UTF_8)));
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static SignedMetadata read(RoleType type, DraftMetadata draft) {
    byte[] file = draft.file(List.of(new SignedMetadata.Signature(KEY_ID, "00ff")));
    SignedMetadata read = SignedMetadata.decode(type, "test", file, file.length);
    assertThat(read.signedBytes()).isEqualTo(draft.signedBytes());
    assertThat(read.signatures()).containsExactly(new SignedMetadata.Signature(KEY_ID, "00ff"));
    assertThat(read.expires()).isEqualTo(EXPIRES);
    return read;
  }

  private static RoleKeys keys(int threshold, TufKey... keys) {
    Map<String, TufKey> byId = new LinkedHashMap<>();
    for (TufKey key : keys) {
      byId.put(key.id(), key);
    }
    return new RoleKeys(byId, threshold);
  }

  private static Map<RoleType, RoleKeys> allRoles(RoleKeys keys) {
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    for (RoleType type : RoleType.values()) {
      roles.put(type, keys);
    }
    return roles;
  }

  @Test
  void keyId_isTheDigestOfTheCanonicalKey() {
    assertThat(KEY.id()).isEqualTo(KEY_ID);
  }

  @Test
  void root_isReadBack() {
    Map<RoleType, RoleKeys> roles = allRoles(keys(1, KEY));
    roles.put(RoleType.ROOT, keys(2, KEY, PEM_KEY));

    RootMetadata root =
        new RootMetadata(read(RoleType.ROOT, MetadataWriter.root(HEADER, true, roles)));

    assertThat(root.consistentSnapshot()).isTrue();
    assertThat(root.signed().version()).isEqualTo(7);
    for (RoleType type : RoleType.values()) {
      assertThat(root.keysOf(type)).isEqualTo(roles.get(type));
    }
  }

  @Test
  void timestamp_withIssued_hasTheseBytes() {
    DraftMetadata draft =
        MetadataWriter.timestamp(
            new MetadataWriter.Header(
                7, EXPIRES, Map.of("issued", Instant.parse("2026-11-24T21:00:00Z"))),
            MetaFile.of(9, "abc".getBytes(UTF_8)));

    String signed =
        "{\"_type\":\"timestamp\",\"expires\":\"2027-01-02T03:04:05Z\","
            + "\"issued\":\"2026-11-24T21:00:00Z\",\"meta\":{\"snapshot.json\":{\"hashes\":"
            + "{\"sha256\":\""
            + ABC
            + "\"},\"length\":3,\"version\":9}},\"spec_version\":\"1.0.31\",\"version\":7}";
    assertThat(new String(draft.signedBytes(), UTF_8)).isEqualTo(signed);
    assertThat(new String(draft.file(List.of()), UTF_8))
        .isEqualTo("{\"signatures\":[],\"signed\":" + signed + "}\n");
    SignedMetadata read = read(RoleType.TIMESTAMP, draft);
    assertThat(read.signed().text("issued")).isEqualTo("2026-11-24T21:00:00Z");
    assertThat(new TimestampMetadata(read).snapshot())
        .isEqualTo(MetaFile.of(9, "abc".getBytes(UTF_8)));
  }

  @Test
  void snapshot_isReadBack() {
    Map<String, MetaFile> roles =
        Map.of("targets", MetaFile.of(3, new byte[5]), "vendor/gpu", MetaFile.of(1, new byte[0]));
    SignedMetadata read = read(RoleType.SNAPSHOT, MetadataWriter.snapshot(HEADER, roles));
    assertThat(new SnapshotMetadata(read).roles()).isEqualTo(roles);
  }

  @Test
  void targets_withCustomAndDelegations_areReadBack() {
    Map<String, Object> custom =
        Map.of("text", "\u0001\"\\\n\u2028é\uD83D\uDE00", "list", List.of(1, 2L, true, Map.of()));
    DelegatedRole vendor =
        new DelegatedRole(
            "vendor",
            keys(1, PEM_KEY),
            true,
            List.of(new PathPattern("gpu/*"), new PathPattern("wifi/*.bin")),
            Collections.emptyList());
    DelegatedRole bins =
        new DelegatedRole("bins", keys(2, KEY, PEM_KEY), false, List.of(), List.of("00", "ff"));

    SignedMetadata read =
        read(
            RoleType.TARGETS,
            MetadataWriter.targets(
                HEADER,
                Map.of("a/b", new TargetEntry(FILE, custom), "c", new TargetEntry(FILE)),
                List.of(vendor, bins)));
    TargetsMetadata targets = new TargetsMetadata(read);

    assertThat(targets.target("a/b").map(file -> new TargetFile(file.length(), file.hashes())))
        .contains(FILE);
    assertThat(targets.delegations()).containsExactly(vendor, bins);
    assertThat(read.signed().object("targets").object("c").has("custom")).isFalse();
    assertThat(read.signed().object("targets").object("a/b").object("custom").text("text"))
        .isEqualTo(custom.get("text"));
  }

  @Test
  void targets_whateverTheOrderOfMaps_haveTheSameBytes() {
    Map<String, TargetEntry> one = new LinkedHashMap<>();
    one.put("a", new TargetEntry(FILE));
    one.put("b", new TargetEntry(FILE));
    Map<String, TargetEntry> other = new LinkedHashMap<>();
    other.put("b", new TargetEntry(FILE));
    other.put("a", new TargetEntry(FILE));

    assertThat(MetadataWriter.targets(HEADER, one, List.of()).file(List.of()))
        .isEqualTo(MetadataWriter.targets(HEADER, other, List.of()).file(List.of()));
  }

  @Test
  void of_whatWasRead_keepsMembersThatNobodyKnows() {
    byte[] file =
        ("{ \"signatures\": [], \"signed\": {\"x\": [null, {\"y\": \"\\u000a\"}], \"_type\":"
                + " \"targets\", \"spec_version\": \"1.0\", \"version\": 1, \"expires\":"
                + " \"2027-01-02T03:04:05Z\", \"targets\": {}}}")
            .getBytes(UTF_8);
    SignedMetadata read = SignedMetadata.decode(RoleType.TARGETS, "test", file, file.length);

    DraftMetadata draft = DraftMetadata.of(read);

    assertThat(read(RoleType.TARGETS, draft).signed().has("x")).isTrue();
    assertThat(new String(draft.signedBytes(), UTF_8)).contains("\"x\":[null,{\"y\":\"\n\"}]");
  }

  @Test
  void fields_asCustom_areTakenAsTheyWereRead() {
    byte[] json = "{\"a\": {\"b\": null}}".getBytes(UTF_8);
    Map<String, Object> custom = Map.of("from", StrictJson.parse("test", json, json.length));
    DraftMetadata draft =
        MetadataWriter.targets(HEADER, Map.of("t", new TargetEntry(FILE, custom)), List.of());
    assertThat(new String(draft.signedBytes(), UTF_8))
        .contains("\"custom\":{\"from\":{\"a\":{\"b\":null}}}");
  }

  @Test
  void writer_givenWhatNobodyReads_refuses() {
    RoleKeys one = keys(1, KEY);
    assertThatThrownBy(() -> MetadataWriter.root(HEADER, true, Map.of(RoleType.ROOT, one)))
        .hasMessageContaining("timestamp: expected an object");
    assertThatThrownBy(() -> MetadataWriter.root(HEADER, true, allRoles(keys(2, KEY))))
        .hasMessage("threshold: expected at most 1, as many as there are keys, got 2");
    assertThatThrownBy(() -> MetadataWriter.root(HEADER, true, allRoles(keys(0, KEY))))
        .hasMessageContaining("threshold: expected an integer from 1");
    RoleKeys wrong = new RoleKeys(Map.of(KEY_ID, PEM_KEY), 1);
    Map<RoleType, RoleKeys> roles = allRoles(one);
    roles.put(RoleType.TARGETS, wrong);
    assertThatThrownBy(() -> MetadataWriter.root(HEADER, true, roles))
        .hasMessage("keys: expected one key for each id, got two for " + KEY_ID);
    DelegatedRole root = new DelegatedRole("root", one, true, List.of(), List.of());
    assertThatThrownBy(() -> MetadataWriter.targets(HEADER, Map.of(), List.of(root)))
        .hasMessageContaining("expected a name of its own");
    MetadataWriter.Header zero = new MetadataWriter.Header(0, EXPIRES);
    assertThatThrownBy(() -> MetadataWriter.snapshot(zero, Map.of()))
        .hasMessageContaining("version: expected an integer from 1");
    MetadataWriter.Header late = new MetadataWriter.Header(1, Instant.MAX.minusNanos(999_999_999));
    assertThatThrownBy(() -> MetadataWriter.snapshot(late, Map.of()))
        .hasMessageContaining("expected YYYY-MM-DDTHH:MM:SSZ");
    MetadataWriter.Header exact = new MetadataWriter.Header(1, EXPIRES.plusNanos(1));
    assertThatThrownBy(() -> MetadataWriter.snapshot(exact, Map.of()))
        .hasMessageContaining("expected whole seconds");
    assertThatThrownBy(() -> new MetadataWriter.Header(1, EXPIRES, Map.of("meta", 1)))
        .hasMessageContaining("got meta");
  }

  @Test
  void custom_ofOtherTypesOrTooDeep_isRefused() {
    assertThatThrownBy(() -> withCustom(Map.of("a", 1.5)))
        .hasMessage(
            "targets.targets.t.custom.a: expected a string, an integer, a boolean, a list or an"
                + " object, got java.lang.Double");
    assertThatThrownBy(() -> withCustom(Collections.singletonMap("a", null)))
        .hasMessageContaining("got nothing");
    assertThatThrownBy(() -> withCustom(Map.of("a", Map.of(1, 2))))
        .hasMessageContaining("expected a string as name, got 1");
    assertThatThrownBy(() -> withCustom(Map.of("a", "\uD83D")))
        .isInstanceOf(IllegalArgumentException.class);
    Map<String, Object> nested = Map.of();
    for (int i = 0; i < StrictJson.DEPTH_MAX; i++) {
      nested = Map.of("n", nested);
    }
    Map<String, Object> deep = nested;
    assertThatThrownBy(() -> withCustom(deep)).hasMessageContaining("levels of nesting");
  }

  private static DraftMetadata withCustom(Map<String, Object> custom) {
    return MetadataWriter.targets(HEADER, Map.of("t", new TargetEntry(FILE, custom)), List.of());
  }

  @Test
  void file_withAKeyTwiceOrTooManySignatures_isRefused() {
    DraftMetadata draft = MetadataWriter.snapshot(HEADER, Map.of());
    SignedMetadata.Signature one = new SignedMetadata.Signature("a", "");
    assertThatThrownBy(() -> draft.file(List.of(one, one))).hasMessageContaining("got a twice");
    List<SignedMetadata.Signature> many =
        java.util.stream.IntStream.rangeClosed(0, SignedMetadata.SIGNATURES_MAX)
            .mapToObj(i -> new SignedMetadata.Signature("k" + i, ""))
            .toList();
    assertThatThrownBy(() -> draft.file(many)).hasMessageContaining("got 65");
  }
}
