package dev.suture.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
  @Test
  void of_whatATerminalObeys_becomesQuestionMarks() {
    assertThat(PrintableText.of("a\u001b[2Jb\n\u00e9\u202e~ ", 80)).isEqualTo("a?[2Jb???~ ");
  }

  @Test
  void of_longText_isCutOff() {
    assertThat(PrintableText.of("abcdef", 3)).isEqualTo("abc");
    assertThat(PrintableText.of("abc", 3)).isEqualTo("abc");
    assertThat(PrintableText.of("", 3)).isEmpty();
  }
}
