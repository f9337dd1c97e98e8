package dev.suture.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OldCodeTest {
  @Test
  void toString_hostileName_isHarmlessAndShort() {
    OldCode hostile =
        new OldCode(7, List.of(), "a\u001b[2J\r\nb", "maps /\u00e9" + "x".repeat(9_000));
    assertThat(hostile.toString())
        .startsWith("7 (a?[2J??b), which maps /?xxx")
        .hasSizeLessThan(300);
  }
}
