package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Envelope;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.PublisherKeys;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RepositoryTest {
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final String MODEL = "suture-virt-arm64";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00.5Z"), ZoneOffset.UTC);

  @TempDir private Path temp;
  private final PublisherKeys keys = PublisherKeys.generate();

  private Path folder() {
    return temp.resolve("web/mirror");
  }

  private Repository repository() {
    return Repository.at(folder());
  }

  private Publication begin(Duration wait) throws PublisherException {
    return Publication.begin(repository(), keys, CLOCK, wait);
  }

  private ReleaseIndex publish(String level) throws PublisherException {
    try (Publication publication = begin(Duration.ofSeconds(30))) {
      return publish(publication, level);
    }
  }

  private static ReleaseIndex publish(Publication publication, String level)
      throws PublisherException {
    FileRef manifest =
        publication.addManifest(("manifest " + level).getBytes(StandardCharsets.UTF_8));
    return publication.publish(
        new ReleaseIndex.Entry(BASELINE, MODEL, new Level(level), manifest, false));
  }

  private static Problem problemOf(Callable<?> action) {
    PublisherException e = catchThrowableOfType(PublisherException.class, action::call);
    assertThat(e).isNotNull();
    assertThat(e.details().todo()).isNotBlank();
    return e.problem();
  }

  @Test
  void publish_levels_versionsGrowByOneAndIndexIsSignedAndRead() throws Exception {
    assertThat(repository().index(keys.trustRoot())).isEmpty();
    assertThat(publish("a").version()).isEqualTo(2);
    assertThat(publish("b").version()).isEqualTo(3);

    ReleaseIndex index = repository().index(keys.trustRoot()).orElseThrow();
    assertThat(index.version()).isEqualTo(3);
    assertThat(index.issued()).isEqualTo("2026-11-21T12:00:00Z");
    assertThat(index.newest(BASELINE, MODEL).orElseThrow().level()).isEqualTo(new Level("b"));
    assertThat(ReleaseIndex.decode(index.encode())).isEqualTo(index);
    for (ReleaseIndex.Entry entry : index.entries()) {
      assertThat(Sha256.of(Files.readAllBytes(folder().resolve(entry.manifest().path()))))
          .isEqualTo(entry.manifest().sha256());
    }
  }

  @Test
  void publish_levelThatIsThereOrLower_refused() throws Exception {
    publish("b");
    byte[] before = Files.readAllBytes(folder().resolve(Repository.INDEX));

    assertThat(problemOf(() -> publish("b"))).isEqualTo(Problem.LEVEL_EXISTS);
    assertThat(problemOf(() -> publish("a"))).isEqualTo(Problem.LEVEL_NOT_NEWER);
    assertThat(Files.readAllBytes(folder().resolve(Repository.INDEX))).isEqualTo(before);
    assertThat(publish("aa").version()).isEqualTo(3);
    assertThat(problemOf(() -> publish("z"))).isEqualTo(Problem.LEVEL_NOT_NEWER);
  }

  @Test
  void publish_otherModelOrBaseline_lettersAreTheirOwn() throws Exception {
    publish("b");
    try (Publication publication = begin(Duration.ZERO)) {
      FileRef manifest = publication.addManifest("other".getBytes(StandardCharsets.UTF_8));
      publication.publish(
          new ReleaseIndex.Entry(BASELINE, "other-model", new Level("a"), manifest, false));
      publication.publish(
          new ReleaseIndex.Entry(new Baseline("26.2"), MODEL, new Level("a"), manifest, false));
      assertThat(publication.index().version()).isEqualTo(4);
    }
  }

  @Test
  void withdraw_publishedLevel_marksItAndKeepsFilesAndLetter() throws Exception {
    publish("a");
    try (Publication publication = begin(Duration.ZERO)) {
      assertThat(publication.withdraw(BASELINE, MODEL, new Level("a")).version()).isEqualTo(3);
    }

    ReleaseIndex index = repository().index(keys.trustRoot()).orElseThrow();
    assertThat(index.entries().get(0).withdrawn()).isTrue();
    assertThat(folder().resolve(index.entries().get(0).manifest().path())).exists();
    assertThat(problemOf(() -> publish("a"))).isEqualTo(Problem.LEVEL_EXISTS);
    try (Publication publication = begin(Duration.ZERO)) {
      assertThat(problemOf(() -> publication.withdraw(BASELINE, MODEL, new Level("a"))))
          .isEqualTo(Problem.LEVEL_WITHDRAWN);
      assertThat(problemOf(() -> publication.withdraw(BASELINE, MODEL, new Level("b"))))
          .isEqualTo(Problem.LEVEL_UNKNOWN);
    }
  }

  @Test
  void begin_indexDamagedInAnyWay_refusedAndLeftAlone() throws Exception {
    publish("a");
    Path index = folder().resolve(Repository.INDEX);
    byte[] good = Files.readAllBytes(index);
    String text = new String(good, StandardCharsets.UTF_8);
    List<byte[]> damages = new ArrayList<>();
    for (int length = 0; length < text.stripTrailing().length(); length += 7) {
      damages.add(Arrays.copyOf(good, length));
    }
    for (int i = 0; i < good.length; i += 11) {
      if (!Character.isWhitespace(good[i])) {
        byte[] damaged = good.clone();
        damaged[i] ^= 0x04;
        damages.add(damaged);
      }
    }
    damages.add(text.replace("index.v1", "other.v1").getBytes(StandardCharsets.UTF_8));
    damages.add(new byte[Envelope.BYTES_MAX + 1]);
    damages.add(
        keys.sign(Envelope.INDEX_TYPE, "{\"format\":1}".getBytes(StandardCharsets.UTF_8)).encode());

    for (byte[] damaged : damages) {
      Files.write(index, damaged);
      assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_DAMAGED);
      assertThat(Files.readAllBytes(index)).isEqualTo(damaged);
    }
    Files.write(index, good);
    assertThat(publish("b").version()).isEqualTo(3);
  }

  @Test
  void begin_indexOfAnotherPublisher_refused() throws Exception {
    publish("a");

    assertThat(
            problemOf(
                () ->
                    Publication.begin(
                        repository(), PublisherKeys.generate(), CLOCK, Duration.ZERO)))
        .isEqualTo(Problem.REPOSITORY_DAMAGED);
  }

  @Test
  void begin_indexLostButManifestsThere_refusedAsVersionsWouldBeginAgain() throws Exception {
    publish("a");
    Files.delete(folder().resolve(Repository.INDEX));

    assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_DAMAGED);
  }

  @Test
  void begin_repositoryIsAFile_storageFailed() throws Exception {
    Files.createDirectories(folder().getParent());
    Files.writeString(folder(), "not a folder");

    assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.STORAGE_FAILED);
  }

  @Test
  void begin_anotherPublisherInThisProcess_busyUntilItIsDone() throws Exception {
    try (Publication first = begin(Duration.ZERO)) {
      assertThat(problemOf(() -> begin(Duration.ZERO))).isEqualTo(Problem.REPOSITORY_BUSY);
      assertThat(first.index().version()).isEqualTo(1);
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
                  FileRef manifest =
                      publication.addManifest(model.getBytes(StandardCharsets.UTF_8));
                  return publication
                      .publish(
                          new ReleaseIndex.Entry(BASELINE, model, new Level("a"), manifest, false))
                      .version();
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
    assertThat(repository().index(keys.trustRoot()).orElseThrow().entries()).hasSize(racers);
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
        Publication.payloadFile(Sha256.of("expected".getBytes(StandardCharsets.UTF_8)), 8, "delta");
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
    FileRef file = Publication.payloadFile(Sha256.of(payload), payload.length, "delta");
    try (Publication publication = begin(Duration.ZERO)) {
      publication.addPayload(file, content);
      Files.writeString(folder().resolve(file.path()), "rotten");
      publication.addPayload(file, content);
    }
    assertThat(Files.readAllBytes(folder().resolve(file.path()))).isEqualTo(payload);
  }

  @Test
  void checkNew_fullIndex_refused() {
    List<ReleaseIndex.Entry> entries = new ArrayList<>();
    FileRef manifest = new FileRef("manifests/x.json", 1, Sha256.of(new byte[0]));
    for (int i = 0; i < ReleaseIndex.ENTRIES_MAX; i++) {
      entries.add(
          new ReleaseIndex.Entry(new Baseline("26." + i), MODEL, new Level("a"), manifest, false));
    }
    ReleaseIndex full = new ReleaseIndex(9, "2026-11-21T12:00:00Z", entries);

    assertThat(
            problemOf(
                () -> {
                  LevelRules.checkNew(full, BASELINE, MODEL, new Level("b"));
                  return full;
                }))
        .isEqualTo(Problem.REPOSITORY_FULL);
  }
}
