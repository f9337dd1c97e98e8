package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SealedPatch;
import dev.suture.protocol.seal.SealKey;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.publisher.bundle.BundleReader;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import dev.suture.trust.seal.Unsealer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Levels that are spread before anybody can read them. */
final class SealedCommandsTest {
  @TempDir private Path temp;
  private CommandRun publisher;

  @BeforeEach
  void init() throws IOException {
    publisher = new CommandRun(temp);
  }

  private String[] seal(String level, String... more) {
    String[] args =
        publisher.release(level, "--sealed", "--seal-key", publisher.path(level + ".key"));
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
  }

  private String[] open(String level, String... more) {
    String[] args =
        publisher.onRepository(
            "open", "--seal-key", publisher.path(level + ".key"), "--work", temp.toString());
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
  }

  private Repository repository() {
    return Repository.at(temp.resolve("mirror"));
  }

  private Published published() throws Exception {
    return repository().published(Files.readAllBytes(temp.resolve("keys/root.json"))).orElseThrow();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(temp.resolve("mirror"))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private String name() {
    return publisher
        .done("status", "--repository", publisher.path("mirror"))
        .objects("sealed", 1)
        .get(0)
        .text("name");
  }

  @Test
  void releaseSealed_nothingOfThePatchIsReadable() throws Exception {
    Fields report = publisher.done(seal("a"));

    Path keyFile = temp.resolve("a.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
        .isEqualTo("rw-------");
    assertThat(published().levels()).isEmpty();
    assertThat(published().targets().targets().keySet())
        .containsExactly(report.object("sealed").text("path"));
    assertThat(temp.resolve("mirror/payloads")).doesNotExist();
    assertThat(temp.resolve("mirror/targets")).isDirectoryContaining("glob:**/sealed");
    assertThat(temp.resolve("mirror/targets/levels")).doesNotExist();
    Fields component = report.objects("components", 1).get(0);
    for (Path file : files()) {
      assertThat(text(file))
          .as(file.toString())
          .doesNotContain(
              report.object("manifest").text("sha256"),
              component.text("image_sha256"),
              component.text("verity_root"),
              "levels/",
              "payloads/",
              "suture_seal_key");
    }
    publisher.done("verify", "--repository", publisher.path("mirror"));
  }

  @Test
  void open_whatDevicesFetchedBefore_holdsManifestAndPayloads() throws Exception {
    publisher.done(seal("a"));
    FileRef spread = published().sealed().get(0).file();
    byte[] kept = Files.readAllBytes(repository().file(spread));

    publisher.done(open("a", "--ring", "internal"));

    LevelEntry entry = published().levels().get(0);
    assertThat(entry.rollout().orElseThrow().ring()).contains("internal");
    SealedPatch patch = entry.sealed().orElseThrow();
    assertThat(patch.file().sha256()).isEqualTo(Sha256.of(kept));
    Path opened = temp.resolve("opened");
    try (InputStream in = Files.newInputStream(Files.write(temp.resolve("kept"), kept));
        OutputStream out = Files.newOutputStream(opened)) {
      Unsealer.open(
          new SealedFile(patch.file(), patch.plainBytes()),
          SealKey.ofHex(patch.keyHex()),
          in,
          (bytes, offset, length) -> write(out, bytes, offset, length));
    }
    try (BundleReader inside = BundleReader.open(opened)) {
      Manifest manifest =
          ManifestCodec.decode(inside.read(entry.manifest().path(), Manifest.BYTES_MAX));
      assertThat(manifest).isEqualTo(repository().manifest(entry.manifest()));
      for (Payload payload : manifest.components().get(0).payloads()) {
        FileRef file = payload.file();
        assertThat(inside.digest(file.path())).isEqualTo(file.sha256());
        assertThat(repository().file(file)).hasSize(file.bytes());
      }
      assertThat(inside.names()).hasSize(3);
    }
    assertThat(published().sealed()).extracting(one -> one.file()).containsExactly(spread);
    publisher.done("verify", "--repository", publisher.path("mirror"));
    assertThat(publisher.refused(open("a"))).isEqualTo("level-exists");
  }

  private static void write(OutputStream out, byte[] bytes, int offset, int length) {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void withdraw_openedLevel_takesItsSealedFileAndKeyBack() throws Exception {
    publisher.done(seal("a"));
    Path file = repository().file(published().sealed().get(0).file());
    publisher.done(open("a"));

    publisher.done(publisher.onBaseline("withdraw", "--level", "a"));

    assertThat(published().sealed()).isEmpty();
    assertThat(published().levels().get(0).sealed()).isEmpty();
    assertThat(file).exists();
  }

  @Test
  void releaseSealed_keyIntoTheFolderOfSigningKeys_isInNobodysWay() throws Exception {
    String key = publisher.path("keys/sealed-a.key");
    publisher.done(publisher.release("a", "--sealed", "--seal-key", key));
    Files.writeString(temp.resolve("keys/broker.key"), "-----BEGIN PRIVATE KEY-----\n");
    publisher.done(publisher.onRepository("open", "--seal-key", key, "--work", temp.toString()));
    publisher.done(publisher.onRepository("refresh"));
    // One of ours that is damaged is still said.
    Files.writeString(temp.resolve("keys/targets-ed25519.key"), "{\"suture_key\": 1,");
    assertThat(publisher.refused(publisher.onRepository("refresh"))).isEqualTo("keys-malformed");
  }

  @Test
  void withdrawSealed_neverOpened_isNotListedAndCannotBeOpened() throws Exception {
    publisher.done(seal("a"));
    String name = name();
    publisher.done(publisher.onBaseline("withdraw", "--sealed", name, "--dry-run"));
    assertThat(published().sealed()).hasSize(1);

    publisher.done(publisher.onBaseline("withdraw", "--sealed", name));

    assertThat(published().sealed()).isEmpty();
    assertThat(publisher.refused(publisher.onBaseline("withdraw", "--sealed", name)))
        .isEqualTo("sealed-unknown");
    assertThat(publisher.refused(open("a"))).isEqualTo("sealed-unknown");
    assertThat(publisher.exit(publisher.onBaseline("withdraw"))).isEqualTo(Console.USAGE);
    assertThat(publisher.exit(publisher.onBaseline("withdraw", "--level", "a", "--sealed", name)))
        .isEqualTo(Console.USAGE);
  }

  @Test
  void open_letterTakenKeyExposedOrChanged_refusedAndNothingPublished() throws Exception {
    publisher.done(seal("a"));
    Path key = temp.resolve("a.key");
    long version = published().version();

    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(publisher.refused(open("a"))).isEqualTo("keys-exposed");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    String good = text(key);
    int digit = good.indexOf("\"key\": \"") + 8;
    char other = good.charAt(digit) == '0' ? '1' : '0';
    Files.writeString(key, good.substring(0, digit) + other + good.substring(digit + 1));
    assertThat(publisher.refused(open("a"))).isEqualTo("keys-malformed");
    Files.writeString(key, good.replace("\"level\": \"a\"", "\"level\": \"b\""));
    assertThat(publisher.refused(open("a"))).isEqualTo("keys-malformed");
    Files.writeString(key, "{}");
    assertThat(publisher.refused(open("a"))).isEqualTo("keys-malformed");
    Files.writeString(key, good);
    Path sealed = repository().file(published().sealed().get(0).file());
    byte[] whole = Files.readAllBytes(sealed);
    Files.write(sealed, new byte[whole.length]);
    assertThat(publisher.refused(open("a"))).isEqualTo("repository-damaged");
    Files.write(sealed, whole);

    assertThat(published().version()).isEqualTo(version);
    assertThat(temp.resolve("mirror/payloads")).doesNotExist();
    publisher.done(publisher.release("a"));
    assertThat(publisher.refused(open("a"))).isEqualTo("level-exists");
  }

  @Test
  void dryRun_sealAndOpen_writeNothing() throws Exception {
    List<Path> before = files();
    publisher.done(seal("a", "--dry-run"));
    assertThat(temp.resolve("a.key")).doesNotExist();
    assertThat(files()).isEqualTo(before);

    publisher.done(seal("a"));
    before = files();
    publisher.done(open("a", "--dry-run"));
    assertThat(files()).isEqualTo(before);
    assertThat(published().levels()).isEmpty();
  }

  @Test
  void releaseSealed_optionsThatDoNotFitOrOneFileTooMany_isRefused() throws Exception {
    assertThat(publisher.exit(publisher.release("a", "--sealed"))).isEqualTo(Console.USAGE);
    assertThat(publisher.exit(seal("a", "--ring", "internal"))).isEqualTo(Console.USAGE);
    Files.writeString(temp.resolve("a.key"), "before");
    assertThat(publisher.refused(seal("a"))).isEqualTo("keys-exist");
    assertThat(temp.resolve("a.key")).hasContent("before");
    for (String level : List.of("b", "c", "d", "e")) {
      publisher.done(seal(level));
    }
    assertThat(publisher.refused(seal("f"))).isEqualTo("repository-full");
    assertThat(temp.resolve("f.key")).doesNotExist();
  }
}
