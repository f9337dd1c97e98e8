package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A device that lacks something: its broker, a block of its base, its activation record. */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class DegradedHilTest {
  private static final int BLOCK_BYTES = 4_096;
  private static final int ACTIVATION_RECORD_DAMAGED = 406;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(5);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("degraded", Duration.ofMinutes(20));

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  @BeforeAll
  static void publishAndFlash() {
    Bench bench = BENCH.bench();
    bench.publisher().release(Release.of("a", Change.to("new", ComponentImage.TLS)));
    bench.rig().flash(bench.provisioning());
  }

  @Test
  @Order(1)
  void broker_unreachableAtBoot_patchIsFoundByPollingAndReportedLater() {
    bench.broker().stop();
    bench.boot();

    Await.until(
        "26.1 (a) ACTIVE, as the device says on its console",
        INSTALL_LIMIT,
        () -> device.statusIfAny().filter(status -> status.isActive("26.1 (a)")).isPresent(),
        bench::evidence);
    assertThat(device.httpsStatus()).isEqualTo(200);
    assertThat(device.status().agentFigure("connected_after_ms")).isEmpty();

    StatusWatcher.Mark reports = watcher.mark();
    bench.broker().restart();
    watcher.awaitStatus(reports, "26.1 (a)", status -> status.isActive("26.1 (a)"), INSTALL_LIMIT);
    watcher.awaitState(reports, "online", LIMIT);
  }

  @Test
  @Order(2)
  void agent_tooLate_patchIsNotMountedBelowRunningServices() {
    bench.rig().powerOff();
    SerialLog.Mark serial = bench.rig().mark();
    StatusWatcher.Mark reports = watcher.mark();
    bench.rig().powerOn();
    bench.rig().awaitSerial(serial, Device.OS_STARTED, LIMIT);
    bench
        .rig()
        .exec("until pidof java; do :; done; kill -STOP $(pidof java)", Device.BOOT_LIMIT)
        .orThrow();
    bench.rig().awaitSerial(serial, Pattern.compile("os: agent not ready after"), INSTALL_LIMIT);
    device.awaitHttps(LIMIT);
    assertThat(device.run("ls /run/suture").text()).doesNotContain("mounting");

    device.run("kill -CONT $(pidof java)").orThrow();

    bench.rig().awaitSerial(serial, Pattern.compile("SUT-505"), LIMIT);
    DeviceStatus status =
        watcher.awaitStatus(reports, "base", one -> one.running().equals("base"), LIMIT).status();
    assertThat(status.isProtected()).isFalse();
    // It is not left at that.
    watcher.awaitStatus(reports, "26.1 (a)", one -> one.isActive("26.1 (a)"), INSTALL_LIMIT);
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion());
  }

  @Test
  @Order(3)
  void base_blockDamaged_fullPayloadIsUsedInstead() {
    ComponentImage base = ComponentImage.of(ComponentImage.TLS, "old");
    long first = OsImage.firstBlockOf("/usr/lib/suture/base/tls.img", bench.folder());
    OsImage.damage(device, first + base.bytes() / BLOCK_BYTES / 2);
    assertThat(device.run("cat /usr/lib/suture/base/tls.img >/dev/null").exitCode())
        .as("dm-verity reports the damaged block")
        .isNotZero();
    Path image =
        ComponentImage.of(ComponentImage.TLS, "new")
            .longerByABlock(bench.folder().resolve("longer.img"));
    bench.publisher().release(Release.of("b", new Change(ComponentImage.TLS, base.file(), image)));
    // Somebody else has the slot's file open all the while.
    String free = device.status().running().equals("a") ? "b" : "a";
    device
        .run("sleep 1000 <>/data/slots/" + free + "/tls.img >/dev/null 2>&1 & sleep 1; kill -0 $!")
        .orThrow();
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());

    watcher.awaitStatus(reports, "26.1 (b)", status -> status.isActive("26.1 (b)"), INSTALL_LIMIT);

    PatchComponent component = bench.publisher().manifest("b").components().get(0);
    String full = "/" + component.payload(Payload.Kind.FULL).orElseThrow().file().path();
    assertThat(bench.mirror().requests())
        .anySatisfy(request -> assertThat(request.path()).isEqualTo(full));
    assertThat(device.mountedDigest(ComponentImage.TLS)).isEqualTo(component.image().sha256());
  }

  @Test
  @Order(4)
  void record_bothCopiesDamaged_deviceRunsBaseAndSaysSo() {
    // Without its mirror the device cannot patch itself again before this has looked.
    bench.mirror().stop();
    device
        .run(
            "for at in 0 1024; do "
                + "dd if=/dev/urandom of=/dev/vda1 bs=512 count=1 conv=notrunc,fsync seek=$at; done")
        .orThrow();
    bench.rig().powerOff();
    StatusWatcher.Mark reports = watcher.mark();
    SerialLog.Mark serial = bench.rig().mark();
    bench.boot();

    assertThat(bench.rig().awaitSerial(serial, Device.OS_STARTED, LIMIT).text())
        .contains("suture.run=base", "suture.record=damaged");
    watcher.awaitStatus(
        reports,
        "record damaged, base",
        status ->
            status.running().equals("base")
                && status
                    .lastOutcome()
                    .filter(outcome -> outcome.phase().equals("ABANDONED"))
                    .filter(outcome -> outcome.code() == ACTIVATION_RECORD_DAMAGED)
                    .isPresent(),
        LIMIT);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
  }
}
