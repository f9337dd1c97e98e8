package dev.suture.publisher.keys.role;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.Hashes;
import dev.suture.protocol.tuf.MetaFile;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TargetEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A request goes out, signatures come back. */
final class SigningTest {
  private static final Instant EXPIRES = Instant.parse("2027-01-01T00:00:00Z");

  private final RoleSigner ed25519 = KeyType.ED25519.generate();
  private final RoleSigner mlDsa = KeyType.ML_DSA_65.generate();
  private final RoleSigner stranger = KeyType.ED25519.generate();

  private static RoleKeys keys(int threshold, RoleSigner... signers) {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (RoleSigner signer : signers) {
      keys.put(signer.keyId(), signer.key());
    }
    return new RoleKeys(keys, threshold);
  }

  private DraftMetadata root(long version, RoleKeys ofRoot) {
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    for (RoleType type : RoleType.values()) {
      roles.put(type, type == RoleType.ROOT ? ofRoot : keys(1, ed25519));
    }
    return MetadataWriter.root(new MetadataWriter.Header(version, EXPIRES), true, roles);
  }

  private SigningRequest hybridRoot(long version) {
    RoleKeys hybrid = keys(2, ed25519, mlDsa);
    return new SigningRequest("root", root(version, hybrid), List.of(hybrid));
  }

  private static Problem problemOf(Callable<?> action) {
    return catchThrowableOfType(PublisherException.class, action::call).problem();
  }

  private static Problem problemOfAdding(SignatureCollection collection, SignatureFile file) {
    return problemOf(
        () -> {
          collection.add(file);
          return 0;
        });
  }

  @Test
  void hybridRoot_signedElsewhereByBoth_becomesAFile() throws Exception {
    byte[] request = hybridRoot(1).encode();
    byte[] one = SignatureFile.sign(SigningRequest.decode(request), ed25519).encode();
    byte[] other = SignatureFile.sign(SigningRequest.decode(request), mlDsa).encode();
    SignatureCollection collection = new SignatureCollection(SigningRequest.decode(request));

    collection.add(SignatureFile.decode(one));
    assertThat(collection.missing()).isEqualTo(1);
    assertThat(problemOf(collection::file)).isEqualTo(Problem.SIGNATURES_MISSING);
    collection.add(SignatureFile.decode(other));

    assertThat(collection.missing()).isZero();
    byte[] file = collection.file();
    SignedMetadata read = SignedMetadata.decode(RoleType.ROOT, "root", file, file.length);
    assertThat(new RootMetadata(read).keysOf(RoleType.ROOT).threshold()).isEqualTo(2);
    assertThat(read.signatures())
        .extracting(SignedMetadata.Signature::keyId)
        .containsExactly(ed25519.keyId(), mlDsa.keyId());
    for (RoleSigner signer : List.of(ed25519, mlDsa)) {
      assertThat(
              read.signatures().stream()
                  .anyMatch(
                      signature ->
                          SignatureCheck.isSignedBy(
                              signer.key(), read.signedBytes(), signature.hex())))
          .isTrue();
    }
  }

  @Test
  void rotatedRoot_needsTheKeysOfBothRoots() throws Exception {
    RoleSigner next = KeyType.ED25519.generate();
    RoleKeys before = keys(1, ed25519);
    RoleKeys after = keys(1, next);
    SigningRequest request = new SigningRequest("root", root(2, after), List.of(before, after));
    SignatureCollection collection = new SignatureCollection(request);

    assertThat(collection.missing()).isEqualTo(2);
    collection.add(SignatureFile.sign(request, next));
    assertThat(collection.missing()).isEqualTo(1);
    assertThat(problemOf(collection::file)).isEqualTo(Problem.SIGNATURES_MISSING);
    collection.add(SignatureFile.sign(request, ed25519));
    assertThat(collection.signatures()).hasSize(2);
    assertThat(collection.file()).isNotEmpty();
  }

  @Test
  void add_byAKeyOfNobody_isRefused() throws Exception {
    SigningRequest request = hybridRoot(1);
    assertThat(problemOf(() -> SignatureFile.sign(request, stranger)))
        .isEqualTo(Problem.SIGNER_FOREIGN);
    SignatureFile forged =
        new SignatureFile("root", 1, request.digest(), stranger.sign(request.draft()));
    assertThat(problemOfAdding(new SignatureCollection(request), forged))
        .isEqualTo(Problem.SIGNER_FOREIGN);
  }

  @Test
  void add_overOtherBytes_isRefused() throws Exception {
    SigningRequest request = hybridRoot(1);
    SignatureCollection collection = new SignatureCollection(request);
    assertThat(problemOfAdding(collection, SignatureFile.sign(hybridRoot(2), ed25519)))
        .isEqualTo(Problem.SIGNATURE_MISMATCHED);
    SignedMetadata.Signature other =
        new SignedMetadata.Signature(ed25519.keyId(), ed25519.sign("other".getBytes(UTF_8)));
    for (String hex : List.of(other.hex(), "", "zz", "00".repeat(64))) {
      SignatureFile lying =
          new SignatureFile(
              "root", 1, request.digest(), new SignedMetadata.Signature(other.keyId(), hex));
      assertThat(problemOfAdding(collection, lying)).isEqualTo(Problem.SIGNATURE_INVALID);
    }
    SignatureFile otherRole =
        new SignatureFile("targets", 1, request.digest(), ed25519.sign(request.draft()));
    assertThat(problemOfAdding(collection, otherRole)).isEqualTo(Problem.SIGNATURE_MISMATCHED);
    assertThat(collection.signatures()).isEmpty();
  }

  @Test
  void add_sameKeyAgainOrUnderAnotherId_countsOnce() throws Exception {
    TufKey sameInCapitals =
        new TufKey(
            "ed25519", "ed25519", ed25519.key().publicText().toUpperCase(java.util.Locale.ROOT));
    RoleKeys twice =
        new RoleKeys(
            Map.of(
                ed25519.keyId(), ed25519.key(), "another", ed25519.key(), "third", sameInCapitals),
            2);
    SigningRequest request = new SigningRequest("root", root(1, twice), List.of(twice));
    SignatureCollection collection = new SignatureCollection(request);
    SignedMetadata.Signature signature = ed25519.sign(request.draft());
    collection.add(signature);
    for (String id : List.of(ed25519.keyId(), "another", "third")) {
      SignatureFile again =
          new SignatureFile(
              "root", 1, request.digest(), new SignedMetadata.Signature(id, signature.hex()));
      assertThat(problemOfAdding(collection, again)).isEqualTo(Problem.SIGNATURE_DUPLICATE);
    }
    assertThat(collection.missing()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "\"version\": 1,, \"version\": 2,",
    "\"role\": \"root\", \"role\": \"timestamp\"",
    "root version 1, root version 2",
    "root: 2 of 2, root: 1 of 2",
    "\"threshold\": 2, \"threshold\": 0",
    "\"consistent_snapshot\": true, \"consistent_snapshot\": false",
    "\"expires\": \"2027, \"expires\": \"2028",
    "\"sha256\": \", \"sha256\": \"0",
    "\"signed_bytes\": \"eyJ, \"signed_bytes\": \"eyK",
    "\"suture_signing_request\": 1, \"suture_signing_request\": 2"
  })
  void decode_whereThePartsDisagree_isRefused(String good, String bad) {
    String text = new String(hybridRoot(1).encode(), UTF_8);
    assertThat(text).contains(good);
    int at = text.indexOf(good);
    String changed = text.substring(0, at) + bad + text.substring(at + good.length());
    assertThatThrownBy(() -> SigningRequest.decode(changed.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decode_cutAnywhere_isRefused() {
    byte[] request = hybridRoot(1).encode();
    for (int length = 0; length < request.length - 2; length += 97) {
      byte[] cut = java.util.Arrays.copyOf(request, length);
      assertThatThrownBy(() -> SigningRequest.decode(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void summary_ofHostileNames_hasNothingThatATerminalObeys() {
    TargetFile file = new TargetFile(3, Hashes.of("abc".getBytes(UTF_8)), Optional.empty());
    DraftMetadata draft =
        MetadataWriter.targets(
            new MetadataWriter.Header(4, EXPIRES),
            Map.of("a\u001b[2K\n\u202eb", new TargetEntry(file, Map.of("x", 1))),
            List.of());
    SigningRequest request = new SigningRequest("vendor", draft, List.of(keys(1, ed25519)));

    assertThat(request.summary())
        .containsExactly(
            "vendor version 4, expires 2027-01-01T00:00:00Z",
            "targets: 1",
            "  a\\u{1b}[2K\\u{a}\\u{202e}b, 3 bytes, sha256"
                + " ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad,"
                + " with custom members");
    assertThat(SigningRequest.decode(request.encode()).summary()).isEqualTo(request.summary());
  }

  @Test
  void summary_ofManyRoles_isBounded() {
    Map<String, MetaFile> roles = new LinkedHashMap<>();
    for (int i = 0; i < 1_000; i++) {
      roles.put("role" + i, MetaFile.of(1, new byte[0]));
    }
    DraftMetadata draft = MetadataWriter.snapshot(new MetadataWriter.Header(4, EXPIRES), roles);
    SigningRequest request = new SigningRequest("snapshot", draft, List.of(keys(1, ed25519)));
    assertThat(request.summary()).hasSize(DraftSummary.LINES_MAX).endsWith("and 502 more lines");
    assertThat(SigningRequest.decode(request.encode()).digest()).isEqualTo(request.digest());
  }
}
