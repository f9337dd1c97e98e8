package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.sim.TestCertificates;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MqttSettingsTest {
  private static final SSLContext TLS = TestCertificates.create().clientContext();

  private static MqttSettings with(String uri, String fleet, String device) {
    return new MqttSettings(uri, fleet, device, "user", "secret".toCharArray(), TLS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ssl://",
        "ssl://host",
        "ssl://host:0",
        "ssl://host:65536",
        "ssl://host:8883/path",
        "ssl://user@host:8883",
        "https://host:8883",
        "tcp://10.0.2.2:1883",
        "ssl://ho st:1"
      })
  void brokerUri_thatIsNone_isRefused(String uri) {
    assertThatThrownBy(() -> with(uri, "demo", "dev-0001"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("broker: expected");
  }

  @Test
  void brokerUri_isTakenApart() {
    MqttSettings name = with("ssl://broker.example:8883", "demo", "dev-0001");
    MqttSettings address = with("ssl://[::1]:1", "demo", "dev-0001");

    assertThat(name.host()).isEqualTo("broker.example");
    assertThat(name.port()).isEqualTo(8883);
    assertThat(address.host()).isEqualTo("::1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "+", "a+b", "#", "$SYS", "ä", "-a", "a b"})
  void topicLevel_thatWouldReachFurther_isRefused(String word) {
    assertThatThrownBy(() -> with("ssl://h:1", word, "dev-0001"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> with("ssl://h:1", "demo", word))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unencrypted_onlyToThisMachine() {
    char[] password = "secret".toCharArray();

    assertThat(new MqttSettings("tcp://127.0.0.1:1", "f", "d", "u", password, null).host())
        .isEqualTo("127.0.0.1");
    assertThatThrownBy(() -> new MqttSettings("tcp://10.0.2.2:1", "f", "d", "u", password, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MqttSettings("ssl://127.0.0.1:1", "f", "d", "u", password, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void password_isCopiedAndNeverShown() {
    char[] password = "secret".toCharArray();
    MqttSettings settings = new MqttSettings("ssl://h:1", "f", "d", "u", password, TLS);

    password[0] = 'X';
    settings.password()[1] = 'X';

    assertThat(new String(settings.password())).isEqualTo("secret");
    assertThat(settings.passwordBytes()).asString().isEqualTo("secret");
    assertThat(settings.toString()).doesNotContain("secret").contains("u at ssl://h:1");
  }
}
