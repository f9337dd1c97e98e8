package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.MetadataWriter;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.keys.role.KeyFile;
import dev.suture.publisher.keys.role.SigningRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of root and targets are elsewhere: requests go out, signatures come back. */
final class ImportCommandTest {
  private static final List<String> PEOPLE = List.of("alice", "bob");

  @TempDir private Path temp;
  private CommandRun run;

  /** Alice has the Ed25519 keys of root and targets, Bob those of ML-DSA-65. */
  @BeforeEach
  void moveKeysAway() throws IOException {
    run = new CommandRun(temp);
    move("{root,targets}-ed25519*", "alice");
    move("{root,targets}-ml-dsa-65*", "bob");
  }

  private void move(String glob, String person) throws IOException {
    Files.createDirectories(temp.resolve(person));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temp.resolve("keys"), glob)) {
      for (Path file : files) {
        Files.move(file, temp.resolve(person).resolve(file.getFileName()));
      }
    }
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  /** Runs a command that must end in waiting for signatures; its error. */
  private Fields awaited(String[] command, String requests) {
    assertThat(run.exit(with(command, "--requests", run.path(requests), "--json")))
        .isEqualTo(Console.AWAITED);
    Fields error = run.document().object("error");
    assertThat(error.text("problem")).isEqualTo("signatures-awaited");
    assertThat(error.text("outcome")).isEqualTo("waiting");
    return error;
  }

  private String[] importing(String requests, String... more) {
    return with(run.onRepository("import", "--requests", run.path(requests)), more);
  }

  private String error(String part) {
    return run.document().object("error").text(part);
  }

  /** Signs a request with all keys of a person that it asks for. */
  private void sign(String requests, String request, String person) throws IOException {
    List<Path> keys = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temp.resolve(person), "*.key")) {
      files.forEach(keys::add);
    }
    int signed = 0;
    for (Path key : keys) {
      String out = request + "." + person + "-" + key.getFileName() + ".signature.json";
      int exit =
          run.exit(
              "key",
              "sign",
              "--request",
              run.path(requests + "/" + request + ".request.json"),
              "--key",
              key.toString(),
              "--out",
              run.path(requests + "/" + out));
      signed += exit == Console.DONE ? 1 : 0;
    }
    assertThat(signed).as(person + " signs " + request).isPositive();
  }

  private void signAll(String requests, String request) throws IOException {
    for (String person : PEOPLE) {
      sign(requests, request, person);
    }
  }

  private byte[] timestamp() throws IOException {
    return Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json"));
  }

  private List<String> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve(folder))) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static TufKey key(Path file) throws Exception {
    return new KeyFile(file).publicKey();
  }

  @Test
  void story_releaseAndWithdraw_signedByTwoPeopleAndPublished() throws Exception {
    byte[] before = timestamp();
    Fields error = awaited(run.release("a"), "requests");
    assertThat(error.text("got"))
        .contains("targets 2 lacks 2 of")
        .contains(key(temp.resolve("alice/targets-ed25519.key")).id())
        .contains(key(temp.resolve("bob/targets-ml-dsa-65.key")).id());
    assertThat(error.text("todo")).contains("suture-publish key sign --request", "import");
    assertThat(files("requests")).containsExactly("targets.2.request.json");
    assertThat(timestamp()).isEqualTo(before);
    assertThat(files("mirror/payloads")).hasSize(2);

    assertThat(run.refused(importing("requests"))).isEqualTo("signatures-missing");
    sign("requests", "targets.2", "alice");
    assertThat(run.refused(importing("requests"))).isEqualTo("signatures-missing");
    assertThat(error("got")).contains("targets 2 lacks 1 of ml-dsa-65");
    assertThat(timestamp()).isEqualTo(before);
    sign("requests", "targets.2", "bob");
    assertThat(run.done(importing("requests", "--dry-run")).bool("dry_run")).isTrue();
    assertThat(timestamp()).isEqualTo(before);
    Fields done = run.done(importing("requests"));
    assertThat(done.texts("taken", 9)).containsExactly("targets 2");
    assertThat(done.bool("nothing_to_do")).isFalse();
    Fields verified =
        run.done(
            "verify",
            "--repository",
            run.path("mirror"),
            "--trust-root",
            run.path("keys/root.json"));
    assertThat(verified.integer("levels", 1, 1)).isEqualTo(1);

    byte[] after = timestamp();
    Fields nothing = run.done(importing("requests"));
    assertThat(nothing.bool("nothing_to_do")).isTrue();
    assertThat(nothing.texts("passed_over", 9)).containsExactly("targets 2 is published");
    assertThat(timestamp()).isEqualTo(after);

    awaited(run.onBaseline("withdraw", "--level", "a"), "requests");
    signAll("requests", "targets.3");
    Fields withdrawn = run.done(importing("requests"));
    assertThat(withdrawn.texts("taken", 9)).containsExactly("targets 3");
    assertThat(withdrawn.texts("passed_over", 9)).containsExactly("targets 2 is published");
    Files.delete(temp.resolve("requests/targets.3.request.json"));
    for (String file : files("requests")) {
      if (file.startsWith("targets.3.")) {
        Files.delete(temp.resolve("requests").resolve(file));
      }
    }
    assertThat(run.done(importing("requests")).texts("passed_over", 9))
        .containsExactly("targets 2 is older than targets 3, which is published");
    run.done("verify", "--repository", run.path("mirror"));
    assertThat(
            run.done("status", "--repository", run.path("mirror"))
                .objects("levels", 9)
                .get(0)
                .bool("withdrawn"))
        .isTrue();
  }

  @Test
  void story_rotateRoot_keysMadeElsewhere_oldAndNewSign() throws Exception {
    for (String type : List.of("ed25519", "ml-dsa-65")) {
      run.done(
          "key",
          "generate",
          "--type",
          type,
          "--key",
          run.path("carol/" + type + ".key"),
          "--unencrypted");
    }
    String[] rotate =
        run.onRepository(
            "rotate",
            "--role",
            "root",
            "--next-key",
            run.path("carol/ed25519.key.pub"),
            run.path("carol/ml-dsa-65.key.pub"));
    assertThat(run.refused(rotate)).isEqualTo("signatures-missing");
    assertThat(awaited(rotate, "requests").text("got")).contains("root 2 lacks 4 of");
    signAll("requests", "root.2");
    assertThat(run.refused(importing("requests"))).isEqualTo("signatures-missing");
    sign("requests", "root.2", "carol");
    assertThat(run.done(importing("requests")).integer("root_version", 2, 2)).isEqualTo(2);
    assertThat(Files.readAllBytes(temp.resolve("keys/root.json")))
        .isEqualTo(Files.readAllBytes(temp.resolve("mirror/metadata/2.root.json")));
    assertThat(run.done(importing("requests")).bool("nothing_to_do")).isTrue();

    assertThat(awaited(run.onRepository("refresh", "--root"), "requests").text("got"))
        .contains("targets 2 lacks 2 of", "root 3 lacks 2 of");
    signAll("requests", "targets.2");
    sign("requests", "root.3", "carol");
    assertThat(run.done(importing("requests")).texts("taken", 9))
        .containsExactlyInAnyOrder("targets 2", "root 3");
    run.done("verify", "--repository", run.path("mirror"));
  }

  @Test
  void refreshRootOrImport_rootForDevicesWasLeftBehind_isBroughtUpToDate() throws Exception {
    Path kept = temp.resolve("keys/root.json");
    byte[] first = Files.readAllBytes(kept);
    awaited(run.onRepository("refresh", "--root"), "requests");
    signAll("requests", "root.2");
    signAll("requests", "targets.2");
    run.done(importing("requests"));
    byte[] second = Files.readAllBytes(kept);
    assertThat(second).isNotEqualTo(first);

    Files.write(kept, first); // Power failed after the root was published.
    run.done(importing("requests", "--dry-run"));
    assertThat(Files.readAllBytes(kept)).isEqualTo(first);
    run.done(importing("requests"));
    assertThat(Files.readAllBytes(kept)).isEqualTo(second);

    Files.write(kept, first);
    awaited(run.onRepository("refresh", "--root"), "later");
    assertThat(Files.readAllBytes(kept)).isEqualTo(second);
  }

  @Test
  void rotate_targetsWithAThreshold_targetsAreSignedByOldAndNewKeys() throws Exception {
    for (String name : List.of("one", "two", "three")) {
      run.done(
          "key",
          "generate",
          "--type",
          "ed25519",
          "--key",
          run.path(name + "/k.key"),
          "--unencrypted");
    }
    String[] rotate =
        run.onRepository(
            "rotate",
            "--role",
            "targets",
            "--threshold",
            "2",
            "--next-key",
            run.path("one/k.key.pub"),
            run.path("two/k.key.pub"),
            run.path("three/k.key.pub"));
    awaited(rotate, "requests");
    signAll("requests", "root.2");
    signAll("requests", "targets.2");
    sign("requests", "targets.2", "three");
    assertThat(run.refused(importing("requests"))).isEqualTo("signatures-missing");
    sign("requests", "targets.2", "one");
    run.done(importing("requests"));
    run.done("verify", "--repository", run.path("mirror"));

    awaited(run.release("a"), "requests");
    sign("requests", "targets.3", "one");
    sign("requests", "targets.3", "two");
    run.done(importing("requests"));
    assertThat(run.done("verify", "--repository", run.path("mirror")).integer("levels", 1, 1))
        .isEqualTo(1);
  }

  @Test
  void init_anotherRepositoryWithoutKeysOfTargets_firstTargetsAreSignedElsewhere()
      throws Exception {
    String[] init = {"init", "--keys", run.path("keys"), "--repository", run.path("other")};
    assertThat(run.refused(init)).isEqualTo("signatures-missing");
    assertThat(run.exit("init", "--keys", run.path("keys"), "--requests", run.path("requests")))
        .isEqualTo(Console.USAGE);
    assertThat(awaited(init, "requests").text("got")).contains("targets 1 lacks 2 of");
    String[] take = {
      "import",
      "--keys",
      run.path("keys"),
      "--repository",
      run.path("other"),
      "--requests",
      run.path("requests")
    };
    assertThat(run.refused(take)).isEqualTo("signatures-missing");
    signAll("requests", "targets.1");
    run.done(with(take, "--dry-run"));
    assertThat(temp.resolve("other/metadata/timestamp.json")).doesNotExist();
    Fields made = run.done(take);
    assertThat(made.texts("taken", 9)).containsExactly("targets 1");
    assertThat(made.integer("timestamp_version", 1, 1)).isEqualTo(1);
    assertThat(run.done(take).bool("nothing_to_do")).isTrue();
    run.done("verify", "--repository", run.path("other"));

    awaited(run.release("a"), "release");
    signAll("release", "targets.2");
    take[4] = run.path("third");
    take[6] = run.path("release");
    assertThat(run.refused(take)).isEqualTo("request-outdated");
    assertThat(temp.resolve("third/metadata/timestamp.json")).doesNotExist();
  }

  @Test
  void open_requestHasTheKeyInIt_isForItsOwnerAlone() throws Exception {
    awaited(run.release("a", "--sealed", "--seal-key", run.path("seal")), "requests");
    signAll("requests", "targets.2");
    run.done(importing("requests"));
    assertThat(permissions("requests/targets.2.request.json")).isEqualTo("rw-r--r--");
    assertThat(permissions("requests")).as("others come in and sign").isEqualTo("rwxr-xr-x");

    awaited(
        run.onRepository("open", "--seal-key", run.path("seal"), "--work", temp.toString()),
        "requests");
    assertThat(permissions("requests/targets.3.request.json")).isEqualTo("rw-------");
    signAll("requests", "targets.3");
    run.done(importing("requests"));
    assertThat(run.done("verify", "--repository", run.path("mirror")).integer("levels", 1, 1))
        .isEqualTo(1);
  }

  private String permissions(String file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve(file)));
  }

  @Test
  void rotate_optionsThatDoNotFitTheKeys_isAWrongCommandLine() {
    assertThat(run.exit(run.onRepository("rotate", "--role", "root", "--threshold", "1")))
        .isEqualTo(Console.USAGE);
    run.done(
        "key", "generate", "--type", "ed25519", "--key", run.path("k/one.key"), "--unencrypted");
    String[] rotate =
        run.onRepository("rotate", "--role", "root", "--next-key", run.path("k/one.key.pub"));
    assertThat(run.exit(with(rotate, "--threshold", "2"))).isEqualTo(Console.USAGE);
    assertThat(run.exit(with(rotate, "--unencrypted"))).isEqualTo(Console.USAGE);
  }

  @Test
  void release_oneKeyAtHand_itsSignatureIsBesideTheRequest() throws Exception {
    Files.move(temp.resolve("alice/targets-ed25519.key"), temp.resolve("keys/targets-ed25519.key"));
    assertThat(awaited(run.release("a"), "requests").text("got"))
        .contains("targets 2 lacks 1 of ml-dsa-65");
    String id = key(temp.resolve("keys/targets-ed25519.key")).id().substring(0, 8);
    assertThat(files("requests"))
        .containsExactlyInAnyOrder("targets.2.request.json", "targets.2." + id + ".signature.json");

    sign("requests", "targets.2", "bob");
    run.done(importing("requests"));
  }

  @Test
  void release_allKeysAtHand_publishesAndAsksNobody() throws Exception {
    for (String person : PEOPLE) {
      for (String file : files(person)) {
        Files.move(temp.resolve(person).resolve(file), temp.resolve("keys").resolve(file));
      }
    }
    run.done(with(run.release("a"), "--requests", run.path("requests")));
    assertThat(temp.resolve("requests")).doesNotExist();
  }

  @Test
  void release_noKeysAtAll_asksAndTheImportNeedsThoseOfSnapshotAndTimestamp() throws Exception {
    move("{snapshot,timestamp}-*", "online");
    awaited(run.release("a"), "requests");
    signAll("requests", "targets.2");
    assertThat(run.refused(importing("requests"))).isEqualTo("signatures-missing");
    assertThat(temp.resolve("mirror/metadata/2.targets.json")).doesNotExist();
    for (String file : files("online")) {
      Files.move(temp.resolve("online").resolve(file), temp.resolve("keys").resolve(file));
    }
    run.done(importing("requests"));
  }

  @Test
  void release_dryRunOrOverAnotherRequest_writesNothing() throws Exception {
    awaited(run.release("a", "--dry-run"), "requests");
    assertThat(temp.resolve("requests")).doesNotExist();
    assertThat(temp.resolve("mirror/payloads")).doesNotExist();

    awaited(run.release("a"), "requests");
    byte[] request = Files.readAllBytes(temp.resolve("requests/targets.2.request.json"));
    assertThat(run.refused(with(run.release("b"), "--requests", run.path("requests"))))
        .isEqualTo("file-exists");
    assertThat(error("where")).endsWith("targets.2.request.json");
    assertThat(Files.readAllBytes(temp.resolve("requests/targets.2.request.json")))
        .isEqualTo(request);
  }

  @Test
  void import_signatureOverAnotherRequest_isRefusedByItsName() throws Exception {
    awaited(run.release("a"), "one");
    awaited(run.release("b"), "other");
    signAll("one", "targets.2");
    sign("other", "targets.2", "alice");
    byte[] before = timestamp();
    String foreign = "targets.2.bob-targets-ml-dsa-65.key.signature.json";

    assertThat(run.refused(importing("other", "--signature", run.path("one/" + foreign))))
        .isEqualTo("signature-mismatched");
    assertThat(error("where")).endsWith(foreign);
    assertThat(timestamp()).isEqualTo(before);

    Path broken = temp.resolve("other/broken.signature.json");
    Files.writeString(broken, "{}");
    assertThat(run.refused(importing("other"))).isEqualTo("input-malformed");
    assertThat(error("where")).endsWith("broken.signature.json");
    String good = Files.readString(temp.resolve("one").resolve(foreign));
    String hex = good.replaceAll("(?s).*\"sig\": \"([0-9a-f]+)\".*", "$1");
    Files.writeString(
        temp.resolve("one").resolve(foreign), good.replace(hex, "00" + hex.substring(2)));
    assertThat(run.refused(importing("one"))).isEqualTo("signature-invalid");
    assertThat(error("where")).endsWith(foreign);
    assertThat(timestamp()).isEqualTo(before);
  }

  @Test
  void import_sameSignatureTwice_countsOnce() throws Exception {
    awaited(run.release("a"), "requests");
    sign("requests", "targets.2", "alice");
    Path alice = temp.resolve("requests/targets.2.alice-targets-ed25519.key.signature.json");
    Files.copy(alice, temp.resolve("requests/again.signature.json"));
    Files.copy(alice, temp.resolve("third"));

    assertThat(
            run.refused(importing("requests", "--signature", run.path("third"), alice.toString())))
        .isEqualTo("signatures-missing");
  }

  /** A request that was changed by hand, one that was changed well, and one with other keys. */
  @Test
  void import_changedRequest_isRefused() throws Exception {
    awaited(run.release("a"), "requests");
    signAll("requests", "targets.2");
    byte[] before = timestamp();
    Path file = temp.resolve("requests/targets.2.request.json");
    SigningRequest request = SigningRequest.decode(Files.readAllBytes(file));

    Files.writeString(file, Files.readString(file).replace("a.json", "b.json"));
    assertThat(run.refused(importing("requests"))).isEqualTo("input-malformed");
    DraftMetadata empty =
        MetadataWriter.targets(
            new MetadataWriter.Header(2, Instant.parse("2099-01-01T00:00:00Z")),
            Map.of(),
            List.of());
    Files.write(file, new SigningRequest("targets", empty, request.authorities()).encode());
    assertThat(run.refused(importing("requests"))).isEqualTo("signature-mismatched");

    run.done(
        "key",
        "generate",
        "--type",
        "ed25519",
        "--key",
        run.path("mallory/k.key"),
        "--unencrypted");
    TufKey mallory = key(temp.resolve("mallory/k.key"));
    RoleKeys own = new RoleKeys(Map.of(mallory.id(), mallory), 1);
    for (String name : files("requests")) {
      Files.delete(temp.resolve("requests").resolve(name));
    }
    Files.write(file, new SigningRequest("targets", empty, List.of(own)).encode());
    sign("requests", "targets.2", "mallory");
    assertThat(run.refused(importing("requests"))).isEqualTo("signer-foreign");
    Files.write(file, new SigningRequest("vendor", empty, List.of(own)).encode());
    Files.delete(temp.resolve("requests/targets.2.mallory-k.key.signature.json"));
    assertThat(run.refused(importing("requests"))).isEqualTo("input-malformed");
    assertThat(timestamp()).isEqualTo(before);
  }

  @Test
  void import_somethingWasPublishedMeanwhile_isRefused() throws Exception {
    awaited(run.release("a"), "one");
    awaited(run.release("b"), "other");
    signAll("one", "targets.2");
    signAll("other", "targets.2");
    run.done(importing("one"));

    assertThat(run.refused(importing("other"))).isEqualTo("request-outdated");
    assertThat(error("todo")).contains("run the command again that made the request");
    assertThat(run.done("verify", "--repository", run.path("mirror")).integer("levels", 1, 1))
        .isEqualTo(1);
  }

  @Test
  void import_refreshedMeanwhile_isNotInItsWay() throws Exception {
    awaited(run.release("a"), "requests");
    signAll("requests", "targets.2");
    run.done(run.onRepository("refresh"));
    run.done(importing("requests"));
  }

  @Test
  void import_payloadLostMeanwhile_isRefused() throws Exception {
    awaited(run.release("a"), "requests");
    signAll("requests", "targets.2");
    byte[] before = timestamp();
    Files.delete(temp.resolve("mirror/payloads").resolve(files("mirror/payloads").get(0)));

    assertThat(run.refused(importing("requests"))).isEqualTo("repository-damaged");
    assertThat(timestamp()).isEqualTo(before);
  }

  @Test
  void import_vendorTookItsStatementBackMeanwhile_isRefused() throws Exception {
    run.done(
        "key", "generate", "--type", "ed25519", "--key", run.path("vendor/k.key"), "--unencrypted");
    awaited(
        new String[] {
          "component",
          "add",
          "--keys",
          run.path("keys"),
          "--repository",
          run.path("mirror"),
          "--name",
          "tls",
          "--key",
          run.path("vendor/k.key.pub")
        },
        "requests");
    signAll("requests", "targets.2");
    run.done(importing("requests"));
    vendorSays("new.img", "handover", 1);
    awaited(run.release("a"), "requests");
    signAll("requests", "targets.3");

    vendorSays("old.img", "handover-2", 2);
    assertThat(run.refused(importing("requests"))).isEqualTo("vendor-disagrees");
  }

  /** Every signing is a version of its own. */
  private void vendorSays(String image, String folder, int version) {
    run.done(
        "patch",
        "build",
        "--component",
        "tls=" + run.path("old.img") + "," + run.path(image),
        "--out",
        run.path(folder));
    for (int i = 0; i < version; i++) {
      run.done(
          "patch",
          "sign",
          "--name",
          "tls",
          "--out",
          run.path(folder),
          "--key",
          run.path("vendor/k.key"));
    }
    run.done(
        "component",
        "import",
        "--keys",
        run.path("keys"),
        "--repository",
        run.path("mirror"),
        "--name",
        "tls",
        "--from",
        run.path(folder));
  }

  @Test
  void import_noFolderOrNoRequests_isRefused() throws Exception {
    assertThat(run.exit(run.onRepository("import"))).isEqualTo(Console.USAGE);
    assertThat(run.refused(importing("nowhere"))).isEqualTo("input-unreadable");
    Files.createDirectory(temp.resolve("empty"));
    assertThat(run.refused(importing("empty"))).isEqualTo("input-unreadable");
    assertThat(error("todo")).contains("--requests");
  }
}
