package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.Rollout;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RepositoryTest {
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final String MODEL = "suture-virt-arm64";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00.5Z"), ZoneOffset.UTC);

  @TempDir private Path temp;
  private Authority authority = TestAuthority.NONE;

  @BeforeEach
  void makeRepository() throws PublisherException {
    authority = TestAuthority.in(temp.resolve("keys"), CLOCK);
    Publication.create(repository(), authority, Duration.ZERO).close();
  }

  private Path folder() {
    return temp.resolve("web/mirror");
  }

  private Repository repository() {
    return Repository.at(folder());
  }

  private Publication begin(Duration wait) throws PublisherException {
    return Publication.begin(repository(), authority, wait);
  }

  private Published published() throws PublisherException {
    return repository().published(authority.trustedRoot()).orElseThrow();
  }

  private Path timestamp() {
    return folder().resolve("metadata/timestamp.json");
  }

  private Published publish(String level) throws PublisherException {
    try (Publication publication = begin(Duration.ofSeconds(30))) {
      return publish(publication, level);
    }
  }

  private static Published publish(Publication publication, String level)
      throws PublisherException {
    return publish(publication, MODEL, BASELINE, level);
  }

  private static Published publish(
      Publication publication, String model, Baseline baseline, String level)
      throws PublisherException {
    TargetFile manifest =
        publication.addTarget(
            LevelEntry.path(model, baseline, new Level(level)),
            ("manifest " + level).getBytes(StandardCharsets.UTF_8));
    return publication.publish(TestAuthority.entry(model, baseline, level, manifest));
  }

  private static Problem problemOf(Callable<?> action) {
    PublisherException e = catchThrowableOfType(PublisherException.class, action::call);
    assertThat(e).isNotNull();
    assertThat(e.details().todo()).isNotBlank();
    return e.problem();
  }

  @Test
  void publish_levels_versionsGrowByOneAndDevicesBelieveThem() throws Exception {
    assertThat(published().version()).isEqualTo(1);
    assertThat(publish("a").version()).isEqualTo(2);
    assertThat(publish("b").version()).isEqualTo(3);

    Published published = published();
    assertThat(published.version()).isEqualTo(3);
    assertThat(published.timestamp().issued()).contains(Instant.parse("2026-11-21T12:00:00Z"));
    assertThat(published.timestamp().signed().expires())
        .isEqualTo(Instant.parse("2026-11-28T12:00:00Z"));
    assertThat(published.newest(MODEL, BASELINE).orElseThrow().level()).isEqualTo(new Level("b"));
    assertThat(published.levels()).hasSize(2);
    for (LevelEntry entry : published.levels()) {
      assertThat(entry.manifest().path()).startsWith("targets/levels/" + MODEL + "/26.1/");
      assertThat(Sha256.of(Files.readAllBytes(repository().file(entry.manifest()))))
          .isEqualTo(entry.manifest().sha256());
    }
  }

  @Test
  void create_newRepository_offlineRolesAreHybrid() throws Exception {
    RootMetadata root = published().root();
    for (RoleType role : List.of(RoleType.ROOT, RoleType.TARGETS)) {
      assertThat(root.keysOf(role).threshold()).isEqualTo(2);
      assertThat(root.keysOf(role).keys().values())
          .extracting(TufKey::type)
          .containsExactlyInAnyOrder("ed25519", "ml-dsa-65");
    }
    assertThat(root.keysOf(RoleType.TIMESTAMP).threshold()).isEqualTo(1);
    assertThat(Files.size(timestamp())).isLessThan(2048);
  }

  @Test
  void create_repositoryThatIsThere_refused() {
    assertThat(problemOf(() -> Publication.create(repository(), authority, Duration.ZERO)))
        .isEqualTo(Problem.REPOSITORY_EXISTS);
  }

  @Test
  void publish_levelThatIsThereOrLower_refused() throws Exception {
    publish("b");
    byte[] before = Files.readAllBytes(timestamp());

    assertThat(problemOf(() -> publish("b"))).isEqualTo(Problem.LEVEL_EXISTS);
    assertThat(problemOf(() -> publish("a"))).isEqualTo(Problem.LEVEL_NOT_NEWER);
    assertThat(Files.readAllBytes(timestamp())).isEqualTo(before);
    assertThat(publish("aa").version()).isEqualTo(3);
    assertThat(problemOf(() -> publish("z"))).isEqualTo(Problem.LEVEL_NOT_NEWER);
  }

  @Test
  void publish_otherModelOrBaseline_lettersAreTheirOwn() throws Exception {
    publish("b");
    try (Publication publication = begin(Duration.ZERO)) {
      publish(publication, "other-model", BASELINE, "a");
      publish(publication, MODEL, new Baseline("26.2"), "a");
      assertThat(publication.published().version()).isEqualTo(4);
    }
  }

  @Test
  void withdraw_publishedLevel_marksItAndKeepsFilesAndLetter() throws Exception {
    publish("a");
    Withdrawal remove = new Withdrawal(Withdrawal.Reach.REMOVE, Withdrawal.Instead.NEWEST_GOOD);
    try (Publication publication = begin(Duration.ZERO)) {
      publication.withdraw(BASELINE, MODEL, new Level("a"), Withdrawal.STOP);
      assertThat(publication.withdraw(BASELINE, MODEL, new Level("a"), remove).version())
          .isEqualTo(4);
    }

    LevelEntry entry = published().levels().get(0);
    assertThat(entry.withdrawal()).contains(remove);
    assertThat(published().newest(MODEL, BASELINE)).isEmpty();
    assertThat(repository().file(entry.manifest())).exists();
    assertThat(problemOf(() -> publish("a"))).isEqualTo(Problem.LEVEL_EXISTS);
    try (Publication publication = begin(Duration.ZERO)) {
      assertThat(problemOf(() -> publication.withdraw(BASELINE, MODEL, new Level("a"), remove)))
          .isEqualTo(Problem.LEVEL_WITHDRAWN);
      assertThat(problemOf(() -> publication.withdraw(BASELINE, MODEL, new Level("b"), remove)))
          .isEqualTo(Problem.LEVEL_UNKNOWN);
    }
  }

  @Test
  void stage_publishedLevel_rolloutChangesAndEndsWithEverybody() throws Exception {
    publish("a");
    Rollout curve =
        new Rollout(
            Optional.of("internal"),
            Instant.parse("2026-11-21T12:00:00Z"),
            List.of(new Rollout.Step(0, 1), new Rollout.Step(24, 100)));
    try (Publication publication = begin(Duration.ZERO)) {
      publication.stage(BASELINE, MODEL, new Level("a"), Optional.of(curve));
      assertThat(published().levels().get(0).rollout()).contains(curve);
      publication.stage(BASELINE, MODEL, new Level("a"), Optional.empty());
    }
    assertThat(published().levels().get(0).rollout()).isEmpty();
  }

  @Test
  void rotate_everyRole_devicesOfTheFirstRootFollowAndOldKeysSignNothing() throws Exception {
    publish("a");
    Workspace workspace = new Workspace(temp.resolve("keys"));
    for (RoleType role : RoleType.values()) {
      try (Publication publication = begin(Duration.ZERO)) {
        RootMetadata before = publication.published().root();
        RoleKeys next = workspace.nextKeys(role, before, Optional.empty());
        Published after = publication.rotate(role, next);
        assertThat(after.root().signed().version()).isEqualTo(before.signed().version() + 1);
        assertThat(after.root().keysOf(role)).isEqualTo(next);
        assertThat(before.keysOf(role).isRevokedBy(next)).isTrue();
      }
    }
    publish("b");

    // With the first root, and with the last one.
    assertThat(published().levels()).hasSize(2);
    var unused = repository().view(repository().root(5), CLOCK.instant());
  }

  @Test
  void refresh_onlineKeysAlone_issuedAgain() throws Exception {
    publish("a");
    for (String offline : List.of("root", "targets")) {
      for (String type : List.of("ed25519", "ml-dsa-65")) {
        Files.delete(temp.resolve("keys/" + offline + "-" + type + ".key"));
      }
    }
    try (Publication publication = begin(Duration.ZERO)) {
      assertThat(publication.refresh(false).version()).isEqualTo(3);
      assertThat(publication.published().targets().signed().version()).isEqualTo(2);
      assertThat(problemOf(() -> publication.refresh(true))).isEqualTo(Problem.SIGNATURES_MISSING);
    }
    assertThat(problemOf(() -> publish("b"))).isEqualTo(Problem.SIGNATURES_MISSING);
  }

  @Test
  void publish_oneKeyOfTheHybridMissing_refusedAndNothingChanged() throws Exception {
    Files.delete(temp.resolve("keys/targets-ml-dsa-65.key"));
    byte[] before = Files.readAllBytes(timestamp());

    assertThat(problemOf(() -> publish("a"))).isEqualTo(Problem.SIGNATURES_MISSING);
    assertThat(Files.readAllBytes(timestamp())).isEqualTo(before);
  }

  @Test
  void publish_rootExpired_refusedAsDevicesWouldAndRenewedByARotation() throws Exception {
    Clock later = Clock.offset(CLOCK, Duration.ofDays(366));
    Authority old =
        new Authority(authority.trustedRoot(), authority.signing(), Expiry.DEFAULT, later);
    try (Publication publication = Publication.begin(repository(), old, Duration.ZERO)) {
      assertThat(problemOf(() -> publication.refresh(false))).isEqualTo(Problem.SELF_CHECK_FAILED);
      RoleKeys same = publication.published().root().keysOf(RoleType.ROOT);
      assertThat(problemOf(() -> publication.rotate(RoleType.ROOT, same)))
          .isEqualTo(Problem.SELF_CHECK_FAILED);
      // Root and targets have expired together: only both together are believed.
      Published after = publication.renew();
      assertThat(after.root().signed().version()).isEqualTo(2);
    }
    var unused = repository().view(authority.trustedRoot(), later.instant());
  }

  @Test
  void begin_timestampDamagedInAnyWay_refusedAndLeftAlone() throws Exception {
    publish("a");
    byte[] good = Files.readAllBytes(timestamp());
    String text = new String(good, StandardCharsets.UTF_8);
    List<byte[]> damages = new ArrayList<>();
    for (int length = 0; length < text.stripTrailing().length(); length += 17) {
      damages.add(Arrays.copyOf(good, length));
    }
    for (int i = 0; i < good.length; i += 11) {
      if (!Character.isWhitespace(good[i])) {
        byte[] damaged = good.clone();
        damaged[i] ^= 0x04;
        damages.add(damaged);
      }
    }
    damages.add(new byte[(16 << 10) + 1]);

    for (byte[] damaged : damages) {
      Files.write(timestamp(), damaged);
      assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_DAMAGED);
      assertThat(Files.readAllBytes(timestamp())).isEqualTo(damaged);
    }
    Files.write(timestamp(), good);
    assertThat(publish("b").version()).isEqualTo(3);
  }

  @Test
  void begin_repositoryOfAnotherPublisher_refused() throws Exception {
    Authority other = TestAuthority.in(temp.resolve("others"), CLOCK);

    assertThat(problemOf(() -> Publication.begin(repository(), other, Duration.ZERO)))
        .isEqualTo(Problem.REPOSITORY_DAMAGED);
    assertThat(problemOf(() -> Publication.create(repository(), other, Duration.ZERO)))
        .isEqualTo(Problem.REPOSITORY_DAMAGED);
  }

  @Test
  void begin_timestampLostButLevelsThere_refusedAsVersionsWouldBeginAgain() throws Exception {
    publish("a");
    Files.delete(timestamp());

    assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_DAMAGED);
    assertThat(problemOf(() -> Publication.create(repository(), authority, Duration.ZERO)))
        .isEqualTo(Problem.REPOSITORY_DAMAGED);
  }

  @Test
  void begin_noRepository_refused() {
    Repository none = Repository.at(temp.resolve("none"));

    assertThat(problemOf(() -> Publication.begin(none, authority, Duration.ZERO)))
        .isEqualTo(Problem.REPOSITORY_EMPTY);
  }

  @Test
  void dry_publication_seesItselfAndWritesNothing() throws Exception {
    byte[] before = Files.readAllBytes(timestamp());
    try (Publication publication =
        Publication.begin(Repository.dry(folder()), authority, Duration.ZERO)) {
      assertThat(publish(publication, "a").version()).isEqualTo(2);
    }
    assertThat(Files.readAllBytes(timestamp())).isEqualTo(before);
    assertThat(folder().resolve("metadata/2.targets.json")).doesNotExist();
    assertThat(folder().resolve("targets")).doesNotExist();
  }

  @Test
  void begin_repositoryIsAFile_storageFailed() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "not a folder");

    assertThat(problemOf(() -> Publication.begin(Repository.at(file), authority, Duration.ZERO)))
        .isEqualTo(Problem.STORAGE_FAILED);
  }

  @Test
  void begin_anotherPublisherInThisProcess_busyUntilItIsDone() throws Exception {
    try (Publication first = begin(Duration.ZERO)) {
      assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_BUSY);
      assertThat(first.published().version()).isEqualTo(1);
    }
    assertThat(publish("a").version()).isEqualTo(2);
  }

  @Test
  void begin_anotherProcessHoldsTheLock_busyUntilThatProcessDies() throws Exception {
    publish("a");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                folder().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("locked");
      assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_BUSY);
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertThat(publish("b").version()).isEqualTo(3);
  }

  @Test
  void publish_manyAtOnce_everyVersionOnceAndNothingLost() throws Exception {
    int racers = 8;
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(racers);
    List<Future<Long>> versions = new ArrayList<>();
    for (int i = 0; i < racers; i++) {
      String model = "model-" + i;
      versions.add(
          threads.submit(
              () -> {
                start.await();
                try (Publication publication = begin(Duration.ofSeconds(60))) {
                  return publish(publication, model, BASELINE, "a").version();
                }
              }));
    }
    start.countDown();
    List<Long> got = new ArrayList<>();
    for (Future<Long> version : versions) {
      got.add(version.get());
    }
    threads.shutdown();

    assertThat(got).containsExactlyInAnyOrder(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(published().levels()).hasSize(racers);
  }

  @Test
  void publish_sameLevelTwiceAtOnce_oneIsRefused() throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Future<String>> results = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      results.add(
          threads.submit(
              () -> {
                start.await();
                try {
                  publish("a");
                  return "published";
                } catch (PublisherException e) {
                  return e.problem().word();
                }
              }));
    }
    start.countDown();
    List<String> got = new ArrayList<>();
    for (Future<String> result : results) {
      got.add(result.get());
    }
    threads.shutdown();

    assertThat(got).containsExactlyInAnyOrder("published", "level-exists");
  }

  @Test
  void addPayload_contentChangedMeanwhile_refusedAndNotThere() throws Exception {
    Path content = Files.writeString(temp.resolve("payload"), "changed");
    FileRef file =
        Publication.payloadFile(
            Payload.Kind.DELTA, Sha256.of("expected".getBytes(StandardCharsets.UTF_8)), 8);
    try (Publication publication = begin(Duration.ZERO)) {
      Callable<Object> add =
          () -> {
            publication.addPayload(file, content);
            return file;
          };
      assertThat(problemOf(add)).isEqualTo(Problem.SELF_CHECK_FAILED);
    }
    assertThat(folder().resolve(file.path())).doesNotExist();
  }

  @Test
  void addPayload_damagedOneIsThere_replaced() throws Exception {
    byte[] payload = "payload".getBytes(StandardCharsets.UTF_8);
    Path content = Files.write(temp.resolve("payload"), payload);
    FileRef file = Publication.payloadFile(Payload.Kind.DELTA, Sha256.of(payload), payload.length);
    try (Publication publication = begin(Duration.ZERO)) {
      publication.addPayload(file, content);
      Files.writeString(folder().resolve(file.path()), "rotten");
      publication.addPayload(file, content);
    }
    assertThat(Files.readAllBytes(folder().resolve(file.path()))).isEqualTo(payload);
  }
}
