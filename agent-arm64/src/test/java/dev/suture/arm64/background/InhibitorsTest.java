package dev.suture.arm64.background;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.agent.DeviceConfig;
import dev.suture.background.BackgroundLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, as the agent does: only root's directory and programs count. */
class InhibitorsTest {
  private static final int STRANGER = 12_345;

  @TempDir Path root;

  private Optional<String> held(Optional<Path> directory, String... command) {
    return new Inhibitors(
            new DeviceConfig.Background(
                BackgroundLimits.NONE,
                directory.map(Path::toString),
                command.length == 0 ? Optional.empty() : Optional.of(List.of(command)),
                false))
        .held();
  }

  private Optional<String> heldBySystemd(boolean isAsked, String program) {
    return new Inhibitors(
            new DeviceConfig.Background(
                BackgroundLimits.NONE, Optional.empty(), Optional.empty(), isAsked),
            new SystemdInhibitors(program, root))
        .held();
  }

  private Path directory() throws IOException {
    Path directory = Files.createDirectories(root.resolve("inhibit.d"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return directory;
  }

  @Test
  void held_nothingConfigured_nobody() {
    assertThat(held(Optional.empty())).isEmpty();
  }

  @Test
  void held_directory_theFirstByName() throws IOException {
    Path directory = directory();
    assertThat(held(Optional.of(root.resolve("none")))).isEmpty();
    assertThat(held(Optional.of(directory))).isEmpty();
    Files.createFile(directory.resolve("recording"));
    Files.createFile(directory.resolve("dialysis\n\u001b[31m"));
    assertThat(held(Optional.of(directory))).contains("inhibitor dialysis??[31m is held");
    Files.delete(directory.resolve("dialysis\n\u001b[31m"));
    assertThat(held(Optional.of(directory))).contains("inhibitor recording is held");
    Files.delete(directory.resolve("recording"));
    assertThat(held(Optional.of(directory))).isEmpty();
  }

  /** What others could fill decides nothing in silence: whoever set the device up sees it. */
  @Test
  void held_directoryThatOthersMayWrite_holdsAndSaysSo() throws IOException {
    Path directory = directory();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(held(Optional.of(directory)))
        .contains(
            "inhibitors cannot be told, "
                + directory
                + ": expected a mode in which only root may write, such as 0755, got 0777");
    directory();
    Files.setAttribute(directory, "unix:uid", STRANGER);
    assertThat(held(Optional.of(directory)).orElseThrow()).contains("got user 12345");
    Files.createFile(root.resolve("file"));
    assertThat(held(Optional.of(root.resolve("file"))).orElseThrow()).contains("a directory");
    Files.createSymbolicLink(root.resolve("link"), root);
    assertThat(held(Optional.of(root.resolve("link"))).orElseThrow()).contains("a directory");
  }

  @Test
  void held_command_isAskedAndItsExitCodeIsTheReason() {
    assertThat(held(Optional.empty(), "/bin/true")).isEmpty();
    assertThat(held(Optional.empty(), "/bin/false")).contains("/bin/false holds, exit code 1");
    assertThat(held(Optional.empty(), "/bin/sh", "-c", "echo busy; echo a film; exit 3"))
        .contains("/bin/sh holds, exit code 3");
    assertThat(held(Optional.empty(), "/bin/sh", "-c", "kill -9 $$").orElseThrow())
        .contains("exit code 137");
  }

  @Test
  void held_commandThatIsNotThere_holds() {
    assertThat(held(Optional.empty(), "/no/such/program").orElseThrow())
        .startsWith("inhibitors cannot be told: ")
        .contains("/no/such/program");
  }

  @Test
  void held_systemd_isAskedOnlyIfItIsConfigured() {
    assertThat(heldBySystemd(false, "/no/such/busctl")).isEmpty();
    assertThat(heldBySystemd(true, "/no/such/busctl").orElseThrow())
        .startsWith("systemd's inhibitors cannot be told: busctl: expected exit code 0, got 127")
        .contains("/no/such/busctl");
  }
}
