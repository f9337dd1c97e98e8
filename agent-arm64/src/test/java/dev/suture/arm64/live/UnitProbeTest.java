package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.health.HealthProbe;
import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a program that answers as systemctl does. The real one runs on the emulated device. */
class UnitProbeTest {
  private static final HealthCheck UNIT = new HealthCheck.Unit("web.service");
  private static final HealthCheck OTHER = new HealthCheck.Mqtt(1883);

  @TempDir Path directory;

  private final HealthProbe others =
      new HealthProbe() {
        @Override
        public Optional<String> complaint(HealthCheck check) {
          return Optional.of("asked of others: " + check);
        }

        @Override
        public Optional<String> refusal(HealthCheck check) {
          return Optional.of("refused by others: " + check);
        }
      };

  private UnitProbe probe(String... lines) throws IOException {
    Path program = directory.resolve("systemctl");
    Files.writeString(program, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new UnitProbe(
        others, new Systemctl(program.toString()), directory.resolve("booted"), () -> {});
  }

  @Test
  void complaint_active_isNone() throws IOException {
    assertThat(
            probe("echo LoadState=loaded", "echo ActiveState=active", "echo SubState=running")
                .complaint(UNIT))
        .isEmpty();
  }

  @Test
  void complaint_anyOtherState_isTold() throws IOException {
    assertThat(
            probe(
                    "echo LoadState=loaded",
                    "echo ActiveState=activating",
                    "echo SubState=auto-restart")
                .complaint(UNIT))
        .contains("health check unit web.service is active: got activating (auto-restart)");
    assertThat(probe("echo LoadState=not-found", "echo ActiveState=inactive").complaint(UNIT))
        .contains("health check unit web.service is active: got not-found");
    assertThat(probe("echo LoadState=loaded", "echo ActiveState=reloading").complaint(UNIT))
        .isEmpty();
    assertThat(probe("echo", "echo").complaint(UNIT)).isPresent();
    assertThat(probe("echo no bus", "exit 1").complaint(UNIT).orElseThrow())
        .contains("exit code 0, got 1: no bus");
  }

  @Test
  void refusal_withoutSystemd() throws IOException {
    assertThat(probe().refusal(UNIT)).isPresent();
    Files.createDirectory(directory.resolve("booted"));
    assertThat(probe().refusal(UNIT)).isEmpty();
  }

  @Test
  void otherChecks_areAskedOfOthers() throws IOException {
    assertThat(probe().complaint(OTHER).orElseThrow()).startsWith("asked of others");
    assertThat(probe().refusal(OTHER).orElseThrow()).startsWith("refused by others");
  }
}
