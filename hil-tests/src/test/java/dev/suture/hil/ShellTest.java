package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellTest {
  @TempDir private Path folder;

  @Test
  void line_anyWords_areTheSameWordsForAShell() {
    List<String> words = List.of("a", "b c", "it's", "$HOME", "\"x\"", "--k=v,w", "tab\there", "é");
    CommandResult result =
        HostProcess.run(
            List.of("bash", "-c", "printf '%s\\n' " + Shell.line(words)),
            Duration.ofSeconds(20),
            Map.of(),
            folder.resolve("log"),
            line -> {});
    assertThat(result.orThrow().output().lines()).containsExactlyElementsOf(words);
  }

  @Test
  void run_programThatFails_throwsWithItsOutput() {
    CommandResult result =
        HostProcess.run(
            List.of("bash", "-c", "echo out; echo err >&2; exit 7"),
            Duration.ofSeconds(20),
            Map.of(),
            folder.resolve("log"),
            line -> {});
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(result.output()).contains("out", "err");
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(HarnessException.class)
        .hasMessageContainingAll("expected exit code 0, got 7", "err");
  }

  @Test
  void run_programThatHangs_isEndedAtItsLimit() {
    assertThatThrownBy(
            () ->
                HostProcess.run(
                    List.of("bash", "-c", "echo begun; exec sleep 60"),
                    Duration.ofSeconds(1),
                    Map.of(),
                    folder.resolve("log"),
                    line -> {}))
        .isInstanceOf(HarnessException.class)
        .hasMessageContainingAll("expected to end within 1 s", "begun");
  }
}
