package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file as a disk with sectors of 4096 bytes, as UFS has them. */
record LargeSectors(Path device) implements AutoCloseable {
  static LargeSectors of(Path file) throws IOException {
    HostNeeds.loopDevices();
    return new LargeSectors(
        Path.of(losetup("--find", "--show", "--sector-size", "4096", file.toString())));
  }

  @Override
  public void close() throws IOException {
    losetup("--detach", device.toString());
  }

  private static String losetup(String... arguments) throws IOException {
    String[] command = new String[arguments.length + 1];
    command[0] = "losetup";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said;
    try (InputStream output = process.getInputStream()) {
      said = new String(output.readAllBytes(), StandardCharsets.UTF_8).trim();
    }
    assertThat(process.onExit().join().exitValue()).as(said).isZero();
    return said;
  }
}
