package dev.suture.publisher.keys.role;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.publisher.NewFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class KeyFileTest {
  private static final byte[] BYTES = "what is signed".getBytes(UTF_8);
  private static final PassphraseSource NOT_ASKED =
      what -> {
        throw new AssertionError("asked for a passphrase of " + what);
      };

  /** A sealed key, made once: that takes a second. */
  private static final byte[] SEALED =
      KeyDocument.of(KeyType.ED25519.generate(), Optional.of(passphrase("x"))).encode();

  @TempDir private Path temp;

  private void write(byte[] content) throws Exception {
    Files.deleteIfExists(file().file());
    SafeFiles.writeNew(file().file(), content, NewFile.OWNER_ONLY);
  }

  private KeyFile file() {
    return new KeyFile(temp.resolve("keys/root"));
  }

  private static Passphrase passphrase(String text) {
    return Passphrase.of(text.getBytes(UTF_8));
  }

  private static PublisherException failure(Callable<?> action) {
    return catchThrowableOfType(PublisherException.class, action::call);
  }

  private static Problem problemOf(Callable<?> action) {
    return failure(action).problem();
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void generate_withoutPassphrase_loadsAndSigns(KeyType type) throws Exception {
    RoleSigner made = file().generate(type, Optional.empty());

    RoleSigner loaded = file().load(NOT_ASKED);

    assertThat(loaded.key()).isEqualTo(made.key());
    assertThat(loaded.key().scheme()).isEqualTo(type.word());
    assertThat(SignatureCheck.isSignedBy(made.key(), BYTES, loaded.sign(BYTES))).isTrue();
    assertThat(SignatureCheck.isSignedBy(made.key(), new byte[1], loaded.sign(BYTES))).isFalse();
    assertThat(permissions(file().file())).isEqualTo("rw-------");
    assertThat(permissions(file().publicFile())).isEqualTo("rw-r--r--");
    assertThat(permissions(temp.resolve("keys"))).isEqualTo("rwx------");
    assertThat(KeyFile.readPublic(file().publicFile())).isEqualTo(made.key());
    try (var names = Files.list(temp.resolve("keys"))) {
      assertThat(names.map(name -> name.getFileName().toString()))
          .containsExactlyInAnyOrder("root", "root.pub");
    }
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void generate_withPassphrase_opensWithThatOneOnly(KeyType type) throws Exception {
    RoleSigner made = file().generate(type, Optional.of(passphrase("correct horse")));

    assertThat(file().isSealed()).isTrue();
    assertThat(file().publicKey()).isEqualTo(made.key());
    RoleSigner loaded = file().load(what -> passphrase("correct horse\n"));
    assertThat(SignatureCheck.isSignedBy(made.key(), BYTES, loaded.sign(BYTES))).isTrue();
    PublisherException wrong = failure(() -> file().load(what -> passphrase("Correct horse")));
    assertThat(wrong.problem()).isEqualTo(Problem.PASSPHRASE_WRONG);
    assertThat(wrong).hasMessageNotContaining("orrect horse");
  }

  @Test
  void generate_withPassphrase_privateHalfIsNotInTheFile() throws Exception {
    SoftwareSigner signer = KeyType.ED25519.generate();
    KeyDocument document = KeyDocument.of(signer, Optional.of(passphrase("x")));
    assertThat(new String(document.content(), java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("typeUrl");
    assertThat(document.encode()).hasSizeLessThan(KeyDocument.BYTES_MAX);
  }

  @Test
  void generate_whereAnyFileIs_refusedAndNothingChanged() throws Exception {
    file().generate(KeyType.ED25519, Optional.empty());
    byte[] before = Files.readAllBytes(file().file());

    assertThat(problemOf(() -> file().generate(KeyType.ED25519, Optional.empty())))
        .isEqualTo(Problem.KEYS_EXIST);
    Files.delete(file().publicFile());
    assertThat(problemOf(() -> file().generate(KeyType.ED25519, Optional.empty())))
        .isEqualTo(Problem.KEYS_EXIST);

    assertThat(Files.readAllBytes(file().file())).isEqualTo(before);
    KeyFile other = new KeyFile(temp.resolve("keys/other"));
    Files.createSymbolicLink(other.file(), temp.resolve("nowhere"));
    assertThat(problemOf(() -> other.generate(KeyType.ED25519, Optional.empty())))
        .isEqualTo(Problem.KEYS_EXIST);
    assertThat(temp.resolve("nowhere")).doesNotExist();
  }

  @Test
  void load_exposedOrMissingOrLink_isRefused() throws Exception {
    assertThat(problemOf(() -> file().load(NOT_ASKED))).isEqualTo(Problem.KEYS_MISSING);
    file().generate(KeyType.ED25519, Optional.empty());
    for (String exposed : new String[] {"rw-r-----", "rw----r--", "rw--w----"}) {
      Files.setPosixFilePermissions(file().file(), PosixFilePermissions.fromString(exposed));
      assertThat(problemOf(() -> file().load(NOT_ASKED))).isEqualTo(Problem.KEYS_EXPOSED);
    }
    Files.setPosixFilePermissions(file().file(), PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(
        temp.resolve("keys"), PosixFilePermissions.fromString("rwxrwx---"));
    assertThat(problemOf(() -> file().load(NOT_ASKED))).isEqualTo(Problem.KEYS_EXPOSED);
    Files.setPosixFilePermissions(
        temp.resolve("keys"), PosixFilePermissions.fromString("rwx------"));
    Path link = Files.createSymbolicLink(temp.resolve("keys/link"), file().file());
    assertThat(problemOf(() -> new KeyFile(link).load(NOT_ASKED))).isEqualTo(Problem.KEYS_EXPOSED);
  }

  @Test
  void generate_powerFailedAsTheKeyHadTwoNames_runAgainLeavesOne() throws Exception {
    file().generate(KeyType.ED25519, Optional.empty());
    byte[] key = Files.readAllBytes(file().file());
    Path second = temp.resolve("keys/.root.0b0e1f9a-5c55-4b6e-8a58-6f3f6d5f0c11");
    Files.createLink(second, file().file());

    assertThat(problemOf(() -> file().generate(KeyType.ED25519, Optional.empty())))
        .isEqualTo(Problem.KEYS_EXIST);
    assertThat(second).doesNotExist();
    assertThat(Files.readAllBytes(file().file())).isEqualTo(key);

    Files.createLink(second, file().file());
    new KeyFile(temp.resolve("keys/other")).generate(KeyType.ED25519, Optional.empty());
    assertThat(second).doesNotExist();
  }

  @Test
  void load_cutOrChangedAnywhere_isRefusedWithoutAskingForThePassphrase() throws Exception {
    write(SEALED);
    byte[] good = SEALED;
    for (int length = 0; length < good.length - 1; length += 7) {
      Files.write(file().file(), java.util.Arrays.copyOf(good, length));
      assertThat(problemOf(() -> file().load(NOT_ASKED))).isEqualTo(Problem.KEYS_MALFORMED);
    }
    String text = new String(good, UTF_8);
    for (int at = 0; at < good.length; at++) {
      if (Character.isLetterOrDigit(text.charAt(at))) {
        byte[] changed = good.clone();
        changed[at] ^= 1;
        Files.write(file().file(), changed);
        assertThat(problemOf(() -> file().load(NOT_ASKED)))
            .as("byte %d", at)
            .isEqualTo(Problem.KEYS_MALFORMED);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "\"memory_kib\": 65536, \"memory_kib\": 262145",
    "\"memory_kib\": 65536, \"memory_kib\": 2147483647",
    "\"memory_kib\": 65536, \"memory_kib\": 31",
    "\"passes\": 3, \"passes\": 17",
    "\"passes\": 3, \"passes\": 0",
    "\"lanes\": 4, \"lanes\": 17",
    "\"lanes\": 4, \"lanes\": 0",
    "\"version\": 19, \"version\": 16",
    "argon2id, argon2i",
    "aes-256-gcm, aes-128-gcm",
    "ed25519, rsa"
  })
  void load_parametersOutOfBounds_isRefusedBeforeThePassphrase(String good, String bad)
      throws Exception {
    String text = new String(SEALED, UTF_8);
    assertThat(text).contains(good);
    write(text.replace(good, bad).getBytes(UTF_8));

    PublisherException refused = failure(() -> file().load(NOT_ASKED));

    assertThat(refused.problem()).isEqualTo(Problem.KEYS_MALFORMED);
    assertThat(refused.details().got()).doesNotContain("check");
  }

  @Test
  void load_longerThanTheLimit_isRefused() throws Exception {
    file().generate(KeyType.ED25519, Optional.empty());
    Files.write(file().file(), new byte[KeyDocument.BYTES_MAX + 1]);
    assertThat(problemOf(() -> file().load(NOT_ASKED))).isEqualTo(Problem.INPUT_UNREADABLE);
  }

  @Test
  void load_privateHalfOfAnotherKey_isRefused() throws Exception {
    KeyDocument one = KeyDocument.of(KeyType.ED25519.generate(), Optional.empty());
    KeyDocument other = KeyDocument.of(KeyType.ED25519.generate(), Optional.empty());
    KeyDocument seed = KeyDocument.of(KeyType.ML_DSA_65.generate(), Optional.empty());
    Files.createDirectory(
        temp.resolve("keys"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (KeyDocument swapped :
        new KeyDocument[] {
          new KeyDocument(one.key(), Optional.empty(), other.content()),
          new KeyDocument(one.key(), Optional.empty(), seed.content()),
          new KeyDocument(seed.key(), Optional.empty(), one.content()),
          new KeyDocument(one.key(), Optional.empty(), new byte[0]),
        }) {
      Files.deleteIfExists(file().file());
      SafeFiles.writeNew(file().file(), swapped.encode(), NewFile.OWNER_ONLY);
      PublisherException refused = failure(() -> file().load(NOT_ASKED));
      assertThat(refused.problem()).isEqualTo(Problem.KEYS_MALFORMED);
      assertThat(refused.details().got()).contains("private");
    }
  }

  @Test
  void sealed_withAHeaderOfAnotherKey_doesNotOpen() throws Exception {
    Passphrase passphrase = passphrase("x");
    KeyDocument one = KeyDocument.of(KeyType.ED25519.generate(), Optional.of(passphrase));
    KeyDocument other = KeyDocument.of(KeyType.ED25519.generate(), Optional.of(passphrase));
    KeyDocument swapped = new KeyDocument(other.key(), one.seal(), one.content());
    assertThat(
            catchThrowableOfType(
                java.security.GeneralSecurityException.class,
                () -> swapped.open(Optional.of(passphrase))))
        .isNotNull();
  }

  @Test
  void readPublic_ofAnotherId_isRefused() throws Exception {
    RoleSigner made = file().generate(KeyType.ED25519, Optional.empty());
    String text = Files.readString(file().publicFile());
    Files.writeString(
        file().publicFile(), text.replace(made.keyId(), "00" + made.keyId().substring(2)));
    assertThat(problemOf(() -> KeyFile.readPublic(file().publicFile())))
        .isEqualTo(Problem.KEYS_MALFORMED);
  }

  @Test
  void passphrase_emptyOrTooLong_isRefusedWithoutQuotingIt() {
    for (String bad : new String[] {"", "\n", "\r\n", "secret".repeat(200)}) {
      assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> passphrase(bad)))
          .hasMessageNotContaining("secret");
    }
    assertThat(passphrase("secret")).hasToString("a passphrase");
    assertThat(Passphrase.of("ü ".toCharArray()).utf8()).isEqualTo("ü ".getBytes(UTF_8));
  }
}
