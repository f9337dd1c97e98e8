package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A device whose agent refuses to start. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class BrokenConfigHilTest {
  private static final int EXIT_NOT_REACHABLE = 3;
  private static final Pattern NOT_READY = Pattern.compile("os: agent not ready after \\d+ s");
  private static final Duration START_LIMIT = Duration.ofMinutes(4);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @RegisterExtension
  static final BenchExtension BENCH = new BenchExtension("broken-config", Duration.ofMinutes(8));

  @Test
  void config_misspeltKey_agentRefusesToStartAndTheDeviceRunsBase() {
    Bench bench = BENCH.bench();
    bench.rig().flash(bench.provisioning().withUnknownKey("trust_rooot"));
    SerialLog.Mark start = bench.rig().mark();
    bench.rig().powerOn();

    bench.rig().awaitSerial(start, Pattern.compile("SUT-408.*trust_rooot"), START_LIMIT);
    bench.rig().awaitSerial(start, NOT_READY, START_LIMIT);

    bench.device().awaitHttps(LIMIT);
    assertThat(bench.device().opensslInUse().version())
        .isEqualTo(ComponentImage.of(ComponentImage.TLS, "old").upstreamVersion());
    assertThat(bench.device().mountedFrom(ComponentImage.TLS)).isEqualTo("loop");
    CommandResult status = bench.device().run("suture status");
    assertThat(status.exitCode()).as(status.text()).isEqualTo(EXIT_NOT_REACHABLE);
  }
}
