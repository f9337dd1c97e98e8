package dev.suture.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every {@link DurableFiles} does, the real one and the simulated one. */
abstract class DurableFilesContract {
  /** An empty root. */
  abstract DurableFiles files();

  private void write(String path, int... bytes) throws SutureException {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    try (WritableFile file = files().create(path)) {
      file.write(0, content, 0, content.length);
      file.sync();
    }
  }

  private byte[] read(String path) throws SutureException {
    return files().read(path, 1_000).orElseThrow();
  }

  private static void assertStorageIo(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO));
  }

  @Test
  void read_noFile_isNothing() throws SutureException {
    assertThat(files().read("x", 10)).isEmpty();
    assertThat(files().read("d/x", 10)).isEmpty();
    assertThat(files().size("x")).isEqualTo(-1);
    assertThat(files().list("d")).isEmpty();
  }

  @Test
  void read_written_isTheContent() throws SutureException {
    write("x", 1, 2, 3);
    assertThat(read("x")).containsExactly(1, 2, 3);
    assertThat(files().size("x")).isEqualTo(3);
    assertThat(files().list("")).containsExactly("x");
  }

  @Test
  void read_longerThanAllowed_isRefused() throws SutureException {
    write("x", 1, 2, 3);
    assertThat(files().read("x", 3)).isPresent();
    assertStorageIo(() -> files().read("x", 2));
  }

  @Test
  void read_emptyFile_isEmpty() throws SutureException {
    write("x");
    assertThat(files().read("x", 0)).hasValueSatisfying(content -> assertThat(content).isEmpty());
  }

  @Test
  void create_existing_isEmptied() throws SutureException {
    write("x", 1, 2, 3);
    files().create("x").close();
    assertThat(files().size("x")).isZero();
  }

  @Test
  void create_withoutItsDirectory_isRefused() {
    assertStorageIo(() -> files().create("missing/x"));
  }

  @Test
  void openAndReopen_noFile_isRefused() {
    assertStorageIo(() -> files().open("x"));
    assertStorageIo(() -> files().reopen("x"));
  }

  @Test
  void reopen_existing_keepsTheContent() throws SutureException {
    write("x", 1, 2, 3);
    try (WritableFile file = files().reopen("x")) {
      file.write(3, new byte[] {9, 4, 5, 9}, 1, 2);
    }
    assertThat(read("x")).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void reopen_written_isReadAtOnce() throws SutureException {
    write("x", 1, 2, 3);
    try (RewritableFile file = files().reopen("x")) {
      file.write(1, new byte[] {9}, 0, 1);
      byte[] target = new byte[3];
      assertThat(file.read(0, target, 0, 3)).isEqualTo(3);
      assertThat(target).containsExactly(1, 9, 3);
    }
  }

  @Test
  void truncate_shorterOrNot_keepsTheBeginning() throws SutureException {
    write("x", 1, 2, 3);
    try (RewritableFile file = files().reopen("x")) {
      file.truncate(3);
      assertThat(file.size()).isEqualTo(3);
      file.truncate(2);
      file.sync();
      assertThat(file.size()).isEqualTo(2);
      file.write(3, new byte[] {4}, 0, 1);
    }
    assertThat(read("x")).containsExactly(1, 2, 0, 4);
  }

  @Test
  void write_behindTheEnd_fillsWithZeros() throws SutureException {
    try (WritableFile file = files().create("x")) {
      file.write(2, new byte[] {7}, 0, 1);
      file.write(0, new byte[0], 0, 0);
    }
    assertThat(read("x")).containsExactly(0, 0, 7);
  }

  @Test
  void openRead_anywhere_givesWhatIsThere() throws SutureException {
    write("x", 1, 2, 3);
    try (ReadableFile file = files().open("x")) {
      byte[] target = new byte[5];
      assertThat(file.size()).isEqualTo(3);
      assertThat(file.read(1, target, 1, 4)).isEqualTo(2);
      assertThat(target).containsExactly(0, 2, 3, 0, 0);
      assertThat(file.read(3, target, 0, 5)).isZero();
      assertThat(file.read(100, target, 0, 5)).isZero();
      assertThat(file.read(0, target, 0, 1)).isEqualTo(1);
    }
  }

  @Test
  void rename_existingTarget_isReplaced() throws SutureException {
    write("x", 1);
    write("y", 2);
    files().rename("x", "y");
    assertThat(files().list("")).containsExactly("y");
    assertThat(read("y")).containsExactly(1);
  }

  @Test
  void rename_noFile_isRefused() {
    assertStorageIo(() -> files().rename("x", "y"));
  }

  @Test
  void delete_thereOrNot_isGone() throws SutureException {
    write("x", 1);
    files().delete("x");
    files().delete("x");
    assertThat(files().list("")).isEmpty();
  }

  @Test
  void makeDirectory_withParents_again_isThere() throws SutureException {
    files().makeDirectory("d/e");
    files().makeDirectory("d/e");
    write("d/e/x", 1);
    write("d/y", 2);
    assertThat(files().list("d")).containsExactly("e", "y");
    assertThat(files().list("d/e")).containsExactly("x");
    files().syncDirectory("d/e");
    files().syncDirectory("");
  }

  @Test
  void syncDirectory_noDirectory_isRefused() {
    assertStorageIo(() -> files().syncDirectory("missing"));
  }

  @Test
  void replace_again_isTheNewContent_andNothingIsLeft() throws SutureException {
    files().makeDirectory("d");
    AtomicFiles.replace(files(), "d/x", new byte[] {1});
    AtomicFiles.replace(files(), "d/x", new byte[] {2, 3});
    assertThat(read("d/x")).containsExactly(2, 3);
    assertThat(files().list("d")).containsExactly("x");
  }

  @Test
  void replace_leftOverAside_isWrittenOver() throws SutureException {
    write("x" + AtomicFiles.ASIDE, 1, 2, 3, 4);
    AtomicFiles.replace(files(), "x", new byte[] {5});
    assertThat(read("x")).containsExactly(5);
  }

  @Test
  void usableBytes_isMoreThanNothing() throws SutureException {
    assertThat(files().usableBytes()).isPositive();
  }
}
