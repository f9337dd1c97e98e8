package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The life of a patch on one device: applied, proven, threatened, defended, removed. */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class UpdateStoryHilTest {
  private static final String LEVEL_A = "26.1 (a)";
  private static final String LEVEL_B = "26.1 (b)";
  private static final String LEVEL_C = "26.1 (c)";
  private static final int RSS_IDLE_KIB_MAX = 64 << 10;
  private static final int HEALTH_FAILED = 501;
  private static final int PAYLOAD_DIGEST_MISMATCH = 107;
  private static final int EXIT_USAGE = 2;
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration QUIET = Duration.ofSeconds(5);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("story", Duration.ofMinutes(20));

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  @BeforeAll
  static void flashAndBoot() {
    BENCH.bench().rig().flash(BENCH.bench().provisioning());
    BENCH.bench().boot();
  }

  @Test
  @Order(1)
  void boot_factoryNew_runsBaseAndReportsIt() {
    DeviceStatus status =
        watcher.awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, LIMIT).status();
    watcher.awaitState(StatusWatcher.Mark.START, "online", LIMIT);

    assertThat(status.release()).isEqualTo("26.1");
    assertThat(status.isProtected()).isFalse();
    assertFactorysSoftwareRuns();
    assertThat(device.status().agentFigure("rss_kib").orElseThrow())
        .isBetween(1L, (long) RSS_IDLE_KIB_MAX);
  }

  @Test
  @Order(2)
  void cli_unknownWords_exitsWithUsage() {
    for (String words : new String[] {"frobnicate", "status --jsn", "remove everything", ""}) {
      CommandResult result = device.run("suture " + words);
      assertThat(result.exitCode()).as("suture %s: %s", words, result.text()).isEqualTo(EXIT_USAGE);
      assertThat(result.text()).as("suture %s", words).contains("suture");
    }
    assertThat(device.run("suture --help").orThrow().text())
        .contains("status", "check", "install", "remove", "history");
  }

  @Test
  @Order(3)
  void notice_goodPatch_isAppliedAndProvenFromOutside() {
    bench.publisher().release(Release.of("a", Change.to("new", ComponentImage.TLS)));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());

    watcher.awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), LIMIT);

    assertLevelRuns("a");
    assertThat(device.run("suture history").orThrow().text()).contains(LEVEL_A);
    assertThat(device.status().agentFigure("rss_kib").orElseThrow())
        .isBetween(1L, (long) RSS_IDLE_KIB_MAX);
  }

  @Test
  @Order(4)
  void power_cutAndRecordCopyDamaged_patchStillRuns() {
    assertThat(sequence(0)).as("both copies say the same").isEqualTo(sequence(1024));
    // The copy that the bootloader takes when both are valid.
    device
        .run("dd if=/dev/urandom of=/dev/vda1 bs=512 count=1 conv=notrunc,fsync seek=0")
        .orThrow();
    bench.rig().powerOff();
    StatusWatcher.Mark reports = watcher.mark();
    bench.boot();

    watcher.awaitStatus(reports, LEVEL_A, status -> status.isActive(LEVEL_A), LIMIT);
    assertLevelRuns("a");
  }

  // Of the copy in this sector.
  private long sequence(int sector) {
    String hex =
        device
            .run(
                "dd if=/dev/vda1 bs=512 count=1 skip="
                    + sector
                    + " 2>/dev/null | tr '\\0' '\\n' | sed -n 's/^su_seq=//p'")
            .orThrow()
            .text();
    return Long.parseUnsignedLong(hex, 16);
  }

  @Test
  @Order(5)
  void patch_badHealth_revertsByItselfAndIsNotTriedAgain() {
    bench
        .publisher()
        .release(Release.of("b", Change.to("broken", ComponentImage.TLS)).withHealthDeadline(15));
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());

    DeviceStatus reverted =
        watcher
            .awaitStatus(
                reports,
                LEVEL_B + " reverted",
                status -> status.isActive(LEVEL_A) && ended(status, LEVEL_B, "REVERTED"),
                LIMIT)
            .status();

    assertThat(reverted.lastOutcome().orElseThrow().code()).isEqualTo(HEALTH_FAILED);
    assertThat(reverted.rememberedBad()).contains(LEVEL_B);
    assertLevelRuns("a");

    String before = device.slotsAndRecord();
    long fetchedBefore = bench.mirror().requests("/payloads/");
    long looksBefore = bench.mirror().requests("/metadata/timestamp.json");
    bench.publisher().notice(bench.broker());
    device.run("suture check").orThrow();
    Await.until(
        "another look",
        LIMIT,
        () -> bench.mirror().requests("/metadata/timestamp.json") > looksBefore,
        bench::evidence);
    device.staysUp(QUIET);
    assertThat(bench.mirror().requests("/payloads/")).isEqualTo(fetchedBefore);
    assertThat(device.slotsAndRecord()).isEqualTo(before);
    assertThat(device.status().isActive(LEVEL_A)).isTrue();
  }

  @Test
  @Order(6)
  void payload_oneBitFlipped_isRefusedBeforeAnythingIsWritten() throws IOException {
    Path image =
        ComponentImage.of(ComponentImage.TLS, "new")
            .longerByABlock(bench.folder().resolve("longer.img"));
    bench
        .publisher()
        .release(
            Release.of(
                "c",
                new Change(
                    ComponentImage.TLS,
                    ComponentImage.of(ComponentImage.TLS, "old").file(),
                    image)));
    flipOneBitOfEachPayload(bench.publisher().manifest("c"));
    String before = device.slotsAndRecord();
    StatusWatcher.Mark reports = watcher.mark();
    bench.publisher().notice(bench.broker());

    DeviceStatus.Attempt refused =
        watcher
            .awaitStatus(
                reports,
                LEVEL_C + " refused",
                status ->
                    status
                        .attempt()
                        .filter(attempt -> attempt.release().equals(LEVEL_C))
                        .filter(attempt -> attempt.code() == PAYLOAD_DIGEST_MISMATCH)
                        .isPresent(),
                LIMIT)
            .status()
            .attempt()
            .orElseThrow();

    assertThat(refused.phase()).as("before anything is written").isEqualTo("VERIFIED");
    assertThat(refused.message()).contains("expected", "got");
    assertThat(device.slotsAndRecord()).isEqualTo(before);
    assertLevelRuns("a");
  }

  private void flipOneBitOfEachPayload(Manifest manifest) throws IOException {
    for (PatchComponent component : manifest.components()) {
      for (var payload : component.payloads()) {
        Path file = bench.publisher().repository().resolve(payload.file().path());
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);
      }
    }
  }

  @Test
  @Order(7)
  void remove_withoutNetwork_bringsTheFactorysSoftwareBack() {
    bench.broker().stop();
    bench.mirror().stop();
    SerialLog.Mark serial = bench.rig().mark();

    device.run("suture remove").orThrow();

    SerialLog.Line restarting = bench.rig().awaitSerial(serial, Device.RESTARTING, LIMIT);
    bench
        .rig()
        .awaitSerial(SerialLog.Mark.after(restarting), Device.AGENT_READY, Device.BOOT_LIMIT);
    device.awaitHttps(LIMIT);
    assertFactorysSoftwareRuns();

    StatusWatcher.Mark reports = watcher.mark();
    bench.mirror().start();
    bench.broker().restart();
    DeviceStatus removed =
        watcher
            .awaitStatus(
                reports,
                "removed",
                status ->
                    status.isBase()
                        && status
                            .lastOutcome()
                            .filter(outcome -> outcome.phase().equals("REMOVED"))
                            .isPresent(),
                LIMIT)
            .status();
    assertThat(removed.isProtected()).isFalse();
    device.staysUp(QUIET);
    assertThat(device.status().isBase()).as("the patch does not come back by itself").isTrue();
  }

  private void assertFactorysSoftwareRuns() {
    for (String component : new String[] {ComponentImage.TLS, ComponentImage.WEBENGINE}) {
      assertThat(device.mountedFrom(component)).isEqualTo("loop");
      assertThat(device.mountedDigest(component))
          .isEqualTo(ComponentImage.of(component, "old").sha256());
    }
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());
    assertThat(device.status().running()).isEqualTo("base");
  }

  private void assertLevelRuns(String level) {
    device.awaitHttps(LIMIT);
    for (PatchComponent component : bench.publisher().manifest(level).components()) {
      assertThat(device.mountedFrom(component.name().word())).isEqualTo("dm");
      assertThat(device.mountedDigest(component.name().word()))
          .isEqualTo(component.image().sha256());
    }
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "new").upstreamVersion());
    // Not the phase: an attempt at another level may wait while this one runs.
    DeviceStatus status = device.status();
    assertThat(status.release()).isEqualTo("26.1 (" + level + ")");
    assertThat(status.isProtected()).isTrue();
  }

  private static boolean ended(DeviceStatus status, String release, String phase) {
    return status
        .lastOutcome()
        .filter(outcome -> outcome.release().equals(release) && outcome.phase().equals(phase))
        .isPresent();
  }
}
