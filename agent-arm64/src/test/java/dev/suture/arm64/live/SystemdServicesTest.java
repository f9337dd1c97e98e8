package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.agent.DeviceConfig;
import dev.suture.live.OldCode;
import dev.suture.live.Services;
import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Service;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a program that answers as systemctl does: a unit is a file with the number of its first
 * process, and what it says of itself. The real one runs on the emulated device.
 */
class SystemdServicesTest extends ServicesContract {
  private static final DeviceConfig.Service STORE_UNIT =
      DeviceConfig.Service.ofUnit("store", "store.service", 5);
  private static final DeviceConfig.Service WEB_UNIT =
      DeviceConfig.Service.ofUnit("web", "web.service", 7);
  private static final String SYSTEMCTL =
      """
      #!/bin/sh
      cd %s || exit 9
      shift 2 # --no-pager, --no-ask-password
      echo "$*" >>calls
      [ ! -e fails ] || { echo one line; cat fails; exit 5; }
      first() { cat "$1.pid" 2>/dev/null; }
      case $1 in
        show)
          shift 3
          for unit; do
            if kill -0 "$(first $unit)" 2>/dev/null; then state=active; else state=inactive; fi
            printf '%%s\\n' Id=$unit LoadState=loaded ActiveState=$state SubState=x Type=simple \\
              Result=success NRestarts=0
            cat $unit.says 2>/dev/null
            echo
          done
          ;;
        reset-failed) ;;
        --no-block)
          rm -f $4.says # Systemd counts anew when somebody starts a unit.
          [ $2 = start ] || kill "$(first $4)"
          while kill -0 "$(first $4)" 2>/dev/null; do :; done
          [ $2 != stop ] || exit 0
          setsid sleep 600 >/dev/null 2>&1 &
          echo $! >$4.pid
          ;;
        kill) kill -9 "$(first $4)" ;;
        *) exit 8 ;;
      esac
      """;

  private static final String JOURNALCTL =
      """
      #!/bin/sh
      cd %s || exit 9
      echo "$*" >>asked
      [ ! -e unreadable ] || { echo No journal; exit 1; }
      cat journal 2>/dev/null || :
      """;

  @TempDir Path directory;

  private final List<ProcessHandle> started = new ArrayList<>();
  private Path systemctl;
  private Path journalctl;

  @BeforeEach
  void makeSystemctl() throws IOException {
    systemctl = directory.resolve("systemctl");
    Files.writeString(systemctl, SYSTEMCTL.formatted(directory));
    Files.setPosixFilePermissions(systemctl, PosixFilePermissions.fromString("rwxr-xr-x"));
    journalctl = directory.resolve("journalctl");
    Files.writeString(journalctl, JOURNALCTL.formatted(directory));
    Files.setPosixFilePermissions(journalctl, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(directory.resolve("self"));
    Files.createDirectories(directory.resolve("sys/kernel/random"));
    boot("11d53bbf-8d0a-4ac3-8b8e-6a2a8b7d0b2a");
    own("/system.slice/suture-agent.service");
  }

  @AfterEach
  void end() throws IOException {
    for (Service service : List.of(STORE, WEB)) {
      if (Files.exists(file(service, "pid"))) {
        ProcessHandle.of(first(service).pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    started.forEach(ProcessHandle::destroyForcibly);
  }

  private void own(String group) throws IOException {
    Files.writeString(directory.resolve("self/cgroup"), "0::" + group + "\n");
  }

  private Path file(Service service, String extension) {
    return directory.resolve(service.name() + ".service." + extension);
  }

  private void boot(String id) throws IOException {
    Files.writeString(directory.resolve("sys/kernel/random/boot_id"), id + "\n");
  }

  private void says(Service service, String... lines) throws IOException {
    Files.writeString(file(service, "says"), String.join("\n", lines) + "\n");
  }

  private SystemdServices services(DeviceConfig.Service... configured) {
    return new SystemdServices(
        List.of(configured),
        List.of(),
        new Systemctl(systemctl.toString()),
        new CrashJournal(journalctl.toString()),
        directory);
  }

  @Override
  Services both() {
    return services(STORE_UNIT, WEB_UNIT);
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(directory.resolve("calls"));
  }

  private ProcessHandle sleep() throws IOException {
    ProcessHandle process = new ProcessBuilder("sleep", "600").start().toHandle();
    started.add(process);
    return process;
  }

  @Override
  OldCode start(Service service) throws IOException {
    Files.writeString(file(service, "pid"), Long.toString(sleep().pid()));
    return first(service);
  }

  @Override
  OldCode first(Service service) throws IOException {
    return process(
        Integer.parseInt(Files.readString(file(service, "pid")).strip()),
        service.name() + ".service");
  }

  @Override
  OldCode stranger() throws IOException {
    return process((int) sleep().pid(), "other.service");
  }

  @Override
  void die(Service service) throws Exception {
    long restarts = tally(both(), service).deaths();
    ProcessHandle.of(first(service).pid()).orElseThrow().destroyForcibly();
    start(service);
    says(service, "NRestarts=" + (restarts + 1));
  }

  private void crashed(String... units) throws IOException {
    Files.writeString(directory.resolve("journal"), String.join("\n", units) + "\n");
  }

  private List<String> asked() throws IOException {
    Path file = directory.resolve("asked");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static long crashes(SystemdServices services) throws Exception {
    return tally(services, WEB).crashes();
  }

  /** Most looks cost one program, however many services there are. */
  @Test
  void tallies_nothingEnds_isOneQuestion() throws Exception {
    start(WEB);
    Services both = both();
    both.tallies();
    assertThat(asked()).hasSize(1); // What crashed before.
    both.tallies();
    assertThat(asked()).hasSize(1);
    assertThat(calls().subList(0, 1))
        .containsExactly(
            "show --property=Id,ActiveState,Result,Type,Job,NRestarts,ExecMainCode,ExecMainStatus,"
                + "ExecMainExitTimestampMonotonic,ExecMainStartTimestampMonotonic"
                + " -- store.service web.service");
    assertThat(services().tallies()).isEmpty();
    assertThat(calls()).hasSize(2);
  }

  /** Systemd forgets how a unit ended when it starts it again: its journal does not. */
  @Test
  void tallies_restartedBySystemd_crashesAreThoseOfTheJournal_askedForOncePerEnd()
      throws Exception {
    start(WEB);
    SystemdServices services = services(STORE_UNIT, WEB_UNIT);
    says(WEB, "NRestarts=1");
    assertThat(crashes(services)).isZero();
    says(WEB, "NRestarts=3");
    crashed("web.service", "web.service", "else.service");
    assertThat(crashes(services)).isEqualTo(2);
    assertThat(crashes(services)).isEqualTo(2);
    assertThat(tally(services, STORE).crashes()).isZero();
    assertThat(asked()).hasSize(2);
    assertThat(asked().get(1))
        .endsWith(
            "_PID=1 EXIT_CODE=killed EXIT_CODE=dumped EXIT_STATUS=4 EXIT_STATUS=6"
                + " EXIT_STATUS=7 EXIT_STATUS=11 UNIT=web.service");
  }

  @Test
  void tallies_failed_isOneEndMore_andItsSignalIsCountedWithoutJournal() throws Exception {
    Files.writeString(directory.resolve("unreadable"), "");
    SystemdServices services = services(STORE_UNIT, WEB_UNIT);
    String[] failed = {
      "ActiveState=failed",
      "Result=core-dump",
      "NRestarts=2",
      "ExecMainCode=3",
      "ExecMainStatus=11",
      "ExecMainExitTimestampMonotonic=700"
    };
    says(WEB, failed);
    for (int look = 0; look < 2; look++) {
      assertThat(tally(services, WEB))
          .isEqualTo(
              new Services.Tally(
                  Condition.Kind.FAILED, "11d53bbf-8d0a-4ac3-8b8e-6a2a8b7d0b2a", 3, 1));
    }
    failed[5] = "ExecMainExitTimestampMonotonic=900";
    says(WEB, failed);
    assertThat(crashes(services)).isEqualTo(2);
    boot("another");
    assertThat(tally(services, WEB).epoch()).isEqualTo("another");
  }

  /** The start that systemd refuses is counted by it already. */
  @Test
  void tallies_startedTooOften_isNoEndMore() throws Exception {
    says(WEB, "ActiveState=failed", "Result=start-limit-hit", "NRestarts=3");
    assertThat(tally(both(), WEB).deaths()).isEqualTo(3);
    assertThat(tally(both(), WEB).kind()).isEqualTo(Condition.Kind.FAILED);
    says(WEB, "ActiveState=failed", "Result=signal", "NRestarts=3");
    assertThat(tally(both(), WEB).deaths()).isEqualTo(4);
  }

  /** What crashed before is known to an agent that was started since, whoever set counters back. */
  @Test
  void tallies_crashesOfBefore_areNoNews() throws Exception {
    start(WEB);
    crashed("web.service", "web.service", "web.service");
    SystemdServices services = services(STORE_UNIT, WEB_UNIT);
    assertThat(crashes(services)).isEqualTo(3);
    says(WEB, "NRestarts=1");
    assertThat(crashes(services)).isEqualTo(3);
  }

  /** Somebody's start of a unit sets its count back: what crashed before is known all the same. */
  @Test
  void tallies_crashedAndStartedByHand_isAskedFor() throws Exception {
    start(WEB);
    says(WEB, "NRestarts=0", "ExecMainStartTimestampMonotonic=100");
    SystemdServices services = services(STORE_UNIT, WEB_UNIT);
    assertThat(crashes(services)).isZero();
    crashed("web.service", "web.service");
    says(WEB, "NRestarts=0", "ExecMainStartTimestampMonotonic=200");
    assertThat(crashes(services)).isEqualTo(2);
    assertThat(asked()).hasSize(2);
    assertThat(crashes(services)).isEqualTo(2);
    assertThat(asked()).hasSize(2);
  }

  /** Stopped by hand, or of those that somebody starts now and then. */
  @Test
  void tallies_failedWithAnError_isNotGivenUpBySystemd() throws Exception {
    says(WEB, "ActiveState=failed", "Result=exit-code", "Type=simple");
    assertThat(tally(both(), WEB).kind()).isEqualTo(Condition.Kind.DOWN);
    says(WEB, "ActiveState=failed", "Result=signal", "Type=oneshot");
    assertThat(tally(both(), WEB).kind()).isEqualTo(Condition.Kind.DOWN);
    says(WEB, "ActiveState=failed", "Result=start-limit-hit", "Type=simple");
    assertThat(tally(both(), WEB).kind()).isEqualTo(Condition.Kind.FAILED);
  }

  /** It was asked to end, ended with an error, or was killed by hand. */
  @Test
  void tallies_otherEnds_areNoCrashes() throws Exception {
    for (String[] end :
        new String[][] {{"1", "11"}, {"2", "15"}, {"2", "9"}, {"0", "0"}, {"", ""}, {"x", "-"}}) {
      says(
          WEB,
          "ActiveState=failed",
          "ExecMainCode=" + end[0],
          "ExecMainStatus=" + end[1],
          "ExecMainExitTimestampMonotonic=700");
      assertThat(crashes(services(STORE_UNIT, WEB_UNIT))).as(String.join(" ", end)).isZero();
    }
    says(WEB, "ActiveState=activating", "Result=signal", "ExecMainCode=2", "ExecMainStatus=6");
    assertThat(crashes(services(STORE_UNIT, WEB_UNIT))).isEqualTo(0);
    says(
        WEB,
        "ActiveState=activating",
        "ExecMainCode=2",
        "ExecMainStatus=6",
        "ExecMainExitTimestampMonotonic=700");
    assertThat(crashes(services(STORE_UNIT, WEB_UNIT))).isEqualTo(1);
  }

  @Test
  void tallies_noNumber_isAFailure() throws Exception {
    says(WEB, "NRestarts=many");
    assertThatThrownBy(() -> both().tallies())
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("NRestarts of web.service: expected a number, got \"many\"");
    says(WEB, "NRestarts=18446744073709551615"); // As an unsigned number of 64 bits.
    assertThatThrownBy(() -> both().tallies()).isInstanceOf(DeviceException.class);
  }

  private static OldCode process(int pid, String unit) {
    return new OldCode(pid, List.of(1), "p", "maps it", Optional.of(unit));
  }

  /** Its parent is no reason: the unit that a process was put into is. */
  @Test
  void owners_childInAnotherUnit_orInNone_isNotOfIt() throws IOException {
    OldCode web = start(WEB);
    OldCode child = new OldCode(2, List.of(web.pid(), 1), "p", "maps it", Optional.empty());
    assertThat(services(WEB_UNIT).owners(List.of(child))).isEmpty();
  }

  @Test
  void inOrder_configuredOtherwiseThanSystemd_isSystemds() throws Exception {
    says(STORE, "After=basic.target web.service system.slice");
    says(WEB, "After=basic.target system.slice");
    assertThat(both().inOrder()).containsExactly(WEB, STORE);
    says(WEB, "After=store.service"); // A circle.
    assertThat(both().inOrder()).containsExactly(STORE, WEB);
    assertThat(services().inOrder()).isEmpty();
  }

  @Test
  void inOrder_anotherNameOfAUnit_orTheAgents_isRefused() throws IOException {
    says(STORE, "Id=mariadb.service");
    assertRefused("store.service", "mariadb.service");
    own("/system.slice/web.service");
    assertRefused("agent's own", "web.service");
  }

  private void assertRefused(String... named) {
    assertThatThrownBy(() -> both().inOrder())
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID);
              assertThat(e.explanation()).contains(named);
            });
  }

  /** A limit on starts is for services that do not hold. */
  @Test
  void restart_forgetsThatItStartedOften_andDoesNotWait() throws Exception {
    start(WEB);
    both().restart(WEB);
    assertThat(calls())
        .containsExactly("reset-failed -- web.service", "--no-block restart -- web.service");
  }

  @Test
  void systemctlThatFails_isAFailureWithWhatItSaid() throws IOException {
    Files.writeString(directory.resolve("fails"), "Unit web.service is masked.\n");
    for (Calls call :
        List.<Calls>of(
            () -> both().restart(WEB), () -> both().condition(WEB), () -> both().inOrder())) {
      assertThatThrownBy(call::run)
          .isInstanceOfSatisfying(
              DeviceException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.KERNEL_CALL_FAILED))
          .hasMessageContaining("web.service")
          .hasMessageContaining("got 5: Unit web.service is masked.");
    }
  }

  @Test
  void systemctlThatIsMissing_isAFailure() {
    SystemdServices services =
        new SystemdServices(
            List.of(WEB_UNIT),
            List.of(),
            new Systemctl("/nowhere/systemctl"),
            new CrashJournal(),
            directory);
    assertThatThrownBy(() -> services.condition(WEB))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("/nowhere/systemctl");
  }

  /** What is asked of systemd. */
  private interface Calls {
    void run() throws DeviceException;
  }

  private Condition web(String... says) throws Exception {
    says(WEB, says);
    return both().condition(WEB);
  }

  @Test
  void condition_isWhatSystemdSays() throws Exception {
    for (String up : List.of("active", "reloading", "refreshing")) {
      assertThat(web("ActiveState=" + up).kind()).as(up).isEqualTo(Condition.Kind.UP);
      assertThat(web("ActiveState=" + up, "Job=").kind()).as(up).isEqualTo(Condition.Kind.UP);
    }
    for (String down : List.of("activating", "deactivating", "inactive", "maintenance", "")) {
      assertThat(web("ActiveState=" + down).kind()).as(down).isEqualTo(Condition.Kind.DOWN);
    }
    Condition failed =
        web("ActiveState=failed", "SubState=failed", "Result=start-limit-hit", "NRestarts=5");
    assertThat(failed.kind()).isEqualTo(Condition.Kind.FAILED);
    assertThat(failed.said())
        .isEqualTo(
            "web.service is failed (failed), result start-limit-hit, restarted by itself 5 times");
  }

  /** Before a restart is under way the unit is active, and between stop and start it may fail. */
  @Test
  void condition_jobIsNotDone_isDown() throws Exception {
    assertThat(web("ActiveState=active", "Job=711").kind()).isEqualTo(Condition.Kind.DOWN);
    assertThat(web("ActiveState=failed", "Job=711").said()).endsWith("job 711 is not done");
  }

  @Test
  void condition_workIsDone_isDone() throws Exception {
    String[] done = {"ActiveState=inactive", "Type=oneshot", "Result=success"};
    assertThat(web(done).kind()).isEqualTo(Condition.Kind.DONE);
    done[2] = "Result=exit-code";
    assertThat(web(done).kind()).isEqualTo(Condition.Kind.DOWN);
  }

  @Test
  void stop_staysAway_untilItIsStarted() throws Exception {
    OldCode web = start(WEB);
    start(STORE);
    Services both = both();
    assertThat(both.isStopped(WEB)).isFalse();
    assertThat(both.stop(WEB)).isTrue();
    await("web has ended", () -> both.isStopped(WEB));
    assertThat(both.condition(WEB).kind()).isEqualTo(Services.Condition.Kind.DOWN);
    assertThat(both.isStopped(STORE)).isFalse();
    both.start(WEB);
    await("web is up", () -> both.condition(WEB).kind() == Services.Condition.Kind.UP);
    assertThat(first(WEB).pid()).isNotEqualTo(web.pid());
    assertThat(Files.readString(directory.resolve("calls")))
        .contains("--no-block stop -- web.service\n")
        .contains("reset-failed -- web.service\n--no-block start -- web.service\n");
  }

  /** Systemd would stop it along with this one, and nobody would start it again. */
  @Test
  void stop_anotherUnitNeedsIt_isNotDone_unlessThatOneIsDown() throws Exception {
    start(WEB);
    OldCode store = start(STORE);
    says(STORE, "RequiredBy=", "BoundBy=web.service", "ConsistsOf=");
    Services both = both();
    assertThat(both.stop(STORE)).isFalse();
    assertThat(first(STORE).pid()).isEqualTo(store.pid());
    assertThat(both.stop(WEB)).isTrue();
    await("web has ended", () -> both.isStopped(WEB));
    assertThat(both.stop(STORE)).isTrue();
  }

  /** Also by way of one that is down: systemd stops what needs that as well. */
  @Test
  void stop_anotherUnitNeedsWhatNeedsIt_isNotDone() throws Exception {
    OldCode store = start(STORE);
    says(STORE, "RequiredBy=web.service");
    says(WEB, "ActiveState=inactive", "BoundBy=far.service");
    Files.writeString(directory.resolve("far.service.says"), "ActiveState=active\n");
    assertThat(both().stop(STORE)).isFalse();
    assertThat(first(STORE).pid()).isEqualTo(store.pid());
  }

  @Test
  void stop_aCircleOfNeeds_comesToAnEnd() throws Exception {
    start(STORE);
    says(STORE, "RequiredBy=web.service");
    says(WEB, "ActiveState=inactive", "RequiredBy=store.service");
    assertThat(both().stop(STORE)).isTrue();
  }

  @Test
  void stop_theAgentsUnitNeedsWhatNeedsIt_isRefused() throws Exception {
    start(STORE);
    says(STORE, "RequiredBy=web.service");
    says(WEB, "ActiveState=inactive", "BoundBy=suture-agent.service");
    Services both = both();
    assertThatThrownBy(() -> both.stop(STORE))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID));
    assertThat(both.isStopped(STORE)).isFalse();
  }

  @Test
  void inOrder_restartWouldRestartWhatIsNever_isRefused() throws Exception {
    says(STORE, "RequiredBy=far.service");
    Files.writeString(directory.resolve("far.service.says"), "ConsistsOf=web.service\n");
    SystemdServices services = services(STORE_UNIT, WEB_UNIT.neverRestarted());
    assertThatThrownBy(services::inOrder)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
        .hasMessageContaining("got store.service, which web.service needs");
    assertThat(services(STORE_UNIT.neverRestarted(), WEB_UNIT).inOrder()).hasSize(2);
  }

  /** Systemd ends everything that is in a unit along with it. */
  @Test
  void neverRestartedProcessInAUnitThatIs_isRefused() throws Exception {
    Files.createDirectories(directory.resolve("812"));
    Path group = directory.resolve("812/cgroup");
    Files.writeString(group, "0::/system.slice/web.service/press\n");
    assertThatThrownBy(() -> services(WEB_UNIT).requireInNoUnitThatRestarts("press", 812))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
        .hasMessageContaining("got web.service");
    services(WEB_UNIT.neverRestarted()).requireInNoUnitThatRestarts("press", 812);
    services(STORE_UNIT).requireInNoUnitThatRestarts("press", 812);
    services(WEB_UNIT).requireInNoUnitThatRestarts("press", 813);
  }

  @Test
  void kill_endsWhatDoesNotListen() throws Exception {
    Process deaf =
        new ProcessBuilder("sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done").start();
    started.add(deaf.toHandle());
    assertThat(deaf.getInputStream().read()).isEqualTo('\n');
    Files.writeString(file(WEB, "pid"), Long.toString(deaf.pid()));
    Services both = both();
    assertThat(both.isStopped(WEB)).isFalse();
    both.kill(WEB);
    await("web is gone", () -> both.isStopped(WEB));
    assertThat(calls()).contains("kill --signal=SIGKILL -- web.service");
  }

  /** A process is told to be of a unit by that unit's own name. */
  @Test
  void inOrder_whoStaysIsNamedByAnAlias_isRefused() throws Exception {
    Files.writeString(directory.resolve("log.service.says"), "Id=systemd-journald.service\n");
    SystemdServices services =
        new SystemdServices(
            List.of(WEB_UNIT),
            List.of("log.service"),
            new Systemctl(systemctl.toString()),
            new CrashJournal(journalctl.toString()),
            directory);
    assertThatThrownBy(services::inOrder)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
        .hasMessageContaining(
            "userspace.stays: expected a unit's own name, got log.service, which is"
                + " systemd-journald.service");
  }

  /** Its end would be the agent's. */
  @Test
  void stop_theAgentsUnitNeedsIt_isRefused() throws Exception {
    start(WEB);
    says(WEB, "RequiredBy=suture-agent.service");
    Services both = both();
    assertThatThrownBy(() -> both.stop(WEB))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID));
    assertThat(both.isStopped(WEB)).isFalse();
  }

  @Test
  void isStopped_jobIsNotOver_isNot() throws Exception {
    says(WEB, "Job=12");
    assertThat(both().isStopped(WEB)).isFalse();
    says(WEB, "ActiveState=deactivating");
    assertThat(both().isStopped(WEB)).isFalse();
    says(WEB, "ActiveState=failed");
    assertThat(both().isStopped(WEB)).isTrue();
  }
}
