package dev.suture.publisher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NewFileTest {
  private static final String ID = "0b0e1f9a-5c55-4b6e-8a58-6f3f6d5f0c11";

  @TempDir private Path temp;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void write_nameIsTaken_refusedUntouchedAndNothingIsLeft() throws Exception {
    Path file = temp.resolve("key");
    NewFile.write(file, bytes("one"), NewFile.OWNER_ONLY);
    assertThatThrownBy(() -> NewFile.write(file, bytes("two"), NewFile.PUBLIC))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).hasContent("one");
    assertThat(permissions(file)).isEqualTo("rw-------");
    Files.createSymbolicLink(temp.resolve("link"), temp.resolve("nowhere"));
    assertThatThrownBy(() -> NewFile.write(temp.resolve("link"), bytes("two"), NewFile.PUBLIC))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(names()).containsExactly("key", "link");
  }

  @Test
  void write_secondNamesOfAnEarlierRun_areTakenAwayAndNothingElse() throws Exception {
    Files.writeString(temp.resolve("key"), "key");
    Files.createLink(temp.resolve(".key." + ID), temp.resolve("key"));
    Files.createLink(temp.resolve(".key.by-hand"), temp.resolve("key"));
    Files.createLink(temp.resolve(".other." + ID), temp.resolve("key"));
    Files.writeString(temp.resolve(".at-work." + ID), "the writer lives");
    Files.writeString(temp.resolve("link"), "itself");
    Files.createSymbolicLink(temp.resolve(".link." + ID), temp.resolve("link"));

    NewFile.write(temp.resolve("new"), bytes("new"), NewFile.PUBLIC);

    assertThat(names())
        .containsExactlyInAnyOrder(
            "key", ".key.by-hand", ".other." + ID, ".at-work." + ID, "link", ".link." + ID, "new");
    assertThat(temp.resolve("key")).hasContent("key");
  }

  @Test
  void replace_fileOrLink_isTheNewFileForEverybodyToRead() throws Exception {
    Path other = Files.writeString(temp.resolve("other"), "other");
    Path file = Files.createSymbolicLink(temp.resolve("file"), other);
    NewFile.replace(file, bytes("one"));
    NewFile.replace(file, bytes("two"));
    assertThat(file).hasContent("two");
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(permissions(file)).isEqualTo("rw-r--r--");
    assertThat(other).hasContent("other");
    assertThat(names()).containsExactly("file", "other");
  }

  @Test
  void replace_makingFails_leavesWhatWasThereAndNothingElse() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "before");
    assertThatThrownBy(
            () ->
                NewFile.<Path, IOException>replace(
                    file,
                    aside -> {
                      Files.writeString(aside, "half");
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(file).hasContent("before");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void make_missingParents_allHaveThePermissionsAndWhatIsThereKeepsIts() throws Exception {
    Path there = Files.createDirectory(temp.resolve("there"));
    String before = permissions(there);
    Folders.make(there.resolve("a/b"), Folders.OWNER_ONLY);
    assertThat(permissions(there.resolve("a"))).isEqualTo("rwx------");
    assertThat(permissions(there.resolve("a/b"))).isEqualTo("rwx------");
    Folders.make(there.resolve("c"), Folders.PUBLIC);
    assertThat(permissions(there.resolve("c"))).isEqualTo("rwxr-xr-x");
    Folders.make(there, Folders.OWNER_ONLY);
    assertThat(permissions(there)).isEqualTo(before);
  }

  @Test
  void make_fileInItsPlace_fails() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThatThrownBy(() -> Folders.make(file)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Folders.make(file.resolve("below"), Folders.PUBLIC))
        .isInstanceOf(IOException.class);
  }
}
