package dev.suture.arm64.deb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.suture.agent.DeviceConfig;
import dev.suture.agent.DeviceSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The package's examples are taken by the agent, and its manual names every key. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("src/deb/examples");
  private static final Path MANUAL = Path.of("src/deb/man/suture-agent.8").toAbsolutePath();
  private static final Pattern KEYS = Pattern.compile("expected only (.*), got the unknown key");

  @Test
  void examples_areConfigurations() throws Exception {
    DeviceConfig config = DeviceConfig.decode(Files.readAllBytes(EXAMPLES.resolve("agent.json")));
    DeviceSettings settings =
        DeviceSettings.decode(Files.readAllBytes(EXAMPLES.resolve("device.json")));

    assertThat(config.stateDir()).isEqualTo("/var/lib/suture");
    assertThat(config.controlSocket()).startsWith("/run/suture/");
    assertThat(settings.metadataUrl()).startsWith("https://");
  }

  @Test
  void manual_namesEveryKey() throws IOException {
    String manual = Run.manual(MANUAL);
    String agent = Files.readString(EXAMPLES.resolve("agent.json"));
    String background = agent.replaceFirst("\\{", "{\"background\": {\"x\": 1},");
    for (List<String> keys :
        List.of(
            known(() -> DeviceConfig.decode(bytes("{\"x\": 1}"))),
            known(() -> DeviceConfig.decode(bytes(background))),
            known(() -> DeviceConfig.decode(bytes(agent.replace("\"minutes\"", "\"x\"")))),
            known(() -> DeviceConfig.decode(bytes(agent.replace("\"unit\"", "\"x\"")))),
            known(() -> DeviceSettings.decode(bytes("{\"x\": 1}"))))) {
      assertThat(keys).hasSizeGreaterThan(3).allSatisfy(key -> assertThat(manual).contains(key));
    }
  }

  /** The decoder says which keys it expects. */
  private static List<String> known(ThrowingCallable decode) {
    Matcher matcher = KEYS.matcher(String.valueOf(catchThrowable(decode).getMessage()));
    assertThat(matcher.find()).isTrue();
    return List.of(matcher.group(1).split(", "));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
