package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.device.NotifySocket;
import dev.suture.arm64.device.Watchdog;
import dev.suture.arm64.linux.Linux;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WakeupTest {
  @TempDir Path directory;

  @Test
  void await_nothingToDo_beatsMeanwhile() throws Exception {
    String address = directory.resolve("notify").toString();
    try (NotifySocket socket = new NotifySocket(address)) {
      Wakeup wakeup =
          new Wakeup(
              new Watchdog(
                  Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "40000"), System::nanoTime));

      long start = System.nanoTime();
      wakeup.await(45);

      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(45);
      Linux.sendDatagram(address, "over");
      int beats = 0;
      while (socket.receive().equals("WATCHDOG=1\n")) {
        beats++;
      }
      assertThat(beats).isBetween(1, 6); // More, if nothing else runs here; never more often.
    }
  }

  @Test
  void await_signalled_returnsAtOnce() {
    for (Map<String, String> environment :
        List.<Map<String, String>>of(
            Map.of(), Map.of("NOTIFY_SOCKET", "/nowhere/s", "WATCHDOG_USEC", "3600000000"))) {
      Wakeup wakeup = new Wakeup(new Watchdog(environment, System::nanoTime));
      wakeup.signal();
      wakeup.signal();
      wakeup.await(TimeUnit.HOURS.toMillis(1));
      wakeup.await(0); // Both counted as one.
      new Thread(wakeup::signal).start();
      wakeup.await(TimeUnit.HOURS.toMillis(1));
    }
  }
}
