package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Patches that need no download when they count: sealed ones, and those on a stick. */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class NoDownloadHilTest {
  private static final String LEVEL_A = "26.1 (a)";
  private static final String LEVEL_B = "26.1 (b)";

  /** What a bundle says in the clear; too long to come up in a megabyte of noise by chance. */
  private static final String READABLE = "'libcrypto\\|payloads\\|components'";

  private static final String STICK = "/data/stick.suture";
  private static final int EXIT_REFUSED = 4;
  private static final int PAYLOAD_DIGEST_MISMATCH = 107;
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("no-download", Duration.ofMinutes(20));

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();
  private final Path sealKey = bench.folder().resolve("a.key");

  @BeforeAll
  static void flashAndBoot() {
    BENCH.bench().rig().flash(BENCH.bench().provisioning());
    BENCH.bench().boot();
  }

  @Test
  @Order(1)
  void sealed_released_isFetchedAndNothingElseHappens() {
    bench.publisher().seal(Release.of("a", Change.to("new", ComponentImage.TLS)), sealKey);
    bench.publisher().notice(bench.broker());

    Await.until("the sealed file is there", LIMIT, () -> sealed().size() == 1, bench::evidence);

    String published = onlyFileBelow("targets/sealed");
    assertThat(device.fileDigest(sealed().get(0)).hex())
        .as("kept as it was published")
        .isEqualTo(published);
    assertThat(device.run("grep -c " + READABLE + " " + sealed().get(0)).text())
        .as("nothing of it can be read")
        .isEqualTo("0");
    assertThat(device.status().isBase()).isTrue();
    assertThat(bench.mirror().requests("/payloads/")).isZero();
  }

  @Test
  @Order(2)
  void sealed_opened_isInstalledFromWhatIsThere() {
    bench.publisher().open(sealKey);
    int fetched = bench.mirror().requests("/targets/");
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());

    watcher.awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), LIMIT);

    assertRuns("new");
    assertThat(bench.mirror().requests("/payloads/")).as("payloads that were downloaded").isZero();
    assertThat(bench.mirror().requests("/targets/"))
        .as("manifests that were downloaded")
        .isEqualTo(fetched);
  }

  @Test
  @Order(3)
  void bundle_deviceWithoutNetwork_isVerifiedAndInstalled() throws IOException {
    Path longer =
        ComponentImage.of(ComponentImage.TLS, "new")
            .longerByABlock(bench.folder().resolve("longer.img"));
    bench
        .publisher()
        .release(
            Release.of(
                "b",
                new Change(
                    ComponentImage.TLS,
                    ComponentImage.of(ComponentImage.TLS, "old").file(),
                    longer)));
    Path bundle = bench.folder().resolve("stick.suture");
    bench.publisher().bundle(bundle);
    bring(bundle);
    bench.mirror().stop();
    bench.broker().stop();

    CommandResult verified = device.run("suture verify " + STICK).orThrow();
    assertThat(verified.text()).contains(LEVEL_B);
    // One bit in the middle of a copy.
    device
        .run(
            "cp "
                + STICK
                + " /data/bad.suture; printf '\\377\\376' | dd of=/data/bad.suture bs=1 conv=notrunc seek="
                + Files.size(bundle) / 2)
        .orThrow();
    CommandResult refused = device.run("suture verify /data/bad.suture");
    assertThat(refused.exitCode()).as(refused.text()).isEqualTo(EXIT_REFUSED);
    assertThat(refused.text()).contains("expected", "got");
    device.run("suture install /data/bad.suture").orThrow();
    Await.until(
        "the bad payload is noticed",
        LIMIT,
        () ->
            device
                .statusIfAny()
                .flatMap(DeviceStatus::attempt)
                .filter(attempt -> attempt.code() == PAYLOAD_DIGEST_MISMATCH)
                .isPresent(),
        bench::evidence);

    SerialLog.Mark start = bench.rig().mark();
    device.run("suture install " + STICK).orThrow();
    bench.rig().awaitSerial(start, Device.RESTARTING, LIMIT);
    bench.rig().awaitSerial(start, Device.AGENT_READY, LIMIT);
    Await.until(
        LEVEL_B + " is confirmed",
        LIMIT,
        () -> device.statusIfAny().filter(status -> status.isActive(LEVEL_B)).isPresent(),
        bench::evidence);
    assertRuns("new");
  }

  /** Puts a file onto the device, as from a stick. */
  private void bring(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    try {
      device
          .run(
              "wget -q -O "
                  + STICK
                  + " http://"
                  + bench.rig().hostAddress()
                  + ":"
                  + server.getAddress().getPort()
                  + "/; sync")
          .orThrow();
    } finally {
      server.stop(0);
    }
  }

  private void assertRuns(String variant) {
    device.awaitHttps(LIMIT);
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, variant).upstreamVersion());
  }

  private List<String> sealed() {
    return device
        .run("find /data/suture -type f -path '*/sealed/*' ! -name '*.part'")
        .orThrow()
        .text()
        .lines()
        .toList();
  }

  private String onlyFileBelow(String folder) {
    try (Stream<Path> files = Files.walk(bench.publisher().repository().resolve(folder))) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      assertThat(all).hasSize(1);
      return Sha256.of(Files.readAllBytes(all.get(0))).hex();
    } catch (IOException e) {
      throw new HarnessException(folder + ": cannot be read", e);
    }
  }
}
