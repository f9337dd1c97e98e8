package dev.suture.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void message_tooLong_isNotCutInsideACharacter() {
    for (int before = 0; before < 2; before++) {
      String message =
          new Failure(FailureCode.HEALTH_FAILED, "x".repeat(before) + "\ud83d\ude00".repeat(300))
              .message();
      assertThat(message).hasSizeBetween(499, 500);
      assertThat(new String(message.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
          .isEqualTo(message);
    }
  }

  @Test
  void of_thrown_hasItsCodeAndExplanation() {
    assertThat(Failure.of(new RetryableException(FailureCode.DISK_FULL, "expected 9 bytes, got 3")))
        .isEqualTo(new Failure(FailureCode.DISK_FULL, "expected 9 bytes, got 3"));
  }
}
