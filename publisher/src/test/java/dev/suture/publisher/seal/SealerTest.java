package dev.suture.publisher.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.trust.seal.Unsealer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SealerTest {
  private static final String PATH = "payloads/26.3.1/chromium.delta.sealed";

  @TempDir private Path temp;
  private Path plain;
  private Path sealed;

  @BeforeEach
  void names() {
    plain = temp.resolve("plain");
    sealed = temp.resolve("sealed");
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private byte[] opened(SealedFile file, SealKey key) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (InputStream in = Files.newInputStream(sealed)) {
      Unsealer.open(file, key, in, out::write);
    }
    return out.toByteArray();
  }

  private static Problem problemOf(Callable<?> action) {
    return catchThrowableOfType(PublisherException.class, action::call).problem();
  }

  private List<String> files() throws Exception {
    try (Stream<Path> all = Files.list(temp)) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void seal_ofAnyLength_isOpenedByTheDevice() throws Exception {
    int whole = SealedFile.SEGMENT_BYTES - SealedFile.HEADER_BYTES - SealedFile.TAG_BYTES;
    for (int length : new int[] {0, 1, whole, whole + 1, 300_000}) {
      byte[] content = random(length);
      Files.write(plain, content);
      Files.deleteIfExists(sealed);

      Sealer.Sealed made = Sealer.seal(plain, PATH, sealed);

      assertThat(made.file().file().path()).isEqualTo(PATH);
      assertThat(made.file().file().bytes()).isEqualTo(Files.size(sealed));
      assertThat(made.file().file().sha256()).isEqualTo(Sha256.of(Files.readAllBytes(sealed)));
      assertThat(made.file().plainBytes()).isEqualTo(length);
      assertThat(opened(made.file(), made.key())).isEqualTo(content);
      assertThat(files()).containsExactly("plain", "sealed");
    }
  }

  @Test
  void seal_twice_givesOtherKeysAndOtherBytes() throws Exception {
    Files.write(plain, random(1_000));
    Sealer.Sealed one = Sealer.seal(plain, PATH, sealed);
    Sealer.Sealed other = Sealer.seal(plain, PATH, temp.resolve("other"));

    assertThat(one.key()).isNotEqualTo(other.key());
    assertThat(Files.mismatch(sealed, temp.resolve("other"))).isBetween(1L, 40L);
    assertThatThrownBy(() -> opened(one.file(), other.key()))
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.SEAL_INVALID));
  }

  @Test
  void seal_ofWhatCannotBe_writesNothing() throws Exception {
    assertThat(problemOf(() -> Sealer.seal(plain, PATH, sealed)))
        .isEqualTo(Problem.INPUT_UNREADABLE);
    Files.write(plain, random(10));
    for (String path : List.of("", "/a", "../a", "a b", "a\nb", "x".repeat(201))) {
      assertThat(problemOf(() -> Sealer.seal(plain, path, sealed)))
          .as(path)
          .isEqualTo(Problem.INPUT_MALFORMED);
    }
    assertThat(problemOf(() -> Sealer.seal(plain, PATH, temp.resolve("nowhere/sealed"))))
        .isEqualTo(Problem.STORAGE_FAILED);
    assertThat(files()).containsExactly("plain");
  }

  @Test
  void seal_toANameThatIsTaken_leavesTheOtherFile() throws Exception {
    Files.write(plain, random(10));
    Files.writeString(sealed, "before");

    assertThat(problemOf(() -> Sealer.seal(plain, PATH, sealed))).isEqualTo(Problem.STORAGE_FAILED);

    assertThat(sealed).hasContent("before");
    assertThat(files()).containsExactly("plain", "sealed");
  }

  @Test
  void keyFile_isForItsOwnerAloneAndReadBack() throws Exception {
    Files.write(plain, random(10));
    Sealer.Sealed made = Sealer.seal(plain, PATH, sealed);
    Path file = temp.resolve("sealed.key");
    SealKeyFile key =
        new SealKeyFile(
            "model",
            new Baseline("26.1"),
            new Level("a"),
            new FileRef("targets/levels/m", 1, Sha256.of(new byte[1])),
            made.file(),
            made.key());

    key.store(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(SealKeyFile.load(file)).isEqualTo(key);
    assertThat(key.toString()).doesNotContain(made.key().toHex());
    assertThat(catchThrowableOfType(PublisherException.class, () -> key.store(file)))
        .hasMessageNotContaining(made.key().toHex());
    Files.writeString(
        file, Files.readString(file).replace(made.key().toHex(), "x" + made.key().toHex()));
    PublisherException malformed =
        catchThrowableOfType(PublisherException.class, () -> SealKeyFile.load(file));
    assertThat(malformed.problem()).isEqualTo(Problem.KEYS_MALFORMED);
    assertThat(malformed).hasMessageNotContaining(made.key().toHex());
    assertThat(malformed.details().got()).doesNotContain(made.key().toHex());
  }
}
