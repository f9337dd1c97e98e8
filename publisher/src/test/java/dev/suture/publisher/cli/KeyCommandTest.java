package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.SignatureCollection;
import dev.suture.publisher.keys.role.SignatureFile;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.keys.role.SoftHsm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code key generate}, {@code show} and {@code sign}, as three people use them. */
final class KeyCommandTest {
  @TempDir private Path temp;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void writePassphrases() throws IOException {
    Files.writeString(temp.resolve("passphrase"), "correct horse\n");
    Files.writeString(temp.resolve("wrong"), "another\n");
    Files.writeString(temp.resolve("pin"), SoftHsm.PIN + "\n");
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return SuturePublish.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }

  private Fields document() {
    return StrictJson.parse("output", out.toByteArray(), 1 << 20);
  }

  private String problem() {
    return document().object("error").text("problem");
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String path(String name) {
    return temp.resolve(name).toString();
  }

  private int generate(String type, String name, String... more) {
    List<String> args =
        new ArrayList<>(List.of("key", "generate", "--type", type, "--key", path(name), "--json"));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private SigningRequest request(TufKey... all) throws IOException {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (TufKey key : all) {
      keys.put(key.id(), key);
    }
    DraftMetadata draft =
        MetadataWriter.snapshot(
            new MetadataWriter.Header(5, Instant.parse("2027-01-01T00:00:00Z")), Map.of());
    SigningRequest request =
        new SigningRequest("snapshot", draft, List.of(new RoleKeys(keys, keys.size())));
    Files.write(temp.resolve("request"), request.encode());
    return request;
  }

  @Test
  void story_twoFilesAndAToken_signOneRequest() throws Exception {
    String config = SoftHsm.config().toString();
    assertThat(generate("ed25519", "k/one", "--passphrase-file", path("passphrase"))).isZero();
    assertThat(document().bool("encrypted")).isTrue();
    assertThat(generate("ml-dsa-65", "k/two", "--unencrypted")).isZero();
    assertThat(
            run(
                "key",
                "show",
                "--pkcs11",
                config,
                "--alias",
                SoftHsm.P_256,
                "--passphrase-file",
                path("pin"),
                "--out",
                path("three.pub"),
                "--json"))
        .as(errors())
        .isZero();
    assertThat(out.toByteArray()).isEqualTo(Files.readAllBytes(temp.resolve("three.pub")));
    SigningRequest request =
        request(
            KeyFile.readPublic(temp.resolve("k/one.pub")),
            KeyFile.readPublic(temp.resolve("k/two.pub")),
            KeyFile.readPublic(temp.resolve("three.pub")));

    List<List<String>> people =
        List.of(
            List.of("--key", path("k/one"), "--passphrase-file", path("passphrase")),
            List.of("--key", path("k/two")),
            List.of(
                "--pkcs11", config, "--alias", SoftHsm.P_256, "--passphrase-file", path("pin")));
    SignatureCollection collection = new SignatureCollection(request);
    for (List<String> person : people) {
      String signature = path("signature-" + collection.missing());
      List<String> args =
          new ArrayList<>(
              List.of("key", "sign", "--request", path("request"), "--out", signature, "--json"));
      args.addAll(person);
      assertThat(run(args.toArray(String[]::new))).as(errors()).isZero();
      assertThat(errors()).contains("snapshot version 5, expires 2027-01-01T00:00:00Z");
      assertThat(document().text("sha256")).isEqualTo(request.digest().hex());
      collection.add(SignatureFile.decode(Files.readAllBytes(Path.of(signature))));
    }
    assertThat(collection.file()).isNotEmpty();
  }

  @Test
  void generate_dryRun_writesNothing() {
    assertThat(generate("ed25519", "k/one", "--unencrypted", "--dry-run")).isZero();
    assertThat(document().bool("dry_run")).isTrue();
    assertThat(document().has("keyid")).isFalse();
    assertThat(temp.resolve("k")).doesNotExist();
  }

  @Test
  void generate_withoutPassphraseOrOverAKey_isRefused() {
    assertThat(generate("ed25519", "k/one")).isEqualTo(Console.REFUSED);
    assertThat(problem()).isEqualTo("passphrase-missing");
    assertThat(generate("rsa", "k/one", "--unencrypted")).isEqualTo(Console.USAGE);
    assertThat(generate("ed25519", "k/one", "--unencrypted")).isZero();
    assertThat(generate("ed25519", "k/one", "--unencrypted")).isEqualTo(Console.REFUSED);
    assertThat(problem()).isEqualTo("keys-exist");
  }

  @Test
  void sign_dryRun_needsNoPassphraseAndWritesNothing() throws Exception {
    generate("ed25519", "k/one", "--passphrase-file", path("passphrase"));
    request(new KeyFile(temp.resolve("k/one")).publicKey());
    assertThat(
            run(
                "key",
                "sign",
                "--request",
                path("request"),
                "--out",
                path("s"),
                "--key",
                path("k/one"),
                "--dry-run"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("dry run: nothing was signed");
    assertThat(temp.resolve("s")).doesNotExist();
  }

  @Test
  void sign_wrongPassphraseForeignKeyOrChangedRequest_isRefused() throws Exception {
    generate("ed25519", "k/one", "--passphrase-file", path("passphrase"));
    generate("ed25519", "k/two", "--unencrypted");
    request(new KeyFile(temp.resolve("k/one")).publicKey());
    String[] wrong = {
      "key",
      "sign",
      "--request",
      path("request"),
      "--out",
      path("s"),
      "--json",
      "--key",
      path("k/one"),
      "--passphrase-file",
      path("wrong")
    };
    assertThat(run(wrong)).isEqualTo(Console.REFUSED);
    assertThat(problem()).isEqualTo("passphrase-wrong");
    String[] foreign = {
      "key",
      "sign",
      "--request",
      path("request"),
      "--out",
      path("s"),
      "--json",
      "--key",
      path("k/two")
    };
    assertThat(run(foreign)).isEqualTo(Console.REFUSED);
    assertThat(problem()).isEqualTo("signer-foreign");
    String text = Files.readString(temp.resolve("request"));
    Files.writeString(temp.resolve("request"), text.replace("2027-", "2028-"));
    assertThat(run(foreign)).isEqualTo(Console.REFUSED);
    assertThat(problem()).isEqualTo("input-malformed");
    assertThat(temp.resolve("s")).doesNotExist();
  }

  /** In a process of its own: a log-in to a token holds for all of a process. */
  @Test
  void show_onTheTokenWithAWrongPin_isRefused() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SuturePublish.class.getName(),
                "key",
                "show",
                "--pkcs11",
                SoftHsm.config().toString(),
                "--alias",
                SoftHsm.P_256,
                "--passphrase-file",
                path("wrong"),
                "--json")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    out.writeBytes(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).isEqualTo(Console.REFUSED);
    assertThat(problem()).isEqualTo("passphrase-wrong");
  }

  @Test
  void key_withoutAKeyOrWithTwo_isAWrongCommandLine() {
    assertThat(run("key")).isEqualTo(Console.USAGE);
    assertThat(run("key", "show")).isEqualTo(Console.USAGE);
    assertThat(run("key", "show", "--pkcs11", "x")).isEqualTo(Console.USAGE);
    assertThat(run("key", "show", "--key", "x", "--pkcs11", "y", "--alias", "z"))
        .isEqualTo(Console.USAGE);
    assertThat(run("key", "sign", "--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("--passphrase-file");
  }
}
