package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What tests of real kernel parts need of the host; without it they fail and say what to do. */
public final class HostNeeds {
  private HostNeeds() {}

  static void root() throws IOException {
    Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertThat(uid).as("user id: this test needs root (loop devices, mount)").isEqualTo(0);
  }

  /** Fails if loop devices cannot be made here. */
  public static void loopDevices() throws IOException {
    root();
    assertThat(Path.of("/dev/loop-control"))
        .as("loop devices: this test needs a kernel with the module loop")
        .exists();
  }

  /** An uncompressed EROFS image of a folder. */
  public static Path erofs(Path image, Path folder) throws Exception {
    Path log = Files.createTempFile(folder.toAbsolutePath().getParent(), "mkfs", ".log");
    try {
      Process process =
          new ProcessBuilder(List.of("mkfs.erofs", "-T0", image.toString(), folder.toString()))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } catch (IOException e) {
      fail("mkfs.erofs: this test needs the package erofs-utils (./setup installs it)", e);
    }
    return image;
  }
}
