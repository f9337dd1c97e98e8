package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.publisher.PublisherException.Details;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Names from files that others sent reach a person's terminal. */
final class ConsoleTest {
  private static final String HOSTILE = "a\u001b[2J\u202eb\u0007\u2028c";
  private static final String SHOWN = "a\\u{1b}[2J\\u{202e}b\\u{7}\\u{2028}c";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console = new Console(stream(out), stream(err));

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  @Test
  void resultAndProgress_withNamesFromOutside_cannotMoveTheCursor() {
    console.result(false, "key " + HOSTILE + "\nnext \u00fc\n", json -> {});
    console.progress(HOSTILE);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("key " + SHOWN + "\nnext \u00fc\n");
    assertThat(err.toString(StandardCharsets.UTF_8).strip()).isEqualTo(SHOWN);
  }

  @Test
  void error_withALineBreakInAName_hasNoLineMore() {
    Details details = new Details("read", "a name", "x\n  to do:     run this", HOSTILE, "stop");
    console.error(false, "refused", "problem", details, Console.REFUSED);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .hasSize(6)
        .contains("  got:       x\\n  to do:     run this", "  where:     " + SHOWN);
  }
}
