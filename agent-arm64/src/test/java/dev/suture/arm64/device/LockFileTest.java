package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.slot.RecordLock;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {
  @TempDir Path directory;

  /** The lock of util-linux is that of fw_setenv. */
  private int flock(Path path) throws Exception {
    Process process = new ProcessBuilder("flock", "-n", path.toString(), "true").start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void acquire_held_keepsOthersOutUntilItIsClosed() throws Exception {
    Path path = directory.resolve("fw_printenv.lock");
    LockFile lock = new LockFile(path);
    RecordLock.Held held = lock.acquire();
    assertThat(flock(path)).isEqualTo(1);
    held.close();
    assertThat(flock(path)).isZero();
    lock.acquire().close();
  }

  @Test
  void acquire_othersHoldIt_isNotWaitedForForEver() throws Exception {
    Path path = directory.resolve("fw_printenv.lock");
    RecordLock.Held held = new LockFile(path).acquire();
    assertThatThrownBy(() -> new LockFile(path).acquire())
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("somebody else holds it");
    held.close();
  }

  @Test
  void acquire_noSuchFolder_saysSo() {
    assertThatThrownBy(() -> new LockFile(directory.resolve("none/lock")).acquire())
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("lock " + directory);
  }
}
