package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drafts that enough people have signed, but that are not to be published as they are. */
final class SignedElsewhereTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final Instant LATER = NOW.plus(Duration.ofDays(300));

  @TempDir private Path temp;
  private Authority authority = TestAuthority.NONE;

  @BeforeEach
  void create() throws PublisherException {
    authority = TestAuthority.in(temp.resolve("keys"), CLOCK);
    Publication.create(repository(), authority, Duration.ZERO).close();
  }

  private Repository repository() {
    return Repository.at(temp.resolve("mirror"));
  }

  private Published published() throws PublisherException {
    return repository().published(authority.trustedRoot()).orElseThrow();
  }

  /** A request whose authorities, which nobody believes, are any. */
  private SigningRequest request(DraftMetadata draft) throws PublisherException {
    RoleKeys keys = published().root().keysOf(RoleType.TARGETS);
    return new SigningRequest(draft.read().type().word(), draft, List.of(keys));
  }

  private SigningRequest targets(long version, Instant expires) throws PublisherException {
    return request(
        MetadataWriter.targets(new MetadataWriter.Header(version, expires), Map.of(), List.of()));
  }

  private SigningRequest root(long version, RoleType... changed) throws PublisherException {
    Map<RoleType, RoleKeys> roles = new EnumMap<>(RoleType.class);
    for (RoleType role : RoleType.values()) {
      roles.put(role, published().root().keysOf(role));
    }
    for (RoleType role : changed) {
      roles.put(
          role,
          new Workspace(temp.resolve("keys")).nextKeys(role, published().root(), Optional.empty()));
    }
    return request(MetadataWriter.root(new MetadataWriter.Header(version, LATER), true, roles));
  }

  /** With all keys at hand, so that signatures are never what it fails by. */
  private Published take(SigningRequest... requests) throws PublisherException {
    try (Publication publication = Publication.begin(repository(), authority, Duration.ZERO)) {
      return publication.take(List.of(requests));
    }
  }

  private Problem problemOf(SigningRequest... requests) throws PublisherException {
    long before = published().version();
    PublisherException thrown =
        catchThrowableOfType(PublisherException.class, () -> take(requests));
    assertThat(thrown).isNotNull();
    assertThat(published().version()).isEqualTo(before);
    return thrown.problem();
  }

  @Test
  void take_versionThatIsNotTheNextOrExpired_isOutdated() throws Exception {
    assertThat(problemOf(targets(1, LATER))).isEqualTo(Problem.REQUEST_OUTDATED);
    assertThat(problemOf(targets(3, LATER))).isEqualTo(Problem.REQUEST_OUTDATED);
    assertThat(problemOf(targets(2, NOW))).isEqualTo(Problem.REQUEST_OUTDATED);
    assertThat(problemOf(root(1, RoleType.TIMESTAMP))).isEqualTo(Problem.REQUEST_OUTDATED);
    assertThat(problemOf(root(3))).isEqualTo(Problem.REQUEST_OUTDATED);

    Published after = take(targets(2, NOW.plusSeconds(60)), root(2));
    assertThat(after.targets().signed().version()).isEqualTo(2);
    assertThat(after.root().signed().version()).isEqualTo(2);
  }

  @Test
  void take_twoRequestsOfOneRole_isRefused() throws Exception {
    assertThat(problemOf(targets(2, LATER), targets(2, LATER.plusSeconds(1))))
        .isEqualTo(Problem.INPUT_MALFORMED);
    assertThat(take(targets(2, LATER), targets(2, LATER)).targets().signed().version())
        .isEqualTo(2);
  }

  @Test
  void take_rootWithOtherKeysForTwoRoles_isRefused() throws Exception {
    assertThat(problemOf(root(2, RoleType.TIMESTAMP, RoleType.SNAPSHOT)))
        .isEqualTo(Problem.INPUT_MALFORMED);
  }

  @Test
  void take_newKeysForTargetsWithoutTheTargetsSigned_isWhatDevicesWouldRefuse() throws Exception {
    assertThat(problemOf(root(2, RoleType.TARGETS))).isEqualTo(Problem.SELF_CHECK_FAILED);
  }

  @Test
  void take_targetsLeftByALostPower_areTakenAsTheyAre() throws Exception {
    SigningRequest request = targets(2, LATER);
    byte[] left = request.draft().file(authority.signing().sign(List.of(request)).get(0));
    Path file = temp.resolve("mirror/metadata").resolve(FileNames.metadata(2, "targets"));
    Files.write(file, left);

    assertThat(problemOf(targets(2, LATER.plusSeconds(1)))).isEqualTo(Problem.REQUEST_OUTDATED);
    assertThat(take(request).targets().signed().version()).isEqualTo(2);
    assertThat(Files.readAllBytes(file)).isEqualTo(left);
    long version = published().version();
    assertThat(take(request).version()).as("published already").isEqualTo(version);
  }
}
