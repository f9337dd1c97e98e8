package dev.suture.publisher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Sha256;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyFolderTest {
  @TempDir private Path temp;

  private KeyFolder folder() {
    return new KeyFolder(temp.resolve("keys"));
  }

  private static Problem problemOf(Callable<?> action) {
    return catchThrowableOfType(PublisherException.class, action::call).problem();
  }

  @Test
  void init_newFolder_writesKeysetForOwnerAloneAndTrustRoot() throws Exception {
    PublisherKeys made = folder().init();

    assertThat(permissions(folder().keysetFile())).isEqualTo("rw-------");
    assertThat(permissions(folder().trustRootFile())).isEqualTo("rw-r--r--");
    assertThat(permissions(temp.resolve("keys"))).isEqualTo("rwx------");
    assertThat(names()).containsExactly("publisher-keyset.json", "trust-root.json");
    assertThat(folder().load().keyId()).isEqualTo(made.keyId());
    TrustRoot root = TrustRoot.load(folder().trustRootFile());
    assertThat(root).isEqualTo(made.trustRoot());
    assertThat(made.keyId()).isEqualTo(Sha256.of(made.publicKey().raw().toByteArray()));
  }

  @Test
  void init_twice_refusedAndNothingChanged() throws Exception {
    folder().init();
    byte[] before = Files.readAllBytes(folder().keysetFile());

    assertThat(problemOf(() -> folder().init())).isEqualTo(Problem.KEYS_EXIST);
    assertThat(Files.readAllBytes(folder().keysetFile())).isEqualTo(before);
  }

  @Test
  void init_afterPowerCutBeforeTrustRoot_finishesWithTheSameKey() throws Exception {
    PublisherKeys made = folder().init();
    Files.delete(folder().trustRootFile());

    assertThat(folder().init().keyId()).isEqualTo(made.keyId());
    assertThat(TrustRoot.load(folder().trustRootFile())).isEqualTo(made.trustRoot());
  }

  @Test
  void init_trustRootWithoutKeyset_refused() throws Exception {
    folder().init();
    Files.delete(folder().keysetFile());

    assertThat(problemOf(() -> folder().init())).isEqualTo(Problem.KEYS_EXIST);
    assertThat(Files.exists(folder().keysetFile())).isFalse();
  }

  @Test
  void init_severalAtOnce_oneKeyWins() throws Exception {
    int racers = 4;
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(racers);
    List<Future<Boolean>> results = new ArrayList<>();
    for (int i = 0; i < racers; i++) {
      results.add(
          threads.submit(
              () -> {
                start.await();
                try {
                  folder().init();
                  return true;
                } catch (PublisherException e) {
                  assertThat(e.problem()).isEqualTo(Problem.KEYS_EXIST);
                  return false;
                }
              }));
    }
    start.countDown();
    int winners = 0;
    for (Future<Boolean> result : results) {
      winners += result.get() ? 1 : 0;
    }
    threads.shutdown();

    // A loser may see the winner's keyset before its trust root and finish the winner's work.
    assertThat(winners).isGreaterThanOrEqualTo(1);
    assertThat(TrustRoot.load(folder().trustRootFile())).isEqualTo(folder().load().trustRoot());
    assertThat(names()).containsExactly("publisher-keyset.json", "trust-root.json");
  }

  @Test
  void load_noKeyset_missing() {
    assertThat(problemOf(() -> folder().load())).isEqualTo(Problem.KEYS_MISSING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw-rw----", "rw--w----", "rw-----w-"})
  void load_othersHaveAPermission_exposed(String permissions) throws Exception {
    folder().init();
    Files.setPosixFilePermissions(
        folder().keysetFile(), PosixFilePermissions.fromString(permissions));

    assertThat(problemOf(() -> folder().load())).isEqualTo(Problem.KEYS_EXPOSED);
  }

  @Test
  void load_folderWritableByOthers_exposed() throws Exception {
    folder().init();
    Files.setPosixFilePermissions(
        temp.resolve("keys"), PosixFilePermissions.fromString("rwxrwxr-x"));

    assertThat(problemOf(() -> folder().load())).isEqualTo(Problem.KEYS_EXPOSED);
  }

  @Test
  void load_symbolicLink_exposed() throws Exception {
    folder().init();
    Path elsewhere = temp.resolve("elsewhere.json");
    Files.move(folder().keysetFile(), elsewhere);
    Files.createSymbolicLink(folder().keysetFile(), elsewhere);

    assertThat(problemOf(() -> folder().load())).isEqualTo(Problem.KEYS_EXPOSED);
  }

  @Test
  void load_truncatedAtEveryOffset_malformedAndTextHoldsNoKeyMaterial() throws Exception {
    folder().init();
    Path file = folder().keysetFile();
    String whole = Files.readString(file).stripTrailing();
    String secret = whole.replaceFirst("(?s).*\"value\":\\s*\"([^\"]+)\".*", "$1");
    assertThat(secret).hasSizeGreaterThan(40);

    for (int length = 0; length < whole.length(); length++) {
      Files.writeString(file, whole.substring(0, length));
      PublisherException e = catchThrowableOfType(PublisherException.class, () -> folder().load());
      assertThat(e).as("length %d", length).isNotNull();
      assertThat(e.problem()).isEqualTo(Problem.KEYS_MALFORMED);
      assertThat(e.details().toString()).doesNotContain(secret.substring(0, 16));
    }
  }

  @Test
  void load_publicKeysetOnly_malformed() throws Exception {
    folder().init();
    Files.writeString(folder().keysetFile(), "{\"primaryKeyId\":1,\"key\":[]}");

    assertThat(problemOf(() -> folder().load())).isEqualTo(Problem.KEYS_MALFORMED);
  }

  @Test
  void trustRoot_wrongKeyIdSchemeThresholdOrUnknownName_malformed() throws Exception {
    String good = new String(folder().init().trustRoot().encode(), StandardCharsets.UTF_8);
    Path file = temp.resolve("root.json");
    List<String> bad =
        List.of(
            good.replaceFirst("\"keyid\": \"..", "\"keyid\": \"zz"),
            good.replaceFirst("\"public\": \"..", "\"public\": \"0"),
            good.replace("ed25519", "ed448"),
            good.replace("\"threshold\": 1", "\"threshold\": 0"),
            good.replace("\"threshold\": 1", "\"threshold\": 2"),
            good.replace("\"threshold\"", "\"treshold\""),
            "{\"keys\":[],\"threshold\":1}",
            "[]",
            "");
    for (String content : bad) {
      Files.writeString(file, content);
      assertThat(problemOf(() -> TrustRoot.load(file))).isEqualTo(Problem.KEYS_MALFORMED);
    }
    Files.writeString(file, good);
    assertThat(TrustRoot.load(file).threshold()).isEqualTo(1);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("keys"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
