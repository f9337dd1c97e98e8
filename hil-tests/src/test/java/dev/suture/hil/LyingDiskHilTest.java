package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.hil.qemu.LyingDisk;
import dev.suture.hil.qemu.LyingDisk.Lie;
import dev.suture.hil.qemu.QemuRig;
import dev.suture.hil.replay.Partition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * A disk that acknowledges what it does not write. Other agents report success and switch to what
 * is not there; ours reads back past every cache before it activates anything.
 */
@TestMethodOrder(OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class LyingDiskHilTest {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(20);
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Path FOLDER = Project.root().resolve("target/hil/lying-disk");
  private static final int READ_BACK_MISMATCH = 404;
  private static final String LEVEL_A = "26.1 (a)";

  private final Bench bench =
      Bench.start(FOLDER, device -> new QemuRig(device, RUN_LIMIT), line -> {}, line -> {});
  private final QemuRig rig = (QemuRig) bench.rig();
  private final LyingDisk disk = flash();

  private LyingDisk flash() {
    rig.flash(bench.provisioning());
    Path socket = FOLDER.resolve("disk.sock");
    rig.nextRunsWith(List.of("--disk-server", socket.toString()));
    return new LyingDisk(
        socket, rig.disk(), Partition.of(rig.disk(), "data", FOLDER.resolve("tools.log")));
  }

  @BeforeAll
  void publish() {
    bench.publisher().release(Release.of("a", Change.to("new", ComponentImage.TLS)));
  }

  @AfterAll
  void close() {
    try (disk) {
      bench.close();
    }
  }

  @Test
  @Order(1)
  void disk_forgetsEveryWrite_isNoticedBeforeActivation() {
    assertNoticed(Lie.DROP);
  }

  @Test
  @Order(2)
  void disk_flipsABitInLongWrites_isNoticedBeforeActivation() {
    assertNoticed(Lie.CORRUPT);
  }

  private void assertNoticed(Lie lie) {
    rig.powerOff();
    disk.lie(lie);
    long before = disk.lies();
    StatusWatcher.Mark reports = bench.watcher().mark();
    bench.boot();
    bench.publisher().notice(bench.broker());

    bench
        .watcher()
        .awaitStatus(
            reports,
            "read back, and not what was written",
            status ->
                status
                    .attempt()
                    .or(status::lastOutcome)
                    .filter(attempt -> attempt.code() == READ_BACK_MISMATCH)
                    .isPresent(),
            LIMIT);

    assertThat(disk.lies()).as("writes that the disk lied about").isGreaterThan(before);
    assertThat(bench.watcher().since(reports))
        .filteredOn(report -> report.kind().equals("status"))
        .as("never put on trial")
        .noneMatch(report -> report.status().phase().startsWith("ARM"));
    assertThat(bench.device().mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    bench.device().awaitHttps(LIMIT);
  }

  @Test
  @Order(3)
  void disk_honestAgain_patchIsInstalled() {
    rig.powerOff();
    disk.lie(Lie.NONE);
    StatusWatcher.Mark reports = bench.watcher().mark();
    bench.boot();
    bench.device().run("suture install").orThrow();

    bench
        .watcher()
        .awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), Duration.ofMinutes(8));
  }
}
