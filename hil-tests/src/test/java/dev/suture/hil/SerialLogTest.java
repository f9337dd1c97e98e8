package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SerialLogTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir private Path folder;

  private void write(String text) throws IOException {
    Files.writeString(
        folder.resolve("raw"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void await_lineThatComesInPieces_isFoundWhole() throws IOException {
    try (SerialLog log = new SerialLog(folder.resolve("joined"))) {
      log.follow(folder.resolve("raw"));
      write("first\r\nsecond li");
      SerialLog.Line first =
          log.await(SerialLog.Mark.START, Pattern.compile("first"), LIMIT, () -> true);
      write("ne\r\n");
      SerialLog.Line second =
          log.await(
              SerialLog.Mark.after(first), Pattern.compile("^second line$"), LIMIT, () -> true);
      assertThat(second.number()).isEqualTo(1);
      assertThat(second.secondsSince(first)).isNotNegative();
    }
    assertThat(folder.resolve("joined")).content().contains("] first\n", "] second line\n");
  }

  @Test
  void await_lineFromBeforeTheMark_doesNotCount() throws IOException {
    try (SerialLog log = new SerialLog(folder.resolve("joined"))) {
      log.follow(folder.resolve("raw"));
      write("up\n");
      SerialLog.Line up = log.await(SerialLog.Mark.START, Pattern.compile("up"), LIMIT, () -> true);
      assertThatThrownBy(
              () ->
                  log.await(
                      SerialLog.Mark.after(up),
                      Pattern.compile("up"),
                      Duration.ofMillis(200),
                      () -> true))
          .isInstanceOf(HarnessException.class)
          .hasMessageContainingAll("/up/", "end of the serial log", "] up");
    }
  }

  @Test
  void await_deviceThatWentOff_endsAtOnce() {
    try (SerialLog log = new SerialLog(folder.resolve("joined"))) {
      long start = System.nanoTime();
      assertThatThrownBy(
              () -> log.await(SerialLog.Mark.START, Pattern.compile("x"), LIMIT, () -> false))
          .hasMessageContaining("the device went off");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
    }
  }
}
