package dev.suture.arm64.daemon;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd itself says of our units, and the gate between the agent and the services. */
class SystemdUnitsTest {
  private static final Path OURS = Path.of("src/systemd").toAbsolutePath();
  private static final Path DEBIANS = Path.of("/lib/systemd/system");
  private static final String UNITS = "usr/lib/systemd/system";

  /** What would make a mount name space: nobody would see the agent's mounts. */
  private static final List<String> NAME_SPACES =
      List.of(
          "PrivateTmp",
          "PrivateDevices",
          "PrivateMounts",
          "PrivateUsers",
          "MountFlags",
          "ProtectSystem",
          "ProtectHome",
          "ProtectProc",
          "ProcSubset",
          "ProtectKernelTunables",
          "ProtectKernelModules",
          "ProtectKernelLogs",
          "ProtectControlGroups",
          "ReadOnlyPaths",
          "ReadWritePaths",
          "InaccessiblePaths",
          "ExecPaths",
          "NoExecPaths",
          "BindPaths",
          "BindReadOnlyPaths",
          "TemporaryFileSystem",
          "RootDirectory",
          "RootImage",
          "DynamicUser",
          "LoadCredential",
          "PrivateIPC");

  @TempDir Path directory;

  @Test
  void units_systemdFindsNothingWrong() throws Exception {
    Path units = Files.createDirectories(directory.resolve(UNITS));
    copy(OURS, units);
    copy(DEBIANS, units);
    Path programs = Files.createDirectories(directory.resolve("usr/lib/suture"));
    for (String program : List.of("suture-agent", "components-gate")) {
      Files.setPosixFilePermissions(
          Files.createFile(programs.resolve(program)),
          PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    assertThat(
            run(
                "systemd-analyze",
                "verify",
                "--root=" + directory,
                "--man=no",
                "suture-agent.service",
                "suture-components.target",
                "suture-components-gate.service"))
        .as("a key that systemd does not know is only a line of its output")
        .isEqualTo(List.of("0"));
  }

  @Test
  void agentUnit_makesNoMountNameSpace() throws IOException {
    for (String line : Files.readAllLines(OURS.resolve("suture-agent.service"))) {
      assertThat(NAME_SPACES).as(line).doesNotContain(line.replaceFirst("=.*", ""));
    }
  }

  @Test
  void gate_nobodyMounts_opensAtOnce() throws Exception {
    assertThat(run(OURS.resolve("components-gate").toString(), directory.toString()))
        .containsExactly("0");
    assertThat(directory.resolve("services-started")).exists();
  }

  @Test
  void gate_agentMounts_waitsForIt() throws Exception {
    ServicesGate agent = new ServicesGate(directory);
    assertThat(agent.close()).isEqualTo(ServicesGate.Passage.MOUNT);
    Process gate =
        new ProcessBuilder(OURS.resolve("components-gate").toString(), directory.toString())
            .redirectErrorStream(true)
            .start();
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!Files.exists(directory.resolve("services-started"))) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(gate.isAlive()).isTrue();

      agent.open();

      assertThat(gate.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(gate.exitValue()).isZero();
      assertThat(agent.close()).isEqualTo(ServicesGate.Passage.TOO_LATE);
    } finally {
      gate.destroyForcibly();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(String.valueOf(file.getFileName()));
        if (file.toString().matches(".*\\.(service|target|slice|mount|socket)")
            && !Files.exists(target)
            && Files.isRegularFile(file)) {
          Files.copy(file, target);
        }
      }
    }
  }

  /** Its lines, and at the end its exit code. */
  private static List<String> run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().collect(toCollection(ArrayList::new));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    lines.add(Integer.toString(process.exitValue()));
    return lines;
  }
}
