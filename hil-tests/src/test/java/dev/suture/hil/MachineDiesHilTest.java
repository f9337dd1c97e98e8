package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.protocol.failure.FailureCode;
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

/**
 * Patches that take the whole machine with them as soon as a service uses them, so that no health
 * check ever answers. The bootloader's tries end it: base, then three trials, then base again. One
 * does it only after its trial: the agent's count of starts ends it.
 */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class MachineDiesHilTest {
  private static final int TRIES = 3;
  private static final int STARTS = 5;
  private static final Pattern TRIAL_STARTED = Pattern.compile("os: start:.*suture\\.trial=1");
  private static final Pattern PANIC = Pattern.compile("Kernel panic");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration STORY_LIMIT = Duration.ofMinutes(12);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("machine-dies", Duration.ofMinutes(30));

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
  void patch_thatPanicsTheKernel_isGivenUpAfterItsTries() {
    SerialLog.Mark start = bench.rig().mark();

    installAndAwaitReverted("a", "panics");

    assertThat(bench.rig().serialLog().find(start, PANIC)).hasSize(TRIES);
    assertBaseRuns(start);
  }

  @Test
  @Order(2)
  void patch_thatHangsTheMachine_isGivenUpByTheWatchdog() {
    SerialLog.Mark start = bench.rig().mark();

    installAndAwaitReverted("b", "hangs");

    assertThat(bench.rig().serialLog().find(start, PANIC)).isEmpty();
    assertBaseRuns(start);
  }

  @Test
  @Order(3)
  void patch_thatPanicsTheKernelAtEveryLaterStart_isGivenUpAfterFiveStarts() {
    String release = "26.1 (c)";
    release("c", "panics-later");
    watcher.awaitStatus(
        StatusWatcher.Mark.START, release, status -> status.isActive(release), STORY_LIMIT);
    SerialLog.Mark start = bench.rig().mark();
    StatusWatcher.Mark reports = watcher.mark();

    bench.rig().powerOff();
    bench.rig().powerOn();

    DeviceStatus reverted = awaitReverted(reports, release);
    assertThat(reverted.lastOutcome().orElseThrow().code())
        .isEqualTo(FailureCode.STARTS_EXHAUSTED.number());
    assertThat(bench.rig().serialLog().find(start, PANIC)).hasSize(STARTS);
    assertThat(bench.rig().serialLog().find(start, TRIAL_STARTED)).isEmpty();
    device.awaitHttps(LIMIT);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
  }

  private void release(String level, String variant) {
    bench.publisher().release(Release.of(level, Change.to(variant, ComponentImage.TLS)));
    bench.publisher().notice(bench.broker());
  }

  private void installAndAwaitReverted(String level, String variant) {
    String release = "26.1 (" + level + ")";
    StatusWatcher.Mark reports = watcher.mark();
    release(level, variant);
    awaitReverted(reports, release);
  }

  private DeviceStatus awaitReverted(StatusWatcher.Mark reports, String release) {
    DeviceStatus reverted =
        watcher
            .awaitStatus(
                reports,
                release + " reverted",
                status ->
                    status.isBase()
                        && status
                            .lastOutcome()
                            .filter(last -> last.release().equals(release))
                            .filter(last -> last.phase().equals("REVERTED"))
                            .isPresent(),
                STORY_LIMIT)
            .status();
    assertThat(reverted.rememberedBad()).contains(release);
    return reverted;
  }

  private void assertBaseRuns(SerialLog.Mark start) {
    device.awaitHttps(LIMIT);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    assertThat(bench.rig().serialLog().find(start, TRIAL_STARTED))
        .as("starts of the trial")
        .hasSize(TRIES);
    assertThat(bench.rig().serialLog().find(start, Device.OS_STARTED))
        .as("all starts: the trial's, and the one on base again")
        .hasSize(TRIES + 1);
  }
}
