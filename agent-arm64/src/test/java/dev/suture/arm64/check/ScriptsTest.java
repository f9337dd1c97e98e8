package dev.suture.arm64.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.agent.DeviceConfig;
import dev.suture.health.CheckResult;
import dev.suture.protocol.Level;
import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real programs on the host's kernel. Needs root, because checks must be root's. */
class ScriptsTest {
  private static final Level LEVEL = new Level("b");
  private static final int SECONDS = 60;

  /** For what does not end; a busy machine comes to print within it. */
  private static final int LIMIT_SECONDS = 3;

  private static final int STRANGER = 12_345;

  @TempDir Path directory;
  private Path required;
  private Path wanted;

  @BeforeEach
  void makeDirectories() throws IOException {
    mode(directory, "rwxr-xr-x");
    required = Files.createDirectory(directory.resolve("required.d"));
    wanted = Files.createDirectory(directory.resolve("wanted.d"));
    mode(required, "rwxr-xr-x");
    mode(wanted, "rwxr-xr-x");
  }

  /** What a check left behind on purpose. */
  @AfterEach
  void endWhoGotAway() throws IOException {
    if (Files.exists(directory.resolve("pid"))) {
      ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static Path script(Path path, String... lines) throws IOException {
    Files.writeString(path, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    mode(path, "rwxr-xr-x");
    return path;
  }

  private List<CheckResult> run(int seconds, Optional<String> user) {
    return new Scripts(new DeviceConfig.Checks(directory.toString(), seconds, user), () -> {})
        .run(LEVEL, List.of());
  }

  private Scripts scripts() {
    return new Scripts(
        new DeviceConfig.Checks(directory.toString(), SECONDS, Optional.empty()), () -> {});
  }

  @Test
  void run_whatAPatchAsksFor_isRequiredAndBehindTheOthers() throws IOException {
    Path asked = Files.createDirectory(directory.resolve("asked.d"));
    mode(asked, "rwxr-xr-x");
    script(asked.resolve("modem"), "exit 21");
    script(asked.resolve("other"), "exit 1");
    script(required.resolve("10-r"), "exit 0");
    script(wanted.resolve("10-w"), "exit 0");
    assertThat(scripts().run(LEVEL, List.of(new HealthCheck.Command("modem"))))
        .extracting(result -> result.name() + " " + result.isRequired() + " " + result.kind())
        .containsExactly(
            "required.d/10-r true PASSED",
            "asked.d/modem true NOT_YET",
            "wanted.d/10-w false PASSED");
    assertThat(scripts().refusal(new HealthCheck.Command("modem"))).isEmpty();
  }

  @Test
  void asked_notThereOrNotRoots_isRefusedAndFails() throws IOException {
    HealthCheck.Command modem = new HealthCheck.Command("modem");
    assertThat(scripts().refusal(modem).orElseThrow()).contains("asked.d/modem");
    assertThat(scripts().run(LEVEL, List.of(modem)))
        .extracting(CheckResult::kind)
        .containsExactly(CheckResult.Kind.FAILED);
    Path asked = Files.createDirectory(directory.resolve("asked.d"));
    mode(asked, "rwxr-xr-x");
    script(asked.resolve("modem"), "exit 0");
    mode(asked.resolve("modem"), "rwxrwxrwx");
    assertThat(scripts().refusal(modem).orElseThrow()).contains("only root may write");
    mode(asked.resolve("modem"), "rw-r--r--");
    assertThat(scripts().refusal(modem).orElseThrow()).contains("expected an executable file");
    mode(asked.resolve("modem"), "rwxr-xr-x");
    mode(asked, "rwxrwxrwx");
    assertThat(scripts().refusal(modem).orElseThrow()).contains("only root may write");
  }

  private List<CheckResult> run() {
    return run(SECONDS, Optional.empty());
  }

  private CheckResult resultOf(String... lines) throws IOException {
    script(required.resolve("10-it"), lines);
    List<CheckResult> results = run();
    assertThat(results).hasSize(1);
    return results.get(0);
  }

  private static CheckResult failed(String name, String said) {
    return new CheckResult(name, true, CheckResult.Kind.FAILED, said);
  }

  private long pid() throws IOException {
    return Long.parseLong(Files.readString(directory.resolve("pid")).strip());
  }

  /** Whoever takes over orphans may leave it a zombie. */
  private void assertEnds() throws IOException {
    Path stat = Path.of("/proc", Long.toString(pid()), "stat");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (isRunning(stat)) {
      assertThat(System.nanoTime()).as("%s goes on", stat).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static boolean isRunning(Path stat) {
    try {
      return !Files.readString(stat).contains(") Z ");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void run_exitCodes_areTheTable() throws IOException {
    assertThat(resultOf("exit 0"))
        .isEqualTo(
            new CheckResult("required.d/10-it", true, CheckResult.Kind.PASSED, "exit code 0"));
    assertThat(resultOf("echo dialing", "exit 21"))
        .isEqualTo(
            new CheckResult(
                "required.d/10-it", true, CheckResult.Kind.NOT_YET, "exit code 21: dialing"));
    assertThat(resultOf("echo one", "echo no modem >&2", "exit 1"))
        .isEqualTo(failed("required.d/10-it", "exit code 1: no modem"));
    assertThat(resultOf("kill -9 $$")).isEqualTo(failed("required.d/10-it", "exit code 137"));
    assertThat(resultOf("exit 255")).isEqualTo(failed("required.d/10-it", "exit code 255"));
  }

  @Test
  void run_surroundings_areFixed() throws IOException {
    CheckResult result =
        resultOf(
            "echo $# $(pwd) $(tr '\\0' ' ' </proc/$$/environ | tr ' ' '\\n' | sort)", "exit 1");
    assertThat(result.said())
        .isEqualTo("exit code 1: 0 / PATH=/usr/sbin:/usr/bin:/sbin:/bin SUTURE_LEVEL=b");
    assertThat(resultOf("cat", "ls -l /proc/self/fd/0", "exit 1").said()).endsWith("-> /dev/null");
    assertThat(resultOf("ls /proc/self/fd | wc -l", "exit 1").said()).endsWith(": 4");
    assertThat(resultOf("echo '\\033[2Jred'", "exit 1").said()).endsWith(": ?[2Jred");
  }

  @Test
  void run_many_inTheOrderOfTheirNames_wantedOnesLast() throws IOException {
    script(wanted.resolve("05-w"), "exit 3");
    script(wanted.resolve("15-w"), "exit 21");
    script(required.resolve("20-r"), "exit 21");
    script(required.resolve("10-r"), "exit 0");
    assertThat(run())
        .extracting(result -> result.name() + " " + result.isRequired() + " " + result.kind())
        .containsExactly(
            "required.d/10-r true PASSED",
            "required.d/20-r true NOT_YET",
            "wanted.d/05-w false FAILED",
            "wanted.d/15-w false NOT_YET");
  }

  @Test
  void run_behindARequiredOneThatFailed_runsNone() throws IOException {
    script(required.resolve("10-r"), "exit 1");
    script(required.resolve("20-r"), "touch " + directory.resolve("trace"));
    script(wanted.resolve("10-w"), "touch " + directory.resolve("trace"));
    assertThat(run()).containsExactly(failed("required.d/10-r", "exit code 1"));
    assertThat(directory.resolve("trace")).doesNotExist();
  }

  @Test
  void run_noDirectory_isNoCheck() throws IOException {
    Files.delete(required);
    script(wanted.resolve("10-w"), "exit 0");
    assertThat(run()).extracting(CheckResult::name).containsExactly("wanted.d/10-w");
    Files.delete(wanted.resolve("10-w"));
    Files.delete(wanted);
    assertThat(run()).isEmpty();
    assertThat(
            new Scripts(
                    new DeviceConfig.Checks("/nowhere/at/all", SECONDS, Optional.empty()), () -> {})
                .run(LEVEL, List.of()))
        .isEmpty();
  }

  @Test
  void run_whatIsNoExecutableRegularFile_isNoCheck() throws Exception {
    Path real = script(directory.resolve("real"), "exit 1");
    Files.createSymbolicLink(required.resolve("10-link"), real);
    Files.createSymbolicLink(required.resolve("11-dangling"), Path.of("/nowhere"));
    mode(script(required.resolve("12-not-executable"), "exit 1"), "rw-r--r--");
    Files.createDirectory(required.resolve("13-directory"));
    Path fifo = required.resolve("14-fifo");
    Process mkfifo = new ProcessBuilder("mkfifo", "-m", "755", fifo.toString()).start();
    assertThat(mkfifo.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(fifo).exists();
    assertThat(run()).isEmpty();
  }

  @Test
  void run_checkThatOthersMayWrite_failsAndIsNotRun() throws IOException {
    Path check = script(required.resolve("10-r"), "touch " + directory.resolve("trace"));
    for (String mode : List.of("rwxrwxr-x", "rwxr-xrwx")) {
      mode(check, mode);
      assertThat(run().get(0).kind()).isEqualTo(CheckResult.Kind.FAILED);
      assertThat(run().get(0).said()).contains("not run", "such as 0755, got 07");
    }
    mode(check, "rwxr-xr-x");
    Files.setAttribute(check, "unix:uid", STRANGER);
    assertThat(run())
        .containsExactly(
            failed(
                "required.d/10-r",
                "the check: not run, expected root as its owner, got user 12345"));
    assertThat(directory.resolve("trace")).doesNotExist();
    Files.move(check, wanted.resolve("10-w"));
    assertThat(run()).extracting(CheckResult::isRequired).containsExactly(false);
    assertThat(run()).extracting(CheckResult::kind).containsExactly(CheckResult.Kind.FAILED);
    assertThat(directory.resolve("trace")).doesNotExist();
  }

  @Test
  void run_directoryThatOthersMayWrite_failsAndNothingInItIsRun() throws IOException {
    script(required.resolve("10-r"), "touch " + directory.resolve("trace"));
    for (Path open : List.of(required, directory)) {
      mode(open, "rwxrwxr-x");
      assertThat(run()).extracting(CheckResult::name).containsExactly("required.d");
      assertThat(run().get(0).said()).contains(open.toString(), "such as 0755, got 0775");
      mode(open, "rwxr-xr-x");
      Files.setAttribute(open, "unix:uid", STRANGER);
      assertThat(run().get(0).said()).contains(open.toString(), "got user 12345");
      Files.setAttribute(open, "unix:uid", 0);
    }
    assertThat(directory.resolve("trace")).doesNotExist();
  }

  @Test
  void run_directoryThatIsNone_fails() throws IOException {
    Files.move(required, directory.resolve("elsewhere"));
    Files.createSymbolicLink(required, directory.resolve("elsewhere"));
    assertThat(run().get(0).said()).contains("expected a directory");
    Files.delete(required);
    Files.createFile(required);
    assertThat(run().get(0).said()).contains("expected a directory");
  }

  @Test
  void run_tooManyChecks_failsAndRunsNone() throws IOException {
    for (int i = 0; i <= CheckDirectory.CHECKS_MAX; i++) {
      script(required.resolve("check-" + i), "exit 0");
    }
    assertThat(run())
        .containsExactly(failed("required.d", required + ": expected at most 32 checks, got more"));
    Files.delete(required.resolve("check-0"));
    assertThat(run()).hasSize(CheckDirectory.CHECKS_MAX);
  }

  @Test
  void run_programThatCannotBeExecuted_fails() throws IOException {
    Path check = required.resolve("10-r");
    Files.writeString(check, "#!/nowhere/interpreter\n");
    mode(check, "rwxr-xr-x");
    assertThat(run().get(0).kind()).isEqualTo(CheckResult.Kind.FAILED);
    assertThat(run().get(0).said()).startsWith("exit code 127: setsid: ");
  }

  @Test
  void run_timeIsUp_killsWhatIgnoresSigterm_andItsChildren() throws IOException {
    script(
        required.resolve("10-r"),
        "trap '' TERM INT HUP",
        "sleep 600 &",
        "echo $! >" + directory.resolve("pid"),
        "echo waiting",
        "while :; do wait; done");
    long start = System.nanoTime();
    assertThat(run(LIMIT_SECONDS, Optional.empty()))
        .containsExactly(
            failed("required.d/10-r", "expected an end within 3 s, got none: waiting"));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(SECONDS));
    assertEnds();
  }

  @Test
  void run_childThatGoesOn_isKilledAndNotWaitedFor() throws IOException {
    script(
        required.resolve("10-r"),
        "sleep 600 &",
        "echo $! >" + directory.resolve("pid"),
        "echo started");
    long start = System.nanoTime();
    assertThat(run()).extracting(CheckResult::kind).containsExactly(CheckResult.Kind.PASSED);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(SECONDS));
    assertEnds();
  }

  @Test
  void run_childThatLeftTheGroupWithThePipe_isNotWaitedFor() throws IOException {
    script(
        required.resolve("10-r"),
        "setsid sh -c 'echo $$ >" + directory.resolve("pid") + "; exec sleep 600' &",
        "while [ ! -s " + directory.resolve("pid") + " ]; do :; done");
    long start = System.nanoTime();
    assertThat(run()).extracting(CheckResult::kind).containsExactly(CheckResult.Kind.PASSED);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(SECONDS));
  }

  /** It has nobody to write to any more. */
  @Test
  void run_childThatLeftTheGroupAndWritesForEver_ends() throws IOException {
    script(
        required.resolve("10-r"),
        "setsid sh -c 'echo $$ >" + directory.resolve("pid") + "; exec yes' &",
        "while [ ! -s " + directory.resolve("pid") + " ]; do :; done");
    assertThat(run()).extracting(CheckResult::kind).containsExactly(CheckResult.Kind.PASSED);
    assertEnds();
  }

  @Test
  void run_writesForEver_isStoppedInTime() throws IOException {
    script(required.resolve("10-r"), "exec yes going on");
    assertThat(run(LIMIT_SECONDS, Optional.empty()).get(0).said())
        .startsWith("expected an end within 3 s, got none: ");
  }

  @Test
  void run_printsAMegabyte_keepsTheEnd() throws IOException {
    assertThat(
            resultOf(
                "head -c 1000000 /dev/zero | tr '\\0' x", "echo", "echo the last words", "exit 3"))
        .isEqualTo(failed("required.d/10-it", "exit code 3: the last words"));
  }

  @Test
  void run_manyTimes_leavesNoDescriptorOpen() throws IOException {
    script(required.resolve("10-r"), "exit 0");
    run();
    long before = openDescriptors();
    for (int i = 0; i < 20; i++) {
      run();
    }
    assertThat(openDescriptors()).isLessThanOrEqualTo(before + 2);
  }

  private static long openDescriptors() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.count();
    }
  }

  @Test
  void run_asAnotherUser_isThatUser() throws IOException {
    script(required.resolve("10-r"), "echo $(id -un) $(id -gn)", "exit 1");
    assertThat(run(SECONDS, Optional.of("daemon")))
        .containsExactly(failed("required.d/10-r", "exit code 1: daemon daemon"));
  }

  @Test
  void run_asAUserThatIsNone_failsWithWhatSetprivSays() throws IOException {
    script(required.resolve("10-r"), "exit 0");
    List<CheckResult> results = run(SECONDS, Optional.of("no-such-user"));
    assertThat(results).extracting(CheckResult::kind).containsExactly(CheckResult.Kind.FAILED);
    assertThat(results.get(0).said()).contains("setpriv: ", "reuid");
  }
}
