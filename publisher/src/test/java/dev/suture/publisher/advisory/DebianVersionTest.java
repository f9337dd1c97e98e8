package dev.suture.publisher.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DebianVersionTest {
  /** In rising order; checked once with {@code dpkg --compare-versions A lt B} for each pair. */
  private static final List<String> RISING =
      List.of(
          "0~",
          "0",
          "0.9",
          "1.0~~",
          "1.0~~a",
          "1.0~",
          "1.0~rc1",
          "1.0",
          "1.0-1~deb12u1",
          "1.0-1",
          "1.0-1+b1",
          "1.0-1.1",
          "1.0a",
          "1.0+dfsg-1",
          "1.0.1",
          "1.1",
          "1.09",
          "1.10",
          "3.0.20-1~deb12u2",
          "3.0.22-1~deb12u1",
          "3.0.22-1~deb12u2",
          "3.0.22-1",
          "20240101",
          "1:0.1");

  @Test
  void compareTo_allPairs_asDpkgSays() {
    for (int i = 0; i < RISING.size(); i++) {
      for (int j = 0; j < RISING.size(); j++) {
        int order = new DebianVersion(RISING.get(i)).compareTo(new DebianVersion(RISING.get(j)));
        assertThat(Integer.signum(order))
            .as("%s and %s", RISING.get(i), RISING.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void compareTo_differentTextSameVersion_equal() {
    assertThat(new DebianVersion("0:1.00-0").compareTo(new DebianVersion("1.0"))).isZero();
  }

  @Test
  void source_rebuild_isTheVersionOfTheSource() {
    assertThat(new DebianVersion("2.36-9+b1").source()).isEqualTo(new DebianVersion("2.36-9"));
    assertThat(new DebianVersion("2.36-9").source()).isEqualTo(new DebianVersion("2.36-9"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "1 0", "1.0\n", "ä", "x:1", ":1", "1/2"})
  void create_wrongForm_refused(String text) {
    assertThatThrownBy(() -> new DebianVersion(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
