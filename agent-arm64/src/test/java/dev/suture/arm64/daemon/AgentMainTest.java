package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.device.NotifySocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real daemon as a process of its own. */
class AgentMainTest {
  @TempDir Path directory;

  /**
   * A host has no /etc/suture/agent.json: whoever waits for the components must not wait for us.
   */
  @Test
  void main_withoutConfiguration_saysReady_thenThatItEnds_andIsAFailure() throws Exception {
    assertThat(Path.of("/etc/suture/agent.json")).doesNotExist();
    String address = directory.resolve("notify").toString();
    Path log = directory.resolve("log");
    try (NotifySocket socket = new NotifySocket(address)) {
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  AgentMain.class.getName())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("NOTIFY_SOCKET", address);
      builder.environment().put("WATCHDOG_USEC", "60000000");
      Process agent = builder.start();
      try {
        assertThat(socket.receive()).isEqualTo("READY=1\n");
        assertThat(socket.receive()).isEqualTo("STOPPING=1\n");
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.exitValue()).as(Files.readString(log)).isEqualTo(1);
      } finally {
        agent.destroyForcibly();
      }
    }
    assertThat(log)
        .content()
        .contains("ERROR AgentMain - suture-agent refuses to start")
        .contains("/etc/suture/agent.json");
  }
}
