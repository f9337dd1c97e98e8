package dev.suture.arm64.deb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.agent.DeviceConfig;
import dev.suture.agent.DeviceSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The package's examples are taken by the agent. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("src/deb/examples");

  @Test
  void examples_areConfigurations() throws Exception {
    DeviceConfig config = DeviceConfig.decode(Files.readAllBytes(EXAMPLES.resolve("agent.json")));
    DeviceSettings settings =
        DeviceSettings.decode(Files.readAllBytes(EXAMPLES.resolve("device.json")));

    assertThat(config.stateDir()).isEqualTo("/var/lib/suture");
    assertThat(config.controlSocket()).startsWith("/run/suture/");
    assertThat(settings.metadataUrl()).startsWith("https://");
  }
}
