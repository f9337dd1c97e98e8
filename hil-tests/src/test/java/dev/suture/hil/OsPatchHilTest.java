package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Patches that bring the OS itself: root file system, kernel and initramfs, and so the agent. The
 * OS of the release is left as it was flashed.
 */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class OsPatchHilTest {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(20);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration STORY_LIMIT = Duration.ofMinutes(10);
  private static final int TRIES = 3;
  private static final int JSON_BYTES_MAX = 1 << 16;
  private static final String PATCHED = "26.1 (a)";
  private static final String CRASHES = "26.1 (b)";

  /** Opened by the initramfs, before there is any other. */
  private static final String ROOT = "/dev/dm-0";

  private static final Pattern GIVEN_UP =
      Pattern.compile("os: agent ended 3 times in an OS that a patch brings; the board is reset");

  @RegisterExtension static final BenchExtension BENCH = new BenchExtension("os-patch", RUN_LIMIT);

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  private static String stated(String variant, String part, String key) {
    Path json = Project.osPatchFile(variant, part + ".json");
    try {
      Fields fields = StrictJson.parse(json.toString(), Files.readAllBytes(json), JSON_BYTES_MAX);
      return fields.text(key);
    } catch (IOException e) {
      throw new HarnessException(json + ": cannot be read", e);
    }
  }

  private String text(String command) {
    return device.run(command).orThrow().text().trim();
  }

  private void assertOsRuns(String variant) {
    assertThat(text("uname -v")).contains(stated(variant, "boot", "version"));
    assertThat(device.fileDigest(ROOT).toString()).endsWith(stated(variant, "os", "sha256"));
  }

  private void release(String level, List<Change> os) {
    List<Change> changes = new ArrayList<>(os);
    changes.add(Change.to("new", ComponentImage.TLS));
    bench.publisher().release(Release.of(level, changes.toArray(new Change[0])));
    bench.publisher().notice(bench.broker());
  }

  private void awaitActive(StatusWatcher.Mark from) {
    watcher.awaitStatus(from, PATCHED, status -> status.isActive(PATCHED), STORY_LIMIT);
  }

  @Test
  @Order(1)
  void patch_withAnotherKernelAndRoot_boots_andIsConfirmedThere() {
    bench.rig().flash(bench.provisioning());
    bench.boot();
    watcher.awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, LIMIT);
    assertOsRuns("base");

    release("a", Publisher.os("new"));
    awaitActive(StatusWatcher.Mark.START);

    assertOsRuns("new");
    assertThat(text("cat /proc/cmdline")).contains("suture.patched_os=a");
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("dm");
    device.awaitHttps(LIMIT);
  }

  @Test
  @Order(2)
  void confirmed_startsAgain_asItself() {
    StatusWatcher.Mark reports = watcher.mark();
    bench.rig().powerOff();
    bench.boot();
    awaitActive(reports);
    assertOsRuns("new");
  }

  @Test
  @Order(3)
  void patch_whoseAgentCrashesAtItsStart_isGivenUp_andTheOsBeforeItRuns() {
    SerialLog.Mark start = bench.rig().mark();
    StatusWatcher.Mark reports = watcher.mark();
    release("b", Publisher.os("crashes"));

    DeviceStatus reverted =
        watcher
            .awaitStatus(
                reports,
                CRASHES + " reverted",
                status ->
                    status.isActive(PATCHED)
                        && status
                            .lastOutcome()
                            .filter(last -> last.release().equals(CRASHES))
                            .isPresent(),
                STORY_LIMIT)
            .status();

    DeviceStatus.Attempt outcome = reverted.lastOutcome().orElseThrow();
    assertThat(outcome.phase()).isEqualTo("REVERTED");
    assertThat(outcome.code()).isEqualTo(FailureCode.TRIES_EXHAUSTED.number());
    assertThat(reverted.rememberedBad()).containsExactly(CRASHES);
    assertThat(bench.rig().serialLog().find(start, GIVEN_UP)).hasSize(TRIES);
    assertOsRuns("new");
    device.awaitHttps(LIMIT);
  }

  @Test
  @Order(4)
  void removal_bootsTheOsOfTheRelease_asItWasFlashed() {
    StatusWatcher.Mark reports = watcher.mark();
    device.run("suture remove").orThrow();
    watcher.awaitStatus(reports, "base", DeviceStatus::isBase, STORY_LIMIT);
    assertOsRuns("base");
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    device.awaitHttps(LIMIT);
  }
}
