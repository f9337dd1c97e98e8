package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The worst that an agent can do to its device: not to be there. The device runs its base. */
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 6, unit = TimeUnit.MINUTES)
@Tag(Campaign.TAG)
class AgentFailsHilTest {
  private static final int EXIT_NOT_REACHABLE = 3;
  private static final Pattern NOT_READY = Pattern.compile("os: agent not ready after \\d+ s");
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("agent-fails", Duration.ofMinutes(15));

  private final Bench bench = BENCH.bench();
  private final Device device = bench.device();

  @Test
  @Order(1)
  void config_misspeltKey_agentRefusesToStartAndSaysWhichKey() {
    bench.rig().flash(bench.provisioning().withUnknownKey("trust_rooot"));
    SerialLog.Mark start = bench.rig().mark();
    bench.rig().powerOn();

    bench.rig().awaitSerial(start, Pattern.compile("SUT-408.*trust_rooot"), LIMIT);

    assertBaseRuns();
    CommandResult status = device.run("suture status");
    assertThat(status.exitCode()).as(status.text()).isEqualTo(EXIT_NOT_REACHABLE);
  }

  @Test
  @Order(2)
  void runtime_unreadable_servicesStartOnBaseAfterTheTimeLimit() {
    OsImage.damage(device, OsImage.firstBlockOf("/opt/jre/lib/server/libjvm.so", bench.folder()));
    bench.rig().powerOff();
    SerialLog.Mark start = bench.rig().mark();
    bench.rig().powerOn();

    bench.rig().awaitSerial(start, Pattern.compile("os: agent ended with status"), LIMIT);
    bench.rig().awaitSerial(start, NOT_READY, LIMIT);

    assertBaseRuns();
  }

  private void assertBaseRuns() {
    device.awaitHttps(LIMIT);
    assertThat(device.mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    assertThat(device.opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());
  }
}
