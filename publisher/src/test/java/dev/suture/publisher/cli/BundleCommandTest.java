package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.bundle.BundleReader;
import dev.suture.publisher.bundle.RepositoryBundle;
import dev.suture.publisher.device.DeviceView;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleCommandTest {
  @TempDir private Path temp;
  private CommandRun publisher;
  private Path out = Path.of("");

  @BeforeEach
  void init() throws IOException {
    publisher = new CommandRun(temp);
    out = temp.resolve("stick.suture");
    publisher.done(publisher.release("a"));
  }

  private String[] bundle(String... more) {
    String[] args = {
      "bundle",
      "--repository",
      publisher.path("mirror"),
      "--baseline",
      "26.1",
      "--model",
      "suture-virt-arm64",
      "--out",
      out.toString()
    };
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
  }

  private byte[] firstRoot() throws IOException {
    return Files.readAllBytes(temp.resolve("mirror/metadata/1.root.json"));
  }

  /** What the device's own client believes of the files in a bundle. */
  private Published believed(BundleReader reader) throws Exception {
    return Published.of(
        DeviceView.of(
            firstRoot(),
            (name, bytesMax) -> {
              String path = "metadata/" + name;
              try {
                return reader.names().contains(path)
                    ? Optional.of(reader.read(path, bytesMax))
                    : Optional.empty();
              } catch (PublisherException e) {
                throw new IOException(e);
              }
            },
            Clock.systemUTC().instant()));
  }

  @Test
  void bundle_afterARotation_deviceBelievesItAndFindsEveryFile() throws Exception {
    publisher.done(publisher.onRepository("rotate", "--role", "timestamp", "--unencrypted"));

    assertThat(publisher.done(bundle()).texts("files", 99)).contains("metadata/2.root.json");

    try (BundleReader reader = BundleReader.open(out)) {
      assertThat(reader.names()).doesNotContain("metadata/1.root.json").hasSize(7);
      Published published = believed(reader);
      assertThat(published.root().signed().version()).isEqualTo(2);
      LevelEntry level = published.levels().get(0);
      byte[] encoded = reader.read(level.manifest().path(), Manifest.BYTES_MAX);
      assertThat(Sha256.of(encoded)).isEqualTo(level.manifest().sha256());
      for (Payload payload : ManifestCodec.decode(encoded).components().get(0).payloads()) {
        FileRef file = payload.file();
        assertThat(reader.digest(file.path())).isEqualTo(file.sha256());
      }
    }
  }

  @Test
  void bundle_withoutFullPayloads_hasDeltasOnly() {
    assertThat(publisher.done(bundle("--no-full")).texts("files", 99))
        .noneMatch(name -> name.endsWith(".zst"))
        .anyMatch(name -> name.endsWith(".delta"));
  }

  @Test
  void bundle_nameIsTaken_replacedOnlyIfToldSo_andDryRunWritesNothing() throws Exception {
    publisher.done(bundle("--dry-run"));
    assertThat(out).doesNotExist();
    Files.writeString(out, "before");
    assertThat(publisher.refused(bundle())).isEqualTo("file-exists");
    assertThat(out).hasContent("before");
    publisher.done(bundle("--replace", "--trust-root", publisher.path("keys/root.json")));
    assertThat(Files.size(out)).isEqualTo(publisher.document().integer("bytes", 1, 1 << 30));
  }

  @Test
  void bundle_powerCutHasLeftAPart_goesAwayUnlessSomebodyMayBeAtWork() throws Exception {
    String id = "01234567-89ab-cdef-0123-456789abcdef";
    Path left = Files.writeString(temp.resolve("." + out.getFileName() + "." + id), "half");
    Path others = Files.writeString(temp.resolve(".other.suture." + id), "half");
    FileTime twoHoursAgo = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
    Files.setLastModifiedTime(others, twoHoursAgo);
    publisher.done(bundle());
    assertThat(left).exists();
    Files.setLastModifiedTime(left, twoHoursAgo);
    publisher.done(bundle("--replace"));
    assertThat(left).doesNotExist();
    assertThat(others).exists();
    assertThat(Files.size(out)).isEqualTo(publisher.document().integer("bytes", 1, 1 << 30));
  }

  @Test
  void bundle_linkWhereItMightBeWrittenAside_isNotFollowed() throws Exception {
    Path other = Files.writeString(temp.resolve("other"), "of somebody else");
    Files.createSymbolicLink(temp.resolve(".stick.suture.part"), other);
    publisher.done(bundle());
    assertThat(other).hasContent("of somebody else");
    assertThat(Files.isRegularFile(out)).isTrue();
  }

  @Test
  void write_fourRunsAtOnce_eachIsWholeAndNothingIsLeft() throws Exception {
    RepositoryBundle bundle =
        RepositoryBundle.of(
            Repository.at(temp.resolve("mirror")),
            firstRoot(),
            new RepositoryBundle.Choice(
                new Baseline("26.1"), "suture-virt-arm64", Optional.empty(), true),
            Clock.systemUTC().instant());
    Path stick = Files.createDirectory(temp.resolve("stick"));
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Long>> written = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      written.add(
          threads.submit(
              () -> {
                start.await();
                return bundle.write(stick.resolve("out"), true);
              }));
    }
    start.countDown();
    for (Future<Long> one : written) {
      assertThat(one.get()).isEqualTo(Files.size(stick.resolve("out")));
    }
    threads.shutdown();
    assertThat(stick).isDirectoryNotContaining("glob:**.out.*");
    try (BundleReader reader = BundleReader.open(stick.resolve("out"))) {
      assertThat(believed(reader).levels()).hasSize(1);
    }
  }

  @Test
  void bundle_payloadIsDamaged_nothingIsWritten() throws Exception {
    try (Stream<Path> payloads = Files.list(temp.resolve("mirror/payloads"))) {
      Path one = payloads.sorted().findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(one);
      bytes[bytes.length / 2] ^= 1;
      Files.write(one, bytes);
    }
    assertThat(publisher.refused(bundle())).isEqualTo("repository-damaged");
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains("stick"));
    }
  }

  @Test
  void bundle_everyLevelWithdrawn_saysSo() throws Exception {
    publisher.done(publisher.onBaseline("withdraw", "--level", "a"));
    assertThat(publisher.refused(bundle("--level", "a"))).isEqualTo("level-withdrawn");
    assertThat(publisher.refused(bundle("--level", "b"))).isEqualTo("level-unknown");

    assertThat(publisher.done(bundle()).has("level")).isFalse();

    try (BundleReader reader = BundleReader.open(out)) {
      assertThat(reader.names()).allMatch(name -> name.startsWith("metadata/"));
      assertThat(believed(reader).levels().get(0).withdrawal()).isPresent();
    }
  }

  @Test
  void bundle_nothingOfThisModelOrNoRepository_isRefused() {
    String[] other = bundle();
    other[6] = "another-model";
    assertThat(publisher.refused(other)).isEqualTo("level-unknown");
    String[] nowhere = bundle();
    nowhere[2] = publisher.path("nowhere");
    assertThat(publisher.refused(nowhere)).isEqualTo("repository-empty");
  }

  @Test
  void of_metadataHasExpired_isRefused() {
    Instant later = Clock.systemUTC().instant().plus(Duration.ofDays(8));
    PublisherException e =
        catchThrowableOfType(
            PublisherException.class,
            () ->
                RepositoryBundle.of(
                    Repository.at(temp.resolve("mirror")),
                    firstRoot(),
                    new RepositoryBundle.Choice(
                        new Baseline("26.1"), "suture-virt-arm64", Optional.empty(), true),
                    later));
    assertThat(e.problem()).isEqualTo(Problem.SELF_CHECK_FAILED);
    assertThat(e.details().todo()).contains("suture-publish refresh");
  }
}
