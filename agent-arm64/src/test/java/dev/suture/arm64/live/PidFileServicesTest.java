package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.agent.DeviceConfig;
import dev.suture.live.OldCode;
import dev.suture.live.Services;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileServicesTest extends ServicesContract {
  @TempDir Path directory;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (Process process : started) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Override
  Services both() {
    return services();
  }

  /** A shell starts the service again when it ends. */
  @Override
  OldCode start(Services.Service service) throws Exception {
    String supervisor =
        "while :; do sleep 600 & echo $! >$0.new; mv $0.new $0; wait $!; rm -f $0; done";
    started.add(
        new ProcessBuilder("sh", "-c", supervisor, pidFile(service.name()).toString()).start());
    await(service.name() + " runs", () -> Files.exists(pidFile(service.name())));
    return first(service);
  }

  @Override
  OldCode first(Services.Service service) throws IOException {
    return process(Integer.parseInt(Files.readString(pidFile(service.name())).strip()), 1);
  }

  @Override
  OldCode stranger() throws IOException {
    started.add(new ProcessBuilder("sleep", "600").start());
    return process((int) started.get(started.size() - 1).pid(), 1);
  }

  @Override
  void die(Services.Service service) throws Exception {
    OldCode before = first(service);
    ProcessHandle.of(before.pid()).orElseThrow().destroyForcibly();
    await(service.name() + " runs again", () -> isAnother(service, before));
  }

  /** The file is away for a moment. */
  private boolean isAnother(Services.Service service, OldCode before) throws IOException {
    try {
      return first(service).pid() != before.pid();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** That is all that two looks see. */
  @Test
  void tallies_goneAndStaysGone_isCountedOnce_andIsNoCrash() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "600").start();
    started.add(sleep);
    Files.writeString(pidFile("store"), Long.toString(sleep.pid()));
    PidFileServices services = services();
    assertThat(tally(services, STORE).deaths()).isZero();
    sleep.destroyForcibly().waitFor();
    for (int look = 0; look < 3; look++) {
      assertThat(tally(services, STORE))
          .isEqualTo(
              new Services.Tally(
                  Services.Condition.Kind.DOWN, tally(services, STORE).epoch(), 1, 0));
    }
    assertThat(tally(services, WEB).deaths()).isZero(); // It never ran.
  }

  @Test
  void tallies_anotherAgent_countsFromNothing() throws Exception {
    start(STORE);
    PidFileServices services = services();
    services.tallies();
    die(STORE);
    assertThat(tally(services, STORE).deaths()).isEqualTo(1);
    PidFileServices next = services();
    assertThat(tally(next, STORE).deaths()).isZero();
    assertThat(tally(next, STORE).epoch()).isNotEqualTo(tally(services, STORE).epoch());
  }

  private PidFileServices services(String... restart) {
    return new PidFileServices(
        List.of(
            DeviceConfig.Service.ofPidFile("store", pidFile("store").toString(), List.of(), 5),
            DeviceConfig.Service.ofPidFile("web", pidFile("web").toString(), List.of(restart), 7)));
  }

  private Path pidFile(String name) {
    return directory.resolve(name + ".pid");
  }

  private static OldCode process(int pid, Integer... ancestors) {
    return new OldCode(pid, List.of(ancestors), "p", "maps it");
  }

  private Optional<String> owner(OldCode process) {
    return Optional.ofNullable(services().owners(List.of(process)).get(process))
        .map(Services.Service::name);
  }

  @Test
  void owners_firstProcessAndDescendants_belongToIt() throws IOException {
    Files.writeString(pidFile("web"), "812\n");
    assertThat(owner(process(812, 1))).contains("web");
    assertThat(owner(process(900, 850, 812, 1))).contains("web");
    assertThat(owner(process(81, 1))).isEmpty();
  }

  /** As where one service starts the other. */
  @Test
  void owners_twoAmongTheAncestors_theNearestHasIt() throws IOException {
    Files.writeString(pidFile("store"), "812\n");
    Files.writeString(pidFile("web"), "850\n");
    assertThat(owner(process(900, 850, 812, 1))).contains("web");
    assertThat(owner(process(812, 1))).contains("store");
  }

  @Test
  void owners_pidFileThatNamesNobody_isNoService() throws IOException {
    assertThat(owner(process(812, 1))).isEmpty();
    for (String content : List.of("", "\n", "x", "0", "1", "-5", "99999999999", "812 813")) {
      Files.writeString(pidFile("web"), content);
      assertThat(owner(process(812, 1))).as(content).isEmpty();
    }
    Files.writeString(pidFile("web"), "8".repeat(100));
    assertThat(owner(process(812, 1))).isEmpty();
  }

  /** The file is the service's own: it may be anything. */
  @Test
  void owners_pidFileOfAnotherKind_isNoService_andNothingWaits() throws Exception {
    for (String target : List.of("/dev/zero", "/dev/null", directory.toString())) {
      Files.createSymbolicLink(pidFile("web"), Path.of(target));
      assertThat(owner(process(812, 1))).as(target).isEmpty();
      Files.delete(pidFile("web"));
    }
    Process mkfifo = new ProcessBuilder("mkfifo", pidFile("web").toString()).start();
    assertThat(mkfifo.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(owner(process(812, 1))).isEmpty();
  }

  @Test
  void owners_pidFileThatNamesTheAgent_isNoService() throws IOException {
    int own = (int) ProcessHandle.current().pid();
    Files.writeString(pidFile("web"), Integer.toString(own));
    assertThat(owner(process(own, 1))).isEmpty();
  }

  @Test
  void restart_withoutCommand_asksTheFirstProcessToEnd() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(pidFile("store"), sleep.pid() + "\n");
      services().restart(STORE);
      assertThat(sleep.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(sleep.exitValue()).isEqualTo(128 + 15);
    } finally {
      sleep.destroyForcibly();
    }
  }

  /** Up again is another process than the one that was asked to end. */
  @Test
  void condition_askedToEndAndDoesNot_isDown() throws Exception {
    Process deaf =
        new ProcessBuilder("sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done").start();
    started.add(deaf);
    assertThat(deaf.getInputStream().read()).isEqualTo('\n');
    Files.writeString(pidFile("store"), Long.toString(deaf.pid()));
    PidFileServices services = services();
    assertThat(services.condition(STORE).kind()).isEqualTo(Services.Condition.Kind.UP);
    services.restart(STORE);
    assertThat(services.condition(STORE).kind()).isEqualTo(Services.Condition.Kind.DOWN);
    assertThat(services.condition(STORE).said()).contains("asked to end");
  }

  @Test
  void restart_ofOneThatDoesNotRun_isNothing() throws DeviceException {
    services().restart(STORE);
  }

  @Test
  void restart_withCommand_runsIt() throws Exception {
    Path trace = directory.resolve("trace");
    PidFileServices services = services("cp", "/dev/null", trace.toString());
    services.restart(WEB);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!Files.exists(trace) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(trace).exists();
  }

  @Test
  void restart_commandThatIsMissing_saysWhich() {
    PidFileServices services = services("/nowhere/restart-web");
    assertThatThrownBy(() -> services.restart(WEB))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.KERNEL_CALL_FAILED))
        .hasMessageContaining("restart web by [/nowhere/restart-web]");
  }

  /** Without commands for it, whoever started it would start it again at once. */
  @Test
  void stop_withoutACommand_isNotDone() throws Exception {
    OldCode web = start(WEB);
    assertThat(services().stop(WEB)).isFalse();
    assertThat(first(WEB).pid()).isEqualTo(web.pid());
  }

  @Test
  void stop_byItsCommand_staysAway_untilItIsStarted() throws Exception {
    String file = pidFile("web").toString();
    PidFileServices services =
        new PidFileServices(
            List.of(
                DeviceConfig.Service.ofPidFile("web", file, List.of(), 7)
                    .stopped(
                        List.of("sh", "-c", "kill $(cat " + file + ")"),
                        List.of("sh", "-c", "sleep 600 & echo $! >" + file))));
    services.start(WEB);
    await("web runs", () -> services.condition(WEB).kind() == Services.Condition.Kind.UP);
    ProcessHandle first = ProcessHandle.of(first(WEB).pid()).orElseThrow();
    assertThat(services.isStopped(WEB)).isFalse();
    assertThat(tally(services, WEB).deaths()).isZero();
    assertThat(services.stop(WEB)).isTrue();
    await("web has ended", () -> services.isStopped(WEB));
    assertThat(first.isAlive()).isFalse();
    assertThat(services.condition(WEB).kind()).isEqualTo(Services.Condition.Kind.DOWN);
    services.start(WEB);
    await("web is up", () -> services.condition(WEB).kind() == Services.Condition.Kind.UP);
    assertThat(first(WEB).pid()).isNotEqualTo((int) first.pid());
    assertThat(tally(services, WEB).deaths()).as("it was asked to").isZero();
    ProcessHandle.of(first(WEB).pid()).ifPresent(ProcessHandle::destroyForcibly);
  }

  private PidFileServices stopped(String stop, String start) {
    return new PidFileServices(
        List.of(
            DeviceConfig.Service.ofPidFile("web", pidFile("web").toString(), List.of(), 7)
                .stopped(List.of("sh", "-c", stop), List.of("sh", "-c", start))));
  }

  /** What it does behind the end of the process could meet the start. */
  @Test
  void stop_commandGoesOnBehindTheProcess_isNotStoppedBeforeItEnds() throws Exception {
    Path mayEnd = directory.resolve("may-end");
    OldCode web = start(WEB);
    started.get(0).destroyForcibly().waitFor();
    PidFileServices services =
        stopped(
            "kill " + web.pid() + "; while [ ! -e " + mayEnd + " ]; do sleep 0.1; done", "true");
    services.stop(WEB);
    ProcessHandle process = ProcessHandle.of(web.pid()).orElse(null);
    await("web has ended", () -> process == null || !process.isAlive());
    assertThat(services.isStopped(WEB)).isFalse();
    Files.createFile(mayEnd);
    await("so has the command", () -> services.isStopped(WEB));
  }

  @Test
  void kill_endsTheCommandThatHangs_andWhatDoesNotListen() throws Exception {
    Process deaf =
        new ProcessBuilder("sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done").start();
    started.add(deaf);
    assertThat(deaf.getInputStream().read()).isEqualTo('\n');
    Files.writeString(pidFile("web"), Long.toString(deaf.pid()));
    PidFileServices services = stopped("exec sleep 600", "true");
    services.stop(WEB);
    assertThat(services.isStopped(WEB)).isFalse();
    services.kill(WEB);
    await("web is gone", () -> services.isStopped(WEB));
    assertThat(deaf.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** It may be about to end what runs, and start another. */
  @Test
  void condition_commandHasNotEnded_isDown() throws Exception {
    start(WEB);
    Path mayEnd = directory.resolve("may-end");
    PidFileServices services = stopped("true", "while [ ! -e " + mayEnd + " ]; do sleep 0.1; done");
    services.start(WEB);
    assertThat(services.condition(WEB).kind()).isEqualTo(Services.Condition.Kind.DOWN);
    assertThat(services.condition(WEB).said()).contains("command start", "has not ended");
    Files.createFile(mayEnd);
    await("web is up", () -> services.condition(WEB).kind() == Services.Condition.Kind.UP);
  }

  @Test
  void condition_commandFailed_saysHow_andWhatRunsCounts() throws Exception {
    PidFileServices services = stopped("true", "exit 3");
    services.start(WEB);
    await("it has ended", () -> services.condition(WEB).said().contains("exit code 3"));
    assertThat(services.condition(WEB).kind()).isEqualTo(Services.Condition.Kind.DOWN);
    start(WEB);
    assertThat(services.condition(WEB).kind()).isEqualTo(Services.Condition.Kind.UP);
  }

  private static final Services.Service PRESS = new Services.Service("press", 0, true);

  private PidFileServices withPress() {
    return new PidFileServices(
        List.of(
            DeviceConfig.Service.ofPidFile("web", pidFile("web").toString(), List.of(), 7),
            DeviceConfig.Service.ofPidFile("press", pidFile("press").toString(), List.of(), 0)
                .neverRestarted()));
  }

  /** It goes down: its file is gone, and it is not. */
  @Test
  void owners_neverRestartedAndItsFileIsGone_isStillItself() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "600").start();
    started.add(sleep);
    Files.writeString(pidFile("press"), Long.toString(sleep.pid()));
    PidFileServices services = withPress();
    OldCode press = process((int) sleep.pid(), 1);
    assertThat(services.owners(List.of(press))).containsEntry(press, PRESS);
    Files.delete(pidFile("press"));
    assertThat(services.owners(List.of(press))).containsEntry(press, PRESS);
    Files.writeString(pidFile("press"), "1234567890123\n");
    assertThat(services.owners(List.of(press))).containsEntry(press, PRESS);
    sleep.destroyForcibly().waitFor();
    assertThat(services.owners(List.of(press))).isEmpty();
  }

  /** Who supervises it ends it when he is ended; what else he has started is not of it. */
  @Test
  void owners_neverRestarted_whoStartedItIsPartOfIt() throws Exception {
    OldCode press = start(PRESS);
    int supervisor = (int) started.get(0).pid();
    OldCode above = process(supervisor, 1);
    OldCode beside = process(2_000_000_000, supervisor, 1);
    assertThat(withPress().owners(List.of(press, above, beside)))
        .containsOnly(Map.entry(press, PRESS), Map.entry(above, PRESS));
  }

  @Test
  void kill_sparesWhatIsNeverRestarted() throws Exception {
    OldCode press = start(PRESS);
    Files.writeString(pidFile("web"), Long.toString(started.get(0).pid()));
    PidFileServices services = withPress();
    services.kill(WEB);
    assertThat(started.get(0).waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    ProcessHandle spared = ProcessHandle.of(press.pid()).orElseThrow();
    assertThat(spared.isAlive()).isTrue();
    spared.destroyForcibly();
  }

  /** A pid file says what its service wants it to. */
  @Test
  void kill_pidFileNamesWhoStartedTheAgent_isNotDone() throws Exception {
    ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
    Files.writeString(pidFile("web"), Long.toString(parent.pid()));
    PidFileServices services = services();
    services.kill(WEB);
    assertThat(parent.isAlive()).isTrue();
    assertThat(services.isStopped(WEB)).isFalse();
  }

  /** It may hold a lock or a port for long yet. */
  @Test
  void stop_pidFileIsGoneBeforeTheProcess_isNotStopped() throws Exception {
    Process deaf =
        new ProcessBuilder("sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done").start();
    started.add(deaf);
    assertThat(deaf.getInputStream().read()).isEqualTo('\n');
    Files.writeString(pidFile("web"), Long.toString(deaf.pid()));
    PidFileServices services = stopped("rm " + pidFile("web"), "true");
    services.stop(WEB);
    await("its file is gone", () -> !Files.exists(pidFile("web")));
    assertThat(services.isStopped(WEB)).isFalse();
    services.kill(WEB);
    await("web is gone", () -> services.isStopped(WEB));
    assertThat(deaf.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
  }
}
