package dev.suture.protocol.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SutureExceptionTest {
  private static String explanation(String text) {
    return new RejectedException(FailureCode.NOTICE_MALFORMED, text).explanation();
  }

  @Test
  void explanation_quotesLinesFromOutside_isOneLine() {
    assertThat(explanation("got \"a\n[main] ERROR forged\r\u0000\u001b[2J\u2028\u202e\ud800\""))
        .isEqualTo("got \"a?[main] ERROR forged???[2J???\"");
  }

  @Test
  void explanation_quotesSomethingVeryLong_isCut() {
    assertThat(explanation("x".repeat(1 << 20))).hasSize(SutureException.EXPLANATION_CHARS_MAX);
  }

  @Test
  void explanation_otherScripts_areKept() {
    assertThat(explanation("\u00e4 \u20ac \u4e2d")).isEqualTo("\u00e4 \u20ac \u4e2d");
  }
}
