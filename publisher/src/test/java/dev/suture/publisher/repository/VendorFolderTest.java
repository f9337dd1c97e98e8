package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.tuf.DelegatedRole;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.PathPattern;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.KeyType;
import dev.suture.publisher.keys.role.RoleSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a vendor hands over is believed when the vendor has signed it, and no further. */
final class VendorFolderTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofDays(30));
  private static final ComponentName TLS = new ComponentName("tls");
  private static final byte[] PAYLOAD = "payload".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path temp;
  private Authority authority = TestAuthority.NONE;
  private final RoleSigner[] signers = new RoleSigner[2];

  @BeforeEach
  void delegate() throws PublisherException {
    authority = TestAuthority.in(temp.resolve("keys"), Clock.fixed(NOW, ZoneOffset.UTC));
    Publication.create(repository(), authority, Duration.ZERO).close();
    for (int i = 0; i < signers.length; i++) {
      signers[i] =
          new KeyFile(temp.resolve("vendor" + i + ".key"))
              .generate(KeyType.ED25519, Optional.empty());
    }
    try (Publication publication = begin()) {
      publication.delegate(role());
    }
  }

  private Repository repository() {
    return Repository.at(temp.resolve("mirror"));
  }

  private Publication begin() throws PublisherException {
    return Publication.begin(repository(), authority, Duration.ZERO);
  }

  private DelegatedRole role() {
    RoleKeys keys =
        new RoleKeys(
            Map.of(
                signers[0].keyId(), signers[0].key(),
                signers[1].keyId(), signers[1].key()),
            2);
    return new DelegatedRole(
        VendorFolder.role(TLS),
        keys,
        true,
        List.of(new PathPattern("components/tls/*")),
        List.of());
  }

  private VendorFolder vendor() {
    return new VendorFolder(temp.resolve("handover"));
  }

  private void state(FileRef payload) throws IOException, PublisherException {
    Path content = Files.write(temp.resolve("content"), PAYLOAD);
    vendor().add(payload, content);
    Sha256 any = Sha256.of(new byte[] {1});
    vendor()
        .add(
            new PatchComponent(
                TLS,
                any,
                new ImageIdentity(4096, any, any, any),
                List.of(new Payload(Payload.Kind.DELTA, payload))));
  }

  private void sign(DraftMetadata draft, RoleSigner... by) throws PublisherException {
    List<SignedMetadata.Signature> signatures = new ArrayList<>();
    for (RoleSigner signer : by) {
      signatures.add(signer.sign(draft));
    }
    vendor().put(TLS, draft.read().version(), draft.file(signatures));
  }

  private Published take() throws PublisherException {
    try (Publication publication = begin()) {
      return vendor().importInto(publication, role(), TLS);
    }
  }

  private void assertRefusedWithoutATrace(Problem problem) throws IOException {
    Map<String, Sha256> before = files();
    PublisherException e = catchThrowableOfType(PublisherException.class, this::take);
    assertThat(e).isNotNull();
    assertThat(e.problem()).as(e.getMessage()).isEqualTo(problem);
    assertThat(e.details().todo()).isNotBlank();
    assertThat(files()).isEqualTo(before);
  }

  private Map<String, Sha256> files() throws IOException {
    Map<String, Sha256> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(temp.resolve("mirror"))) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(file.toString(), Sha256.of(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  private static FileRef ownPlace() {
    return Publication.payloadFile(Payload.Kind.DELTA, Sha256.of(PAYLOAD), PAYLOAD.length);
  }

  @Test
  void import_signedByAll_isPublished_andTwiceIsNothingNew() throws Exception {
    state(ownPlace());
    sign(vendor().draft(TLS, 1, LATER), signers);
    assertThat(take().snapshot().role("component-tls").orElseThrow().version()).isEqualTo(1);
    assertThat(take().snapshot().role("component-tls").orElseThrow().version()).isEqualTo(1);
  }

  /** Signed by the vendor, who may be an attacker. */
  @ParameterizedTest
  @ValueSource(strings = {"metadata/timestamp.json", "payloads/another.delta", "payloads/x.zst"})
  void import_payloadWithAnotherPlace_isRefused(String place) throws Exception {
    state(new FileRef(place, PAYLOAD.length, Sha256.of(PAYLOAD)));
    sign(vendor().draft(TLS, 1, LATER), signers);
    assertRefusedWithoutATrace(Problem.REPOSITORY_DAMAGED);
  }

  @Test
  void import_signedByOneOfTwo_leavesNothing_andTheSameVersionSignedByBothIsTaken()
      throws Exception {
    state(ownPlace());
    DraftMetadata draft = vendor().draft(TLS, 1, LATER);
    sign(draft, signers[0]);
    assertRefusedWithoutATrace(Problem.INPUT_MALFORMED);
    sign(draft, signers);
    assertThat(take().snapshot().role("component-tls").orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void import_unsignedEmptyExpiredOrOlder_isRefused() throws Exception {
    sign(MetadataWriter.targets(new MetadataWriter.Header(7, LATER), Map.of(), List.of()));
    assertRefusedWithoutATrace(Problem.INPUT_MALFORMED);
    sign(MetadataWriter.targets(new MetadataWriter.Header(8, LATER), Map.of(), List.of()), signers);
    assertRefusedWithoutATrace(Problem.INPUT_MALFORMED);
    state(ownPlace());
    sign(vendor().draft(TLS, 9, NOW), signers);
    assertRefusedWithoutATrace(Problem.INPUT_MALFORMED);
    sign(vendor().draft(TLS, 10, LATER), signers);
    assertThat(take().snapshot().role("component-tls").orElseThrow().version()).isEqualTo(10);
    byte[] taken = Files.readAllBytes(temp.resolve("handover/metadata/10.component-tls.json"));
    sign(vendor().draft(TLS, 11, LATER), signers);
    take();
    Files.delete(temp.resolve("handover/metadata/11.component-tls.json"));
    Files.write(temp.resolve("handover/metadata/10.component-tls.json"), taken);
    assertRefusedWithoutATrace(Problem.INPUT_MALFORMED);
  }
}
