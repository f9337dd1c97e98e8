package dev.suture.arm64.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.arm64.control.ControlExit;
import dev.suture.arm64.deb.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manual page and completion know what {@code suture --help} and the command line know. */
class SutureManualTest {
  private static final Path MANUAL = Path.of("src/deb/man/suture.1").toAbsolutePath();
  private static final Path COMPLETION = Path.of("src/deb/completion/suture.bash").toAbsolutePath();
  private static final Path ZSH_COMPLETION = Path.of("src/deb/completion/_suture");
  private static final Pattern COMMAND = Pattern.compile("(?m)^  ([a-z]+)\\b.*  ");
  private static final Pattern OPTION = Pattern.compile("--[a-z-]+");
  private static final Pattern EXIT_CODE = Pattern.compile("(?m)^  ([0-9])  ");

  @TempDir Path directory;

  @Test
  void help_hasEveryCommand() {
    assertThat(found(COMMAND, help())).isEqualTo(commands());
  }

  @Test
  void manual_hasEveryCommandOptionAndExitCodeOfHelp() throws IOException {
    String manual = Run.manual(MANUAL);
    for (String command : commands()) {
      assertThat(manual).containsPattern("(?m)^       " + command + "\\b");
    }
    for (String option : found(OPTION, help())) {
      assertThat(manual).contains(option);
    }
    for (String code : found(EXIT_CODE, help())) {
      assertThat(manual).containsPattern("(?m)^       " + code + " ");
    }
  }

  @Test
  void completion_ofNothing_offersEveryCommandAndOption() throws IOException {
    Set<String> words = commands();
    words.add("--help");
    words.add("--socket");
    assertThat(completed("suture", "")).isEqualTo(words);
    assertThat(completed("suture", "--socket", "/x", "")).isEqualTo(words);
  }

  @Test
  void completion_behindACommand_offersWhatTheCommandLineTakes() throws Exception {
    Files.createFile(directory.resolve("b 1.suture"));
    assertThat(completed("suture", "re")).containsExactly("remove");
    assertThat(completed("suture", "status", "--")).containsExactly("--help", "--json", "--socket");
    assertThat(completed("suture", "verify", "b")).containsExactly("b 1.suture");
    assertThat(completed("suture", "install", "b")).containsExactly("b 1.suture");
    assertThat(completed("suture", "--socket", "b")).containsExactly("b 1.suture");
    for (String command : List.of("status", "check", "install", "remove", "history")) {
      for (String option : completed("suture", command, "--")) {
        if (option.equals("--socket")) {
          continue;
        }
        List<String> line =
            option.equals("--json") && !command.equals("status") && !command.equals("history")
                ? List.of(command, "--dry-run", option)
                : List.of(command, option);
        assertThat(CommandLine.parse(line)).as("%s", line).isNotNull();
      }
    }
  }

  /** A real line of a real shell, with a tabulator in it. */
  @Test
  void completion_inAnInteractiveShell() throws Exception {
    Path typed = Files.writeString(directory.resolve("typed"), "suture hi\t--js\t\nexit\n");
    Path rc =
        Files.writeString(
            directory.resolve("rc"), "suture() { echo \"got:$*\"; }\n. " + COMPLETION + "\n");
    Path shown = directory.resolve("shown");
    Process shell =
        new ProcessBuilder("script", "-qec", "bash --noprofile --rcfile " + rc + " -i", "/dev/null")
            .redirectInput(typed.toFile())
            .redirectErrorStream(true)
            .redirectOutput(shown.toFile())
            .start();
    try {
      assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      shell.destroyForcibly();
    }
    assertThat(shown).content().containsPattern("got:history --json");
  }

  @Test
  void zshCompletion_namesEveryCommandAndOption() throws IOException {
    String completion = Files.readString(ZSH_COMPLETION);
    for (String command : commands()) {
      assertThat(completion).contains("    " + command + "\\:");
    }
    for (String option : found(OPTION, help())) {
      assertThat(completion).contains(option);
    }
  }

  private Set<String> completed(String... words) throws IOException {
    StringBuilder line = new StringBuilder();
    for (String word : words) {
      line.append(" '").append(word).append('\'');
    }
    return new TreeSet<>(
        Run.ok(
                "bash",
                "-c",
                "cd \"$2\" && . \"$1\" && complete -p suture >/dev/null && COMP_WORDS=("
                    + line
                    + ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _suture"
                    + " && printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash",
                COMPLETION.toString(),
                directory.toString())
            .lines()
            .toList());
  }

  private static Set<String> commands() {
    Set<String> words = new TreeSet<>();
    for (CommandLine.Command command : CommandLine.Command.values()) {
      words.add(command.word());
    }
    return words;
  }

  private static Set<String> found(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    String section =
        pattern == COMMAND
            ? text.substring(text.indexOf("\ncommands\n"), text.indexOf("\noptions\n"))
            : text;
    for (Matcher matcher = pattern.matcher(section); matcher.find(); ) {
      found.add(matcher.group(matcher.groupCount()));
    }
    return found;
  }

  private static String help() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    SutureCli cli =
        new SutureCli(
            out,
            out,
            (socket, command, file) -> {
              throw new IllegalStateException("help asks nobody");
            });
    assertThat(cli.run(List.of("--help"))).isEqualTo(ControlExit.DONE);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
