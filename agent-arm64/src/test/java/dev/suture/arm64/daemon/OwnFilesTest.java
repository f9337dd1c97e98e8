package dev.suture.arm64.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnFilesTest {
  private static final int LIMIT = 100;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void file() throws Exception {
    file = directory.resolve("agent.json");
    Files.writeString(file, "content");
    mode(file, "rw-r--r--");
  }

  private static void mode(Path path, String permissions) throws Exception {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private void assertRefused(Path read, String... texts) {
    assertThatThrownBy(() -> OwnFiles.read(read, LIMIT))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.CONFIG_INVALID))
        .hasMessageContainingAll(texts);
  }

  @Test
  void read_ofAFileThatOnlyItsOwnerWrites_givesItsBytes() throws Exception {
    for (String permissions : new String[] {"rw-r--r--", "rw-------", "r--r--r--", "rwxr-xr-x"}) {
      mode(file, permissions);
      assertThat(OwnFiles.read(file, LIMIT)).asString().isEqualTo("content");
    }
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertThat(OwnFiles.read(link, LIMIT)).asString().isEqualTo("content");
  }

  @Test
  void read_ofAFileThatOthersWrite_isRefused() throws Exception {
    mode(file, "rw-rw-r--");
    assertRefused(file, file + ": expected", "such as 0644, got 0664");
    mode(file, "rw-----w-");
    assertRefused(file, "such as 0600, got 0602");
    // The link's own mode says nothing.
    assertRefused(
        Files.createSymbolicLink(directory.resolve("link"), file), "such as 0600, got 0602");
  }

  @Test
  void read_inAFolderThatOthersWrite_isRefused() throws Exception {
    mode(directory, "rwxrwx---");
    assertRefused(file, directory + ": expected", "such as 0750, got 0770");
    assertThatThrownBy(() -> OwnFiles.requireFolder(directory))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("0770");
    mode(directory, "rwxr-xr-x");
    OwnFiles.requireFolder(directory);
  }

  @Test
  void read_ofWhatIsNoSuchFile_isRefused() throws Exception {
    assertRefused(directory.resolve("missing"), "missing: expected a readable file", "ENOENT");
    assertRefused(directory, "expected a regular file");
    assertThatThrownBy(() -> OwnFiles.requireFolder(directory.resolve("missing")))
        .isInstanceOf(DeviceException.class);
  }

  @Test
  void read_ofTheLongest_isAccepted_andOfMore_isRefused() throws Exception {
    Files.writeString(file, "x".repeat(LIMIT));
    assertThat(OwnFiles.read(file, LIMIT)).hasSize(LIMIT);
    Files.writeString(file, "x".repeat(LIMIT + 1));
    assertRefused(file, "expected at most 100 bytes, got more");
    Files.writeString(file, "");
    assertThat(OwnFiles.read(file, LIMIT)).isEmpty();
  }

  @Test
  void owner_otherThanRootOrSelf_isRefused() throws Exception {
    OwnFiles.requireOwner(file, 0, 1_000);
    OwnFiles.requireOwner(file, 1_000, 1_000);
    assertThatThrownBy(() -> OwnFiles.requireOwner(file, 1_001, 1_000))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("agent.json: expected an owner of user 0 or 1000, got user 1001");
    assertThatThrownBy(() -> OwnFiles.requireOwner(file, 1_001, 0))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("expected an owner of user 0, got user 1001");
  }
}
