package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.EnvironmentNames;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootControlConfigTest {
  private static final String ENVIRONMENT =
      "{\"kind\":\"environment\",\"names\":\"rauc\",\"copies\":["
          + "{\"device\":\"/dev/vda1\",\"offset\":65536,\"size\":4096},"
          + "{\"device\":\"/dev/vda1\",\"offset\":131072,\"size\":4096}]}";

  private static DeviceConfig decode(String bootControl) throws DeviceException {
    String config =
        DeviceConfigTest.CONFIG.replaceFirst("\\{", "{\"boot_control\":" + bootControl + ",");
    return DeviceConfig.decode(config.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void decode_nothing_isTheRawRecord() throws DeviceException {
    assertThat(
            DeviceConfig.decode(DeviceConfigTest.CONFIG.getBytes(StandardCharsets.UTF_8))
                .bootControl())
        .isEqualTo(BootControlConfig.RAW);
    assertThat(decode("{\"kind\":\"raw\"}").bootControl()).isEqualTo(BootControlConfig.RAW);
  }

  @Test
  void decode_environment_isBothCopiesWithTheToolsLock() throws DeviceException {
    BootControlConfig config = decode(ENVIRONMENT).bootControl();
    assertThat(config.kind()).isEqualTo(BootControlConfig.Kind.ENVIRONMENT);
    BootControlConfig.Environment environment = config.environment().orElseThrow();
    assertThat(environment.names()).isEqualTo(EnvironmentNames.RAUC);
    assertThat(environment.isOurs()).isFalse();
    assertThat(environment.lock()).isEqualTo("/var/lock/fw_printenv.lock");
    assertThat(environment.copies())
        .containsExactly(
            new BootControlConfig.Copy("/dev/vda1", 65536, 4096),
            new BootControlConfig.Copy("/dev/vda1", 131072, 4096));
    environment =
        decode(
                ENVIRONMENT
                    .replace("rauc", "suture")
                    .replace("\"copies", "\"only_ours\":true,\"lock\":\"/run/l\",\"copies"))
            .bootControl()
            .environment()
            .orElseThrow();
    assertThat(environment.names()).isEqualTo(EnvironmentNames.SUTURE);
    assertThat(environment.isOurs()).isTrue();
    assertThat(environment.lock()).isEqualTo("/run/l");
  }

  @Test
  void decode_environment_needsNoActivationDevice() throws DeviceException {
    String config =
        DeviceConfigTest.CONFIG
            .replaceFirst("\\{", "{\"boot_control\":" + ENVIRONMENT + ",")
            .replace("\"activation_device\": \"/dev/vda1\",", "");
    assertThat(DeviceConfig.decode(config.getBytes(StandardCharsets.UTF_8)).activationDevice())
        .isEmpty();
  }

  @Test
  void decode_misc_isItsPartition() throws DeviceException {
    BootControlConfig config = decode("{\"kind\":\"misc\",\"device\":\"/dev/vda8\"}").bootControl();
    assertThat(config.kind()).isEqualTo(BootControlConfig.Kind.MISC);
    assertThat(config.misc()).contains("/dev/vda8");
    assertThat(
            decode("{\"kind\":\"misc\",\"device\":\"/dev/vda8\"}")
                .withParts(java.util.List.of())
                .bootControl())
        .isEqualTo(config);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"kind\":\"grub\"}",
        "{\"kind\":\"raw\",\"device\":\"/dev/vda8\"}",
        "{\"kind\":\"misc\"}",
        "{\"kind\":\"misc\",\"device\":\"vda8\"}",
        "{\"kind\":\"misc\",\"device\":\"/dev/vda8\",\"names\":\"rauc\"}",
        "names",
        "one copy",
        "unequal",
        "overlap",
        "odd size",
        "odd offset",
        "large",
        "more"
      })
  void decode_anythingElse_isRefusedNamingIt(String what) {
    String text =
        switch (what) {
          case "names" -> ENVIRONMENT.replace("rauc", "grub");
          case "one copy" -> ENVIRONMENT.replaceFirst(",\\{[^{]*\\}\\]", "]");
          case "unequal" -> ENVIRONMENT.replaceFirst("4096", "8192");
          case "overlap" -> ENVIRONMENT.replace("131072", "69120");
          case "odd size" -> ENVIRONMENT.replace("4096", "4097");
          case "odd offset" -> ENVIRONMENT.replace("131072", "131073");
          case "large" -> ENVIRONMENT.replace("4096", "262656");
          case "more" -> ENVIRONMENT.replace("\"names", "\"more\":1,\"names");
          default -> what;
        };
    assertThatThrownBy(() -> decode(text))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
        .hasMessageContaining("boot_control");
  }
}
