package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.device.HostNeeds;
import dev.suture.arm64.device.LoopDevices;
import dev.suture.arm64.device.LoopDevices.LoopDevice;
import dev.suture.arm64.device.Mounts;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.live.OldCode;
import dev.suture.live.Processes;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes of the host's kernel, on a real EROFS file system that lies under another. */
class ProcessTableTest {
  private static final int SECONDS = 60;

  @TempDir Path directory;

  private final Mounts mounts = new Mounts();
  private final LoopDevices loops = new LoopDevices();
  private Path mountPoint;
  private DeviceNumber old;
  private Path proc;
  private ProcessTable table;

  /**
   * Two images over each other; {@code old} is what a process finds that starts before the second.
   */
  @BeforeEach
  void mountBase() throws Exception {
    HostNeeds.loopDevices();
    mountPoint = Files.createDirectory(directory.resolve("component"));
    old = mount("base");
    proc = Files.createDirectory(directory.resolve("proc"));
    table =
        new ProcessTable(
            new OldDevices(mounts, Map.of(new ComponentName("component"), mountPoint)), proc);
  }

  @AfterEach
  void unmountAll() throws Exception {
    while (mounts.table().at(mountPoint.toString()).isPresent()) {
      mounts.detach(mountPoint);
    }
  }

  private DeviceNumber mount(String name) throws Exception {
    return mount(name, Path.of("/bin/sleep"));
  }

  private DeviceNumber mount(String name, Path program) throws Exception {
    Path folder = Files.createDirectory(directory.resolve(name));
    Files.copy(
        program.toRealPath(),
        folder.resolve(String.valueOf(program.getFileName())),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(folder.resolve("data"), name);
    Path image = HostNeeds.erofs(directory.resolve(name + ".img"), folder);
    try (LoopDevice loop = loops.attach(image)) {
      mounts.mountErofs(loop.path(), mountPoint);
      return loop.number();
    }
  }

  private List<OldCode> seen(ProcessBuilder command) throws Exception {
    return seen(command, process -> isSeen(process));
  }

  private boolean isSeen(Process process) {
    try {
      return table.usersOfDevices(Set.of(old)).stream().anyMatch(one -> one.pid() == process.pid());
    } catch (DeviceException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * What a process is seen to do with the old file system, once it is so far; it has ended on
   * return.
   */
  private List<OldCode> seen(ProcessBuilder command, Predicate<Process> isSoFar) throws Exception {
    Process process = command.redirectErrorStream(true).start();
    show(process);
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (!isSoFar.test(process) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      mount("patch");
      return table.oldCode().stream().filter(one -> one.pid() == process.pid()).toList();
    } finally {
      process.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
    }
  }

  /** The host may not let us look at its others. */
  private void show(Process process) throws IOException {
    String pid = Long.toString(process.pid());
    Files.createSymbolicLink(proc.resolve(pid), Path.of("/proc", pid));
  }

  @Test
  void oldCode_program_isSeen_untilItEnds() throws Exception {
    List<OldCode> users = seen(new ProcessBuilder(mountPoint.resolve("sleep").toString(), "600"));
    assertThat(users).hasSize(1);
    assertThat(users.get(0).how()).contains("maps").contains("sleep");
    assertThat(users.get(0).name()).isEqualTo("sleep");
    assertThat(users.get(0).ancestors()).containsExactly((int) ProcessHandle.current().pid());
    assertThat(table.oldCode()).isEmpty();
  }

  /** Everybody sees it mounted; who uses it is told, though it is not old yet. */
  @Test
  void usersOf_whatIsMounted_isTold() throws Exception {
    Set<ComponentName> component = Set.of(new ComponentName("component"));
    Process user = new ProcessBuilder(mountPoint.resolve("sleep").toString(), "600").start();
    Process other = new ProcessBuilder("sleep", "600").start();
    show(user);
    show(other);
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (table.usersOf(component).isEmpty() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(table.usersOf(component))
          .extracting(OldCode::pid)
          .containsExactly((int) user.pid());
      assertThat(table.usersOf(Set.of(new ComponentName("unknown")))).isEmpty();
      assertThat(table.oldCode()).isEmpty();
    } finally {
      user.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
      other.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
    }
  }

  @Test
  void oldCode_openFile_isSeen() throws Exception {
    List<OldCode> users =
        seen(new ProcessBuilder("sleep", "600").redirectInput(mountPoint.resolve("data").toFile()));
    assertThat(users).hasSize(1);
    assertThat(users.get(0).how()).isEqualTo("has " + mountPoint + "/data open");
  }

  @Test
  void oldCode_workingDirectory_isSeen() throws Exception {
    List<OldCode> users = seen(new ProcessBuilder("sleep", "600").directory(mountPoint.toFile()));
    assertThat(users).hasSize(1);
    assertThat(users.get(0).how()).isEqualTo("has it as its cwd");
  }

  /** What proc shows of such a process is what its first thread has: nothing. */
  @Test
  void oldCode_firstThreadHasEnded_isSeenByTheOthers() throws Exception {
    Path source =
        Files.writeString(
            directory.resolve("headless.c"),
            """
            #include <pthread.h>
            #include <unistd.h>
            static void *work(void *none) { for (;;) pause(); return none; }
            int main(void) {
              pthread_t thread;
              pthread_create(&thread, 0, work, 0);
              pthread_exit(0);
            }
            """);
    Path program = directory.resolve("headless");
    Process compiler =
        new ProcessBuilder("gcc", "-pthread", "-o", program.toString(), source.toString()).start();
    assertThat(compiler.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    old = mount("base2", program);
    List<OldCode> users =
        seen(new ProcessBuilder(mountPoint.resolve("headless").toString()), this::hasNoMaps);
    assertThat(users).hasSize(1);
    assertThat(users.get(0).how()).contains("maps").contains("headless");
  }

  private boolean hasNoMaps(Process process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/maps")).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  /** It would find the old files when it opens them: it does not see what was mounted since. */
  @Test
  void oldCode_nameSpaceOfItsOwn_isSeen() throws Exception {
    List<OldCode> users =
        seen(new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sleep", "600"));
    assertThat(users).hasSize(1);
    assertThat(users.get(0).how()).isEqualTo("sees it mounted at " + mountPoint);
  }

  /** In our own name space as well: who opens it there is on old code. */
  @Test
  void oldCode_mountedElsewhere_isSeen() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    run("mount", "--bind", mountPoint.toString(), elsewhere.toString());
    try {
      List<OldCode> users = seen(new ProcessBuilder("sleep", "600"), process -> true);
      assertThat(users).hasSize(1);
      assertThat(users.get(0).how()).isEqualTo("sees it mounted at " + elsewhere);
    } finally {
      run("umount", elsewhere.toString());
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue())
        .as(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isZero();
  }

  /** A process that is there and cannot be looked at is not clean. */
  @Test
  void user_thatCannotBeRead_isAFailure() throws Exception {
    Path process = Files.createDirectories(proc.resolve("77/task/77"));
    Files.writeString(process.resolve("stat"), "77 (hidden) S 1 77 77 0 -1");
    Files.writeString(proc.resolve("77/stat"), "77 (hidden) S 1" + " 0".repeat(17) + " 9000 0");
    Files.createDirectory(proc.resolve("77/maps")); // Reading a directory is refused.
    assertThatThrownBy(() -> table.usersOfDevices(Set.of(old)))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.KERNEL_CALL_FAILED))
        .hasMessageContaining("77");
    Files.writeString(process.resolve("stat"), "77 (hidden) Z 1 77 77 0 -1");
    assertThat(table.usersOfDevices(Set.of(old))).isEmpty();
  }

  @Test
  void oldCode_whatIsMountedNow_isNotOld() throws Exception {
    Process process = new ProcessBuilder(mountPoint.resolve("sleep").toString(), "600").start();
    show(process);
    try {
      assertThat(table.oldCode()).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  private static OldCode told(Process process) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    return new OldCode(
        (int) process.pid(),
        List.of(1),
        "sleep",
        "maps it",
        Optional.empty(),
        ProcessTable.start(stat));
  }

  @Test
  void signal_endsAProcess_oneThatIsGoneIsFine() throws Exception {
    ProcessTable real = new ProcessTable(new OldDevices(new Mounts(), Map.of()));
    for (Processes.Signal signal : Processes.Signal.values()) {
      Process process = new ProcessBuilder("sleep", "600").start();
      OldCode told = told(process);
      real.signal(told, signal);
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + (signal == Processes.Signal.KILL ? 9 : 15));
      real.signal(told, signal);
    }
  }

  /** Its number may be another's by now: what was started at another time is somebody else. */
  @Test
  void signal_anotherProcessOfTheNumber_getsNone() throws Exception {
    ProcessTable real = new ProcessTable(new OldDevices(new Mounts(), Map.of()));
    Process process = new ProcessBuilder("sleep", "600").start();
    try {
      OldCode told = told(process);
      real.signal(
          new OldCode(told.pid(), List.of(1), "p", "maps", Optional.empty(), told.start() - 1),
          Processes.Signal.KILL);
      real.signal(
          new OldCode(told.pid(), List.of(1), "p", "maps"), Processes.Signal.KILL); // No start.
      assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void signal_ofTheAgent_isNotSent() throws Exception {
    ProcessTable real = new ProcessTable(new OldDevices(new Mounts(), Map.of()));
    long own = ProcessHandle.current().pid();
    String stat = Files.readString(Path.of("/proc", Long.toString(own), "stat"));
    assertThat(real.agent().pid()).isEqualTo((int) own);
    real.signal(
        new OldCode((int) own, List.of(1), "p", "maps", Optional.empty(), ProcessTable.start(stat)),
        Processes.Signal.KILL);
  }

  @Test
  void start_nameOfAnyKind_isNotMistaken() {
    String behind = " S 7" + " 0".repeat(17) + " 4711 0 0";
    assertThat(ProcessTable.start("12 (a) b (c))" + behind)).isEqualTo(4711);
    assertThatThrownBy(() -> ProcessTable.start("12 (a) S 7 0"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parent_nameOfAnyKind_isNotMistaken() {
    assertThat(ProcessTable.parent("12 (a) b (c)) S 7 12 12 0 -1")).isEqualTo(7);
    assertThatThrownBy(() -> ProcessTable.parent("12 (a"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
