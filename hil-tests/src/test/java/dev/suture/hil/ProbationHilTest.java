package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.hil.Publisher.Change;
import dev.suture.hil.Publisher.Release;
import dev.suture.hil.qemu.QemuRig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A patch is confirmed, and its service crashes afterwards, under a real systemd and with its
 * journal: the agent takes the patch back without a restart of the device.
 */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class ProbationHilTest {
  private static final String LEVEL = "26.1 (a)";
  private static final int CRASHES = 3;
  private static final int GIVEN_UP_CODE = 508;
  private static final Pattern WATCHED =
      Pattern.compile("26.1 \\(a\\) is on probation; services that use it: \\[nginx]");
  private static final Duration RUN_LIMIT = Duration.ofMinutes(30);
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @RegisterExtension
  static final BenchExtension BENCH =
      new BenchExtension(
          "probation", folder -> new QemuRig(folder, RUN_LIMIT, Project.systemdFactory()));

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();
  private final StatusWatcher watcher = bench.watcher();

  private long mainPid() {
    return Long.parseLong(
        device
            .run("systemctl show --property=MainPID --value nginx.service")
            .orThrow()
            .text()
            .trim());
  }

  /** As often as systemd starts it again, and once more. */
  private void crash() {
    for (int times = 1; times <= CRASHES; times++) {
      long server = mainPid();
      assertThat(server).isPositive();
      device.run("kill -SEGV " + server).orThrow();
      if (times < CRASHES) {
        Await.until(
            "systemd has started nginx again",
            LIMIT,
            () -> mainPid() != server && mainPid() != 0,
            () -> bench.rig().serialLog().tail());
      }
    }
  }

  @Test
  void confirmed_serviceCrashesAgainAndAgain_goesBackLive_andIsNotTriedAgain() {
    bench.rig().flash(bench.provisioning());
    bench.boot();
    watcher.awaitStatus(StatusWatcher.Mark.START, "base", DeviceStatus::isBase, LIMIT);
    String boot = device.bootId();
    bench
        .publisher()
        .release(
            Release.of("a", Change.to("new", ComponentImage.TLS))
                .with(List.of("--restart", "services")));
    StatusWatcher.Mark reports = watcher.mark();
    SerialLog.Mark log = bench.rig().mark();
    bench.publisher().notice(bench.broker());
    DeviceStatus confirmed =
        watcher.awaitStatus(reports, LEVEL, status -> status.isActive(LEVEL), LIMIT).status();
    assertThat(confirmed.probationMinutes()).contains(60);
    bench.rig().awaitSerial(log, WATCHED, LIMIT);
    assertThat(device.run("suture status").orThrow().text())
        .containsPattern("probation +confirmed, watched for (60|5[0-9]) more minutes");

    reports = watcher.mark();
    crash();
    DeviceStatus left = watcher.awaitStatus(reports, "base", DeviceStatus::isBase, LIMIT).status();

    assertThat(left.probationMinutes()).isEmpty();
    assertThat(left.rememberedBad()).containsExactly(LEVEL);
    DeviceStatus.Attempt outcome = left.lastOutcome().orElseThrow();
    assertThat(outcome.release()).isEqualTo(LEVEL);
    assertThat(outcome.phase()).isEqualTo("REVERTED");
    assertThat(outcome.code()).isEqualTo(GIVEN_UP_CODE);
    assertThat(outcome.message()).contains("service nginx crashed " + CRASHES + " times");
    assertThat(left.activation().orElseThrow().restarted()).containsExactly("nginx");
    device.awaitHttps(LIMIT);
    assertThat(device.bootId()).isEqualTo(boot);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    assertThat(device.mappingsOfOldCode(ComponentImage.TLS)).isEmpty();
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());

    device.run("suture check").orThrow();
    bench.publisher().notice(bench.broker());
    device.run("suture check").orThrow();
    DeviceStatus after = device.status();
    assertThat(after.isBase()).isTrue();
    assertThat(after.attempt()).isEmpty();
    assertThat(device.run("suture status").orThrow().text())
        .contains("REVERTED, SUT-508 service nginx crashed")
        .containsPattern("not again +" + Pattern.quote(LEVEL));
  }
}
