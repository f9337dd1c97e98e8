package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.linux.Linux;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchdogTest {
  private static final String LIMIT_MICROS = "40000000";

  @TempDir Path directory;
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may wrap.

  @Test
  void beat_howeverOften_isToldFourTimesWithinTheLimit() throws Exception {
    String address = address();
    try (NotifySocket socket = new NotifySocket(address)) {
      Watchdog watchdog = watchdog(Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", LIMIT_MICROS));
      assertThat(watchdog.everyMillis()).isEqualTo(10_000);

      for (int second = 1; second <= 40; second++) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        watchdog.beat();
        watchdog.beat();
      }

      Linux.sendDatagram(address, "behind them");
      for (int i = 0; i < 4; i++) {
        assertThat(socket.receive()).isEqualTo("WATCHDOG=1\n");
      }
      assertThat(socket.receive()).isEqualTo("behind them");
    }
  }

  @Test
  void beat_forAnotherProcessOrNoneOrNonsense_isNotTold() throws Exception {
    String address = address();
    try (NotifySocket socket = new NotifySocket(address)) {
      for (Map<String, String> environment :
          List.of(
              Map.of("NOTIFY_SOCKET", address),
              Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "0"),
              Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "-1"),
              Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "5min"),
              Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", LIMIT_MICROS, "WATCHDOG_PID", "1"),
              Map.of("WATCHDOG_USEC", LIMIT_MICROS))) {
        Watchdog watchdog = watchdog(environment);
        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        watchdog.beat();
        assertThat(watchdog.everyMillis()).isEqualTo(Long.MAX_VALUE);
      }
      Linux.sendDatagram(address, "the first");
      assertThat(socket.receive()).isEqualTo("the first");
    }
  }

  @Test
  void beat_forThisProcess_isTold() throws Exception {
    String address = "@suture-" + System.nanoTime();
    String self = Long.toString(ProcessHandle.current().pid());
    try (NotifySocket socket = new NotifySocket(address)) {
      Watchdog watchdog =
          watchdog(
              Map.of(
                  "NOTIFY_SOCKET", address, "WATCHDOG_USEC", LIMIT_MICROS, "WATCHDOG_PID", self));
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
      watchdog.beat();
      assertThat(socket.receive()).isEqualTo("WATCHDOG=1\n");
    }
  }

  @Test
  void beat_toWhatIsNotThere_stopsNothing() {
    for (String address : new String[] {"/nowhere/s", "/" + "x".repeat(200)}) {
      Watchdog watchdog = watchdog(Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", LIMIT_MICROS));
      for (int i = 0; i < 3; i++) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        watchdog.beat();
      }
    }
  }

  private String address() {
    return directory.resolve("notify").toString();
  }

  private Watchdog watchdog(Map<String, String> environment) {
    return new Watchdog(environment, nanos::get);
  }
}
