package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.linux.Timex;
import dev.suture.arm64.linux.Uapi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClockStateTest {
  private static final int STATES = 6;

  @TempDir Path directory;

  @Test
  void isSynchronised_ofWhatTheKernelSays_needsBothAnswers() {
    for (int state = 0; state < STATES; state++) {
      assertThat(ClockState.isSynchronised(state, 0)).isEqualTo(state != Uapi.TIME_ERROR);
      assertThat(ClockState.isSynchronised(state, 0x2001)).isEqualTo(state != Uapi.TIME_ERROR);
      assertThat(ClockState.isSynchronised(state, Uapi.STA_UNSYNC)).isFalse();
      assertThat(ClockState.isSynchronised(state, 0x2001 | Uapi.STA_UNSYNC)).isFalse();
    }
  }

  /** The same call from C, on the same kernel. */
  @Test
  void isSynchronised_ofThisMachine_isWhatCSays() throws Exception {
    Path source = directory.resolve("timex.c");
    Path program = directory.resolve("timex");
    Files.writeString(
        source,
        "#include <stdio.h>\n#include <sys/timex.h>\n"
            + "int main(void) { struct timex t = {0}; int s = adjtimex(&t);"
            + " printf(\"%d %d\\n\", s, t.status); return 0; }\n");
    Path output = directory.resolve("output");
    for (String[] command :
        new String[][] {
          {"gcc", "-o", program.toString(), source.toString()}, {program.toString()}
        }) {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }
    String[] words = Files.readString(output).trim().split(" ", -1);

    Timex ours = Timex.read();
    assertThat(ours.state()).isEqualTo(Integer.parseInt(words[0])).isBetween(0, STATES - 1);
    assertThat(ours.status()).isEqualTo(Integer.parseInt(words[1]));
    assertThat(ClockState.isSynchronised())
        .isEqualTo(ClockState.isSynchronised(ours.state(), ours.status()));
  }
}
