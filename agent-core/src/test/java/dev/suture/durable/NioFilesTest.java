package dev.suture.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.SutureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NioFilesTest extends DurableFilesContract {
  @TempDir Path root = Path.of("");

  @Override
  DurableFiles files() {
    return new NioFiles(root);
  }

  @Test
  void createAndMakeDirectory_onlyTheirOwnerMayLook() throws SutureException, IOException {
    files().makeDirectory("d/e");
    files().create("d/e/x").close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("d"))))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("d/e"))))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("d/e/x"))))
        .isEqualTo("rw-------");
  }

  @Test
  void progress_isShownByEveryPieceAndFlush() throws SutureException {
    AtomicInteger shown = new AtomicInteger();
    DurableFiles files = new NioFiles(root, shown::incrementAndGet);
    try (WritableFile file = files.create("x")) {
      file.write(0, new byte[2], 0, 2);
      file.write(2, new byte[2], 0, 2);
      file.sync();
    }
    assertThat(shown).hasValue(3);
    try (ReadableFile file = files.open("x")) {
      file.read(0, new byte[4], 0, 4);
    }
    assertThat(shown).hasValue(4);
  }

  @Test
  void symbolicLink_isNotFollowed() throws IOException {
    Path outside = Files.createFile(root.resolve("outside"));
    Files.createSymbolicLink(root.resolve("link"), outside);
    assertThatThrownBy(() -> files().read("link", 10)).isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> files().open("link")).isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> files().reopen("link")).isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> files().create("link")).isInstanceOf(DeviceException.class);
  }

  /** An agent that died behind mkdir leaves a directory whose name nobody has made durable. */
  @Test
  void makeDirectory_isThereAlready_itsNameIsSyncedAllTheSame() {
    // No directory of /proc can be synced, which shows that somebody tried.
    assertThatThrownBy(() -> new NioFiles(Path.of("/proc/self")).makeDirectory("fd"))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.explanation()).startsWith("sync directory"));
  }
}
