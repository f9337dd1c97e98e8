package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A large patch on a device whose mirror stops half-way and whose power fails while it writes. */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class PowerCutHilTest {
  private static final String LEVEL_A = "26.1 (a)";
  private static final int RSS_PEAK_KIB_MAX = 80 << 10;
  private static final int DOWNLOAD_SECONDS = 12;
  private static final int RATE_MIN = 4_096;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("power-cut", Duration.ofMinutes(20));

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  @BeforeAll
  static void flashAndBoot() {
    BENCH.bench().rig().flash(BENCH.bench().provisioning());
    BENCH.bench().boot();
    BENCH
        .bench()
        .watcher()
        .awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, LIMIT);
  }

  @Test
  @Order(1)
  void download_interrupted_goesOnWhereItStopped() {
    bench
        .publisher()
        .release(
            Release.of(
                "a",
                Change.to("new", ComponentImage.TLS),
                Change.to("new", ComponentImage.WEBENGINE)));
    Payload largest = largestDelta();
    String path = "/" + largest.file().path();
    bench.mirror().limitRate((int) Math.max(RATE_MIN, largest.file().bytes() / DOWNLOAD_SECONDS));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());
    watcher.awaitStatus(reports, "VERIFIED", status -> status.phase().equals("VERIFIED"), LIMIT);
    String cached =
        "ls -l /data/suture/payloads 2>/dev/null | awk '{ s += $5 } END { print s + 0 }'";
    Await.until(
        "a part of the payload is on the device",
        LIMIT,
        () -> Long.parseLong(device.run(cached).orThrow().text()) > largest.file().bytes() / 4,
        bench::evidence);

    bench.mirror().stop();
    bench.mirror().unlimitRate();
    bench.mirror().start();

    watcher.awaitStatus(reports, "WRITING", status -> status.phase().equals("WRITING"), LIMIT);
    assertThat(bench.mirror().requests())
        .anySatisfy(
            request -> {
              assertThat(request.path()).isEqualTo(path);
              assertThat(request.status()).isEqualTo(206);
              assertThat(request.range()).matches("bytes=[1-9]\\d*-.*");
            });
  }

  private Payload largestDelta() {
    return bench.publisher().manifest("a").components().stream()
        .map(component -> component.payload(Payload.Kind.DELTA).orElseThrow())
        .max((one, other) -> Long.compare(one.file().bytes(), other.file().bytes()))
        .orElseThrow();
  }

  @Test
  @Order(2)
  void power_cutWhileWriting_finishesByItself() {
    long fetched = payloadRequests();
    bench.rig().powerOff();
    StatusWatcher.Mark reports = watcher.mark();
    bench.boot();
    assertThat(device.opensslInUse().version())
        .as("base runs while the slot is half written")
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());

    watcher.awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), INSTALL_LIMIT);

    device.awaitHttps(LIMIT);
    for (PatchComponent component : bench.publisher().manifest("a").components()) {
      String name = component.name().word();
      assertThat(device.mountedFrom(name)).isEqualTo("dm");
      assertThat(device.mountedDigest(name)).isEqualTo(component.image().sha256());
    }
    assertThat(payloadRequests()).as("what was fetched is not fetched again").isEqualTo(fetched);
    assertThat(watcher.highest(StatusWatcher.Mark.START, "rss_peak_kib"))
        .as("resident memory of the agent at its peak, in KiB")
        .isBetween(1L, (long) RSS_PEAK_KIB_MAX);
  }

  private long payloadRequests() {
    return bench.mirror().requests().stream()
        .filter(request -> request.path().startsWith("/payloads/"))
        .count();
  }
}
