package dev.suture.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.agent.DeviceConfig.Component;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.OsParts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OsConfigTest {
  private static final String PART =
      "{\"name\":\"%s\",\"base_image\":\"%s\",\"size\":4096,\"sha256\":\"%064d\","
          + "\"verity_root\":\"%064d\",\"verity_salt\":\"%064d\"}";
  private static final String ROOT = String.format(PART, "os", "/dev/vda3", 1, 2, 3);
  private static final String BOOT = String.format(PART, "boot", "/boot/a/os.fit", 4, 5, 6);

  private static List<Component> decode(String text) throws DeviceException {
    return OsConfig.decodeStatement("a/os.json", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void decodeStatement_isBothParts_mountedNowhere() throws DeviceException {
    List<Component> parts = decode("{\"components\":[" + ROOT + "," + BOOT + "]}");
    assertThat(parts).extracting(Component::name).containsExactly(OsParts.ROOT, OsParts.BOOT);
    assertThat(parts).allSatisfy(part -> assertThat(part.mount()).isEmpty());
    assertThat(parts.get(0).baseImage()).isEqualTo("/dev/vda3");
    assertThat(parts.get(1).base().sha256().hex()).endsWith("4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "none", "one", "twice", "three", "more"})
  void decodeStatement_anythingElse_isRefusedNamingTheFile(String what) {
    String text =
        switch (what) {
          case "none" -> "{\"components\":[]}";
          case "one" -> "{\"components\":[" + ROOT + "]}";
          case "twice" -> "{\"components\":[" + ROOT + "," + ROOT + "]}";
          case "three" -> "{\"components\":[" + ROOT + "," + BOOT + "," + BOOT + "]}";
          case "more" -> "{\"components\":[" + ROOT + "," + BOOT + "],\"more\":1}";
          default -> what;
        };
    assertThatThrownBy(() -> decode(text))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
        .hasMessageContaining("os.json");
  }

  @Test
  void paths_areThoseOfSlots() {
    OsConfig config = new OsConfig("/boot", "/dev/vda6", "/dev/vda7");
    assertThat(config.statement('b')).isEqualTo("/boot/b/os.json");
    assertThat(config.fit(Slot.A)).isEqualTo("/dev/vda6");
    assertThat(config.fit(Slot.B)).isEqualTo("/dev/vda7");
    assertThatThrownBy(() -> config.fit(Slot.BASE)).isInstanceOf(IllegalArgumentException.class);
  }
}
