package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.json.Fields;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code rotate --lost}: the role's old keys are gone. */
final class RotateLostCommandTest {
  @TempDir private Path temp;
  private CommandRun run;

  @BeforeEach
  void release() throws IOException {
    run = new CommandRun(temp);
    run.done(run.release("a"));
  }

  private List<Path> files(String folder, String glob) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temp.resolve(folder), glob)) {
      files.forEach(found::add);
    }
    return found;
  }

  private void destroy(String glob) throws IOException {
    List<Path> files = files("keys", glob);
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      Files.delete(file);
    }
  }

  private String[] lost(String role, String... more) {
    String[] command = run.onRepository("rotate", "--lost", role);
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  private Map<String, String> contents(String folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(temp.resolve(folder))) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        if (!String.valueOf(path.getFileName()).contains("lock")) {
          contents.put(path.toString(), Sha256.of(Files.readAllBytes(path)).hex());
        }
      }
    }
    return contents;
  }

  private void verify() {
    Fields verified =
        run.done(
            "verify",
            "--repository",
            run.path("mirror"),
            "--trust-root",
            run.path("mirror/metadata/1.root.json"));
    assertThat(verified.integer("levels", 1, 9)).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"targets", "snapshot", "timestamp"})
  void lost_everyRole_newKeysAreMadeAndEverythingGoesOn(String role) throws Exception {
    destroy(role + "-*");
    assertThat(run.refused(run.onRepository("refresh", "--targets")))
        .isEqualTo("signatures-missing");
    Map<String, String> before = contents("");
    assertThat(run.done(lost(role, "--dry-run")).bool("dry_run")).isTrue();
    assertThat(contents("")).isEqualTo(before);

    Fields done = run.done(lost(role, "--unencrypted"));
    assertThat(done.text("role")).isEqualTo(role);
    assertThat(done.bool("lost")).isTrue();
    assertThat(done.integer("root_version", 3, 3)).isEqualTo(3);
    assertThat(done.integer("timestamp_version", 3, 3)).isEqualTo(3);
    assertThat(Files.readAllBytes(temp.resolve("keys/root.json")))
        .isEqualTo(Files.readAllBytes(temp.resolve("mirror/metadata/3.root.json")));
    verify();

    run.done(run.onRepository("refresh", "--targets"));
    run.done(run.release("b"));
    run.done(run.onRepository("rotate", "--role", role, "--unencrypted"));
    verify();
  }

  @Test
  void lost_onlyThePrivateHalfOrOneOfTwoKeysIsGone_newKeysAreMade() throws Exception {
    Files.delete(temp.resolve("keys/targets-ml-dsa-65.key"));
    run.done(lost("targets", "--unencrypted"));
    assertThat(temp.resolve("keys/targets-ed25519-2.key")).exists();
    Files.delete(temp.resolve("keys/targets-ed25519-2.key"));
    run.done(lost("targets", "--unencrypted"));
    assertThat(temp.resolve("keys/targets-ml-dsa-65-3.key")).exists();
    verify();
  }

  @Test
  void lost_keysAreThere_refusedAndToldToUseThem() throws Exception {
    Map<String, String> before = contents("");
    assertThat(run.refused(lost("timestamp", "--unencrypted"))).isEqualTo("keys-not-lost");
    assertThat(run.document().object("error").text("todo")).contains("rotate --role timestamp");
    assertThat(contents("")).isEqualTo(before);
  }

  @Test
  void lost_root_refusedAsNothingCanReplaceIt() throws Exception {
    destroy("root-*");
    assertThat(run.refused(lost("root", "--unencrypted"))).isEqualTo("keys-missing");
    assertThat(run.document().object("error").text("todo")).contains("OS image");
    destroy("snapshot-*");
    assertThat(run.refused(lost("snapshot", "--unencrypted"))).isEqualTo("signatures-missing");
    verify();
  }

  @Test
  void lost_optionsThatDoNotFit_isAWrongCommandLine() throws Exception {
    assertThat(run.exit(lost("timestamp", "--role", "timestamp"))).isEqualTo(Console.USAGE);
    assertThat(run.exit(run.onRepository("rotate"))).isEqualTo(Console.USAGE);
    assertThat(run.exit(lost("vendor"))).isEqualTo(Console.USAGE);
    destroy("timestamp-*.key");
    String[] same = lost("timestamp", "--next-key", run.path("keys/timestamp-ed25519.key.pub"));
    assertThat(run.exit(same)).isEqualTo(Console.USAGE);
  }

  /** As a power cut before the last write leaves it. */
  private void cutBeforeTheLastRoot() throws IOException {
    byte[] root = Files.readAllBytes(temp.resolve("keys/root.json"));
    destroy("timestamp-*");
    run.done(lost("timestamp", "--unencrypted"));
    Files.delete(temp.resolve("mirror/metadata/3.root.json"));
    Files.write(temp.resolve("keys/root.json"), root);
  }

  @Test
  void lost_powerCutOnTheWay_sameCommandFinishesItWithTheSameKeys() throws Exception {
    byte[] root = Files.readAllBytes(temp.resolve("keys/root.json"));
    cutBeforeTheLastRoot();
    verify();
    assertThat(run.refused(run.onRepository("refresh", "--root"))).isEqualTo("rotation-unfinished");
    assertThat(run.document().object("error").text("todo")).contains("rotate --lost timestamp");
    String[] other = run.onRepository("rotate", "--role", "snapshot", "--unencrypted");
    assertThat(run.refused(other)).isEqualTo("rotation-unfinished");
    assertThat(run.refused(lost("snapshot", "--unencrypted"))).isEqualTo("rotation-unfinished");
    run.done(run.onRepository("refresh"));
    assertThat(Files.readAllBytes(temp.resolve("keys/root.json")))
        .as("no image is made with a root on the way")
        .isEqualTo(root);

    assertThat(run.done(lost("timestamp")).integer("root_version", 3, 3)).isEqualTo(3);
    assertThat(files("keys", "timestamp-*.key")).hasSize(1);
    assertThat(Files.readAllBytes(temp.resolve("keys/root.json")))
        .isEqualTo(Files.readAllBytes(temp.resolve("mirror/metadata/3.root.json")));
    verify();
    assertThat(run.refused(lost("timestamp"))).isEqualTo("keys-not-lost");
  }

  /** Keys of root are with Alice, those of targets are lost, Carol makes new ones. */
  @Test
  void lost_requests_rootIsSignedElsewhereAndTargetsByNewKeysElsewhere() throws Exception {
    Files.createDirectory(temp.resolve("alice"));
    for (Path file : files("keys", "root-*")) {
      Files.move(file, temp.resolve("alice").resolve(file.getFileName()));
    }
    destroy("targets-*");
    for (String type : List.of("ed25519", "ml-dsa-65")) {
      String key = run.path("carol/" + type + ".key");
      run.done("key", "generate", "--type", type, "--key", key, "--unencrypted");
    }
    String[] rotate =
        lost(
            "targets",
            "--requests",
            run.path("requests"),
            "--next-key",
            run.path("carol/ed25519.key.pub"),
            run.path("carol/ml-dsa-65.key.pub"));
    byte[] timestamp = Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json"));
    assertThat(run.exit(with(rotate, "--json", "--dry-run"))).isEqualTo(Console.AWAITED);
    assertThat(temp.resolve("requests")).doesNotExist();
    assertThat(run.exit(with(rotate, "--json"))).isEqualTo(Console.AWAITED);
    assertThat(run.document().object("error").text("got"))
        .contains("root 2 lacks 2 of", "root 3 lacks 2 of", "targets 3 lacks 2 of");
    assertThat(files("requests", "*.request.json")).hasSize(3);

    String[] take = run.onRepository("import", "--requests", run.path("requests"));
    sign("root.2", "alice", "root-ed25519", "root-ml-dsa-65");
    sign("root.3", "alice", "root-ed25519", "root-ml-dsa-65");
    sign("targets.3", "carol", "ed25519");
    assertThat(run.refused(take)).isEqualTo("signatures-missing");
    sign("targets.3", "carol", "ml-dsa-65");
    assertThat(run.done(with(take, "--dry-run")).texts("taken", 9)).hasSize(3);
    assertThat(Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json")))
        .isEqualTo(timestamp);
    assertThat(run.done(take).texts("taken", 9)).containsExactly("root 2", "targets 3", "root 3");
    verify();
    assertThat(run.done(take).bool("nothing_to_do")).isTrue();

    // Had the power failed before the last root, the same import would finish it.
    Files.delete(temp.resolve("mirror/metadata/3.root.json"));
    Files.copy(
        temp.resolve("mirror/metadata/1.root.json"),
        temp.resolve("keys/root.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(run.done(take).texts("taken", 9)).containsExactly("root 3");
    verify();
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  private void sign(String request, String person, String... keys) {
    for (String key : keys) {
      run.done(
          "key",
          "sign",
          "--request",
          run.path("requests/" + request + ".request.json"),
          "--key",
          run.path(person + "/" + key + ".key"),
          "--out",
          run.path("requests/" + request + "." + person + "-" + key + ".signature.json"));
    }
  }

  /** The new key of timestamp is made in --keys, and root's keys are elsewhere. */
  @Test
  void lost_requestsForAnOnlineRole_importSignsWithTheNewKey() throws Exception {
    Files.createDirectory(temp.resolve("alice"));
    for (Path file : files("keys", "root-*")) {
      Files.move(file, temp.resolve("alice").resolve(file.getFileName()));
    }
    destroy("timestamp-*");
    String[] rotate = lost("timestamp", "--unencrypted", "--requests", run.path("requests"));
    assertThat(run.exit(rotate)).isEqualTo(Console.AWAITED);
    sign("root.2", "alice", "root-ed25519", "root-ml-dsa-65");
    sign("root.3", "alice", "root-ed25519", "root-ml-dsa-65");
    String[] take = run.onRepository("import", "--requests", run.path("requests"));
    assertThat(run.done(take).texts("taken", 9)).containsExactly("root 2", "root 3");
    run.done(run.onRepository("refresh"));
    verify();
  }
}
