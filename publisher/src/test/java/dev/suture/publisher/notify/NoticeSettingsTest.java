package dev.suture.publisher.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NoticeSettingsTest {
  private static NoticeSettings settings(String uri) {
    return new NoticeSettings(URI.create(uri), Path.of("ca.pem"), "publisher", Path.of("password"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp://127.0.0.1:1883",
        "//127.0.0.1:8883",
        "ssl://127.0.0.1",
        "ssl://127.0.0.1:0",
        "ssl://127.0.0.1:65536",
        "ssl://user:password@127.0.0.1:8883",
        "ssl://127.0.0.1:8883/path",
        "ssl://127.0.0.1:8883?query"
      })
  void create_wrongAddress_refused(String uri) {
    assertThatThrownBy(() -> settings(uri)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ssl://127.0.0.1:8883", "ssl://broker.example:1", "ssl://[::1]:8883"})
  void create_goodAddress_kept(String uri) {
    assertThat(settings(uri).broker()).isEqualTo(URI.create(uri));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+", "#", "a/b", "a b", "-a", "ä"})
  void topic_wrongFleet_refused(String fleet) {
    assertThatThrownBy(() -> NoticeSender.topic(fleet))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void topic_goodFleet_isTheFleetsNotice() {
    assertThat(NoticeSender.topic("demo")).isEqualTo("suture/1/demo/notice");
  }
}
