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
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileServicesTest {
  private static final int SECONDS = 60;

  @TempDir Path directory;

  private PidFileServices services(String... restart) {
    return new PidFileServices(
        List.of(
            new DeviceConfig.Service("store", pidFile("store").toString(), List.of(), 5),
            new DeviceConfig.Service("web", pidFile("web").toString(), List.of(restart), 7)));
  }

  private Path pidFile(String name) {
    return directory.resolve(name + ".pid");
  }

  private static OldCode process(int pid, Integer... ancestors) {
    return new OldCode(pid, List.of(ancestors), "p", "maps it");
  }

  @Test
  void inOrder_isTheConfiguration() {
    assertThat(services().inOrder())
        .containsExactly(new Services.Service("store", 5_000), new Services.Service("web", 7_000));
  }

  @Test
  void of_firstProcessAndDescendants_belongToIt() throws IOException {
    Files.writeString(pidFile("web"), "812\n");
    assertThat(services().of(process(812, 1)).orElseThrow().name()).isEqualTo("web");
    assertThat(services().of(process(900, 850, 812, 1)).orElseThrow().name()).isEqualTo("web");
    assertThat(services().of(process(81, 1))).isEmpty();
  }

  @Test
  void of_pidFileThatNamesNobody_isNoService() throws IOException {
    assertThat(services().of(process(812, 1))).isEmpty();
    for (String content : List.of("", "\n", "x", "0", "1", "-5", "99999999999", "812 813")) {
      Files.writeString(pidFile("web"), content);
      assertThat(services().of(process(812, 1))).as(content).isEmpty();
    }
    Files.writeString(pidFile("web"), "8".repeat(100));
    assertThat(services().of(process(812, 1))).isEmpty();
  }

  /** The file is the service's own: it may be anything. */
  @Test
  void of_pidFileOfAnotherKind_isNoService_andNothingWaits() throws Exception {
    for (String target : List.of("/dev/zero", "/dev/null", directory.toString())) {
      Files.createSymbolicLink(pidFile("web"), Path.of(target));
      assertThat(services().of(process(812, 1))).as(target).isEmpty();
      Files.delete(pidFile("web"));
    }
    Process mkfifo = new ProcessBuilder("mkfifo", pidFile("web").toString()).start();
    assertThat(mkfifo.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(services().of(process(812, 1))).isEmpty();
  }

  @Test
  void of_pidFileThatNamesTheAgent_isNoService() throws IOException {
    int own = (int) ProcessHandle.current().pid();
    Files.writeString(pidFile("web"), Integer.toString(own));
    assertThat(services().of(process(own, 1))).isEmpty();
  }

  @Test
  void restart_withoutCommand_asksTheFirstProcessToEnd() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(pidFile("store"), sleep.pid() + "\n");
      services().restart(services().inOrder().get(0));
      assertThat(sleep.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(sleep.exitValue()).isEqualTo(128 + 15);
    } finally {
      sleep.destroyForcibly();
    }
  }

  @Test
  void restart_ofOneThatDoesNotRun_isNothing() throws DeviceException {
    services().restart(services().inOrder().get(0));
  }

  @Test
  void restart_withCommand_runsIt() throws Exception {
    Path trace = directory.resolve("trace");
    PidFileServices services = services("cp", "/dev/null", trace.toString());
    services.restart(services.inOrder().get(1));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!Files.exists(trace) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(trace).exists();
  }

  @Test
  void restart_commandThatIsMissing_saysWhich() {
    PidFileServices services = services("/nowhere/restart-web");
    assertThatThrownBy(() -> services.restart(services.inOrder().get(1)))
        .isInstanceOfSatisfying(
            DeviceException.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.KERNEL_CALL_FAILED))
        .hasMessageContaining("restart web by [/nowhere/restart-web]");
  }
}
