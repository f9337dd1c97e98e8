package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SuturePublishTest {
  @TempDir private Path temp;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void makeImages() throws IOException {
    byte[] old = TestImages.random(8, 1);
    TestImages.write(temp.resolve("old.img"), old);
    TestImages.write(temp.resolve("new.img"), TestImages.edited(old, 2));
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

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String path(String name) {
    return temp.resolve(name).toString();
  }

  private List<String> release(String level) {
    return new ArrayList<>(
        List.of(
            "release",
            "--keys",
            path("keys"),
            "--repository",
            path("mirror"),
            "--baseline",
            "26.1",
            "--model",
            "suture-virt-arm64",
            "--level",
            level,
            "--component",
            "tls=" + path("old.img") + "," + path("new.img"),
            "--health-https",
            "443/=200",
            "--work",
            temp.toString()));
  }

  private int runRelease(String level, String... more) {
    List<String> args = release(level);
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private String[] onLevel(String command, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                command,
                "--keys",
                path("keys"),
                "--repository",
                path("mirror"),
                "--baseline",
                "26.1",
                "--model",
                "suture-virt-arm64",
                "--level",
                "a",
                "--json"));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  @Test
  void story_initReleaseStageStatusWithdrawRotate_everyCommandInJson() {
    assertThat(
            run(
                "init",
                "--keys",
                path("keys"),
                "--repository",
                path("mirror"),
                "--unencrypted",
                "--json"))
        .isZero();
    assertThat(document().text("root")).isEqualTo(path("keys/root.json"));

    assertThat(runRelease("a", "--ring", "internal", "--curve", "1=10,24=100", "--json"))
        .as(errors())
        .isZero();
    Fields released = document();
    assertThat(released.text("release")).isEqualTo("26.1 (a)");
    assertThat(released.integer("timestamp_version", 2, 2)).isEqualTo(2);
    Fields component = released.objects("components", 9).get(0);
    assertThat(component.text("name")).isEqualTo("tls");
    assertThat(component.integer("image_bytes", 1, Long.MAX_VALUE)).isEqualTo(8 * 4096);
    assertThat(component.integer("delta_bytes", 1, 4096)).isPositive();
    assertThat(component.integer("full_zstd_bytes", 1, Long.MAX_VALUE)).isPositive();
    assertThat(run(onLevel("stage"))).as(errors()).isZero();
    assertThat(document().text("rollout")).isEqualTo("everybody");

    String[] status = {
      "status", "--repository", path("mirror"), "--trust-root", path("keys/root.json"), "--json"
    };
    assertThat(run(status)).isZero();
    assertThat(document().text("signature")).isEqualTo("valid");
    assertThat(document().objects("levels", 9).get(0).bool("withdrawn")).isFalse();

    assertThat(run(onLevel("withdraw", "--reach", "remove", "--instead", "newest-good"))).isZero();
    assertThat(document().integer("timestamp_version", 4, 4)).isEqualTo(4);
    assertThat(run("refresh", "--keys", path("keys"), "--repository", path("mirror"), "--json"))
        .isZero();
    assertThat(
            run(
                "rotate",
                "--role",
                "timestamp",
                "--unencrypted",
                "--keys",
                path("keys"),
                "--repository",
                path("mirror"),
                "--json"))
        .as(errors())
        .isZero();
    assertThat(document().integer("root_version", 2, 2)).isEqualTo(2);
    assertThat(run("verify", "--repository", path("mirror"), "--json")).as(errors()).isZero();
    assertThat(document().integer("levels", 1, 1)).isEqualTo(1);

    assertThat(run("status", "--repository", path("mirror"))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("timestamp version 6", "from its own first root", "withdrawn (remove)");
  }

  @Test
  void dryRun_everyCommandThatWrites_nothingChanges() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    runRelease("a");
    byte[] before = Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json"));

    assertThat(runRelease("b", "--dry-run", "--json")).as(errors()).isZero();
    assertThat(document().bool("dry_run")).isTrue();
    assertThat(run(onLevel("withdraw", "--dry-run"))).isZero();
    assertThat(run(onLevel("stage", "--dry-run", "--ring", "x"))).isZero();
    for (String command : List.of("refresh", "rotate")) {
      List<String> args =
          new ArrayList<>(
              List.of(
                  command, "--dry-run", "--keys", path("keys"), "--repository", path("mirror")));
      if (command.equals("rotate")) {
        args.addAll(List.of("--role", "root"));
      }
      assertThat(run(args.toArray(String[]::new))).as(errors()).isZero();
    }
    assertThat(
            run(
                "init",
                "--keys",
                path("new"),
                "--repository",
                path("newer"),
                "--unencrypted",
                "--dry-run"))
        .isZero();

    assertThat(Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json")))
        .isEqualTo(before);
    assertThat(temp.resolve("mirror/metadata/2.root.json")).doesNotExist();
    assertThat(temp.resolve("new")).doesNotExist();
    assertThat(temp.resolve("newer")).doesNotExist();
  }

  @Test
  void init_passphrase_keysAreSealedAndNeedIt() throws Exception {
    Path passphrase = Files.writeString(temp.resolve("passphrase"), "correct horse\n");
    String[] init = {
      "init",
      "--keys",
      path("keys"),
      "--repository",
      path("mirror"),
      "--passphrase-file",
      passphrase.toString()
    };
    assertThat(run(init)).as(errors()).isZero();
    assertThat(run(init)).isEqualTo(4);
    assertThat(errors()).contains("repository-exists");
    assertThat(Files.readString(temp.resolve("keys/root-ed25519.key"))).contains("argon2id");

    assertThat(
            run(
                "refresh",
                "--keys",
                path("keys"),
                "--repository",
                path("mirror"),
                "--passphrase-file",
                passphrase.toString()))
        .as(errors())
        .isZero();
  }

  @Test
  void init_withoutPassphrase_refusedUnlessUnencryptedIsSaid() {
    String[] init = {"init", "--keys", path("keys"), "--repository", path("mirror")};
    assertThat(run(join(init, new String[] {"--json"}))).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("passphrase-missing");
    assertThat(errors()).contains("--passphrase-file", "SUTURE_PASSPHRASE", "--unencrypted");
    assertThat(temp.resolve("keys")).doesNotExist();
    assertThat(temp.resolve("mirror")).doesNotExist();

    run("init", "--keys", path("keys"), "--unencrypted");
    assertThat(run(init)).as("with keys that are there no passphrase is needed").isZero();
  }

  @Test
  void rotate_withoutPassphrase_refusedUnlessUnencryptedIsSaid() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    String[] rotate = {
      "rotate", "--keys", path("keys"), "--repository", path("mirror"), "--role", "root", "--json"
    };
    assertThat(run(rotate)).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("passphrase-missing");
    assertThat(temp.resolve("keys/root-ed25519-2.key")).doesNotExist();
    assertThat(temp.resolve("mirror/metadata/2.root.json")).doesNotExist();

    assertThat(run(join(rotate, new String[] {"--unencrypted"}))).as(errors()).isZero();
  }

  @Test
  void vendor_buildSignImport_releaseNeedsItsStatement() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    String images = "tls=" + path("old.img") + "," + path("new.img");
    String[] repository = {"--keys", path("keys"), "--repository", path("mirror"), "--name", "tls"};
    for (String type : List.of("ed25519", "ml-dsa-65")) {
      String key = path("vendor/" + type + ".key");
      assertThat(run("key", "generate", "--type", type, "--key", key, "--unencrypted")).isZero();
    }
    String[] keys = {"--key", path("vendor/ed25519.key"), path("vendor/ml-dsa-65.key")};

    assertThat(
            run(
                join(
                    new String[] {"component", "add"},
                    repository,
                    new String[] {
                      "--key", path("vendor/ed25519.key.pub"), path("vendor/ml-dsa-65.key.pub")
                    })))
        .as(errors())
        .isZero();
    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("vendor-disagrees");

    String[] build = {"patch", "build", "--component", images, "--out", path("handover")};
    String work = path("nowhere");
    assertThat(run(join(build, new String[] {"--work", work}))).isEqualTo(5);
    assertThat(errors()).contains("failed (storage-failed)", work, "--work");
    work = Files.createDirectory(temp.resolve("work")).toString();
    assertThat(run(join(build, new String[] {"--work", work}))).as(errors()).isZero();
    assertThat(temp.resolve("work")).isEmptyDirectory();
    String[] sign = {"patch", "sign", "--name", "tls", "--out", path("handover")};
    String[] take = {"--from", path("handover")};
    assertThat(run(join(sign, new String[] {"--key", path("vendor/ed25519.key")}))).isZero();
    assertThat(run(join(new String[] {"component", "import"}, repository, take))).isEqualTo(4);
    assertThat(errors()).contains("expected 2 of 2 keys, got 1 fewer");

    assertThat(run(join(sign, keys))).as(errors()).isZero();
    assertThat(run(join(new String[] {"component", "import"}, repository, take)))
        .as(errors())
        .isZero();
    assertThat(runRelease("a")).as(errors()).isZero();
    assertThat(errors()).contains("tls delta: ", "taken from the repository");
    assertThat(run("verify", "--repository", path("mirror"))).as(errors()).isZero();

    // A vendor who has lost what was signed before, and signs something else under its number.
    for (int version = 1; version <= 2; version++) {
      Files.delete(temp.resolve("handover/metadata/" + version + ".component-tls.json"));
    }
    assertThat(run(join(sign, keys, new String[] {"--days", "300"}))).as(errors()).isZero();
    assertThat(run(join(new String[] {"component", "import"}, repository, take))).isEqualTo(4);
    assertThat(errors()).contains("--at-least 3");
    assertThat(run(join(sign, keys, new String[] {"--at-least", "3"}))).as(errors()).isZero();
    assertThat(run(join(new String[] {"component", "import"}, repository, take)))
        .as(errors())
        .isZero();
  }

  /** Words in another order: matched in two ways that give two deltas. */
  @Test
  void vendor_choseAnotherWayOfMatching_itsOwnPayloadsArePublished() throws Exception {
    byte[] old = TestImages.random(16, 1);
    byte[] next = old.clone();
    for (int at = 4096; at + 24 <= next.length; at += 24) {
      System.arraycopy(old, next.length - at, next, at, 11);
    }
    TestImages.write(temp.resolve("old.img"), old);
    TestImages.write(temp.resolve("new.img"), next);
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    String[] repository = {"--keys", path("keys"), "--repository", path("mirror"), "--name", "tls"};
    String key = path("vendor.key");
    run("key", "generate", "--type", "ed25519", "--key", key, "--unencrypted");
    String[] add = {"component", "add", "--key", key + ".pub"};
    assertThat(run(join(add, repository))).as(errors()).isZero();
    String images = "tls=" + path("old.img") + "," + path("new.img");
    String[] build = {"patch", "build", "--json", "--component", images, "--out"};
    assertThat(run(join(build, new String[] {path("other")}))).as(errors()).isZero();
    long other = document().integer("delta_bytes", 1, 1 << 20);
    assertThat(run(join(build, new String[] {path("out"), "--low-memory"}))).isZero();
    long delta = document().integer("delta_bytes", 1, 1 << 20);
    assertThat(delta).isNotEqualTo(other);
    String[] sign = {"patch", "sign", "--name", "tls", "--out", path("out"), "--key", key};
    assertThat(run(sign)).as(errors()).isZero();
    String[] take = {"component", "import", "--from", path("out")};
    assertThat(run(join(take, repository))).as(errors()).isZero();

    assertThat(runRelease("a", "--json")).as(errors()).isZero();
    assertThat(document().objects("components", 1).get(0).integer("delta_bytes", 1, 1 << 20))
        .isEqualTo(delta);
  }

  private static String[] join(String[]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(String[]::new);
  }

  @Test
  void baselineAdd_recorded_otherBaseImageIsRefused() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    String[] add = {
      "baseline",
      "add",
      "--keys",
      path("keys"),
      "--model",
      "suture-virt-arm64",
      "--baseline",
      "26.1",
      "--component",
      "tls=" + path("old.img"),
      "--json"
    };
    assertThat(run(add)).as(errors()).isZero();
    assertThat(document().text("digest")).hasSize(64);
    assertThat(run(add)).isEqualTo(4);

    Path old = temp.resolve("old.img");
    byte[] image = Files.readAllBytes(old);
    TestImages.write(old, TestImages.random(8, 77));
    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("base-differs");
    Files.write(old, image);
    assertThat(runRelease("a", "--floor", "a", "--data-schema", "1..2")).as(errors()).isZero();
  }

  @Test
  void release_levelThatIsThere_exit4AndFiveParts() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    runRelease("a");

    assertThat(runRelease("a", "--json")).isEqualTo(4);
    Fields error = document().object("error");
    assertThat(error.text("problem")).isEqualTo("level-exists");
    assertThat(error.text("outcome")).isEqualTo("refused");
    assertThat(error.integer("exit", 4, 4)).isEqualTo(4);
    for (String part : List.of("attempted", "expected", "got", "where", "todo")) {
      assertThat(error.text(part)).isNotBlank();
    }
    assertThat(errors()).contains("attempted:", "expected:", "got:", "where:", "to do:");
  }

  @Test
  void release_keyReadableByOthers_exit4() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    Files.setPosixFilePermissions(
        temp.resolve("keys/targets-ed25519.key"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("keys-exposed");
    assertThat(temp.resolve("mirror/payloads")).doesNotExist();
  }

  @Test
  void release_noKeys_exit4() {
    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("keys-missing");
  }

  @Test
  void release_imageMissing_exit4() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    Files.delete(temp.resolve("new.img"));

    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("input-unreadable");
    assertThat(errors()).contains("no such file", path("new.img"));
  }

  @Test
  void release_corruptedTimestamp_exit4() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    runRelease("a");
    Files.writeString(temp.resolve("mirror/metadata/timestamp.json"), "{");

    assertThat(runRelease("b", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("repository-damaged");
    assertThat(run("status", "--repository", path("mirror"))).isEqualTo(4);
  }

  @Test
  void release_workFolderMissing_exit5() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    List<String> args = release("a");
    args.set(args.indexOf("--work") + 1, path("nowhere"));

    assertThat(run(args.toArray(String[]::new))).isEqualTo(5);
    assertThat(errors()).contains("failed (storage-failed)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "verify"})
  void read_nothingPublished_exit4AndSaysSo(String command) throws Exception {
    Files.createDirectory(temp.resolve("mirror"));
    assertThat(run(command, "--repository", path("mirror"), "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("repository-empty");
    assertThat(document().object("error").text("todo")).contains("suture-publish init");
  }

  @Test
  void withdraw_optionsThatDoNotGoTogether_exit2AndNothingWithdrawn() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    assertThat(runRelease("a")).as(errors()).isZero();

    assertThat(run(onLevel("withdraw", "--reach", "stop", "--instead", "newest-good")))
        .isEqualTo(2);
    assertThat(document().object("error").text("got"))
        .contains("--instead newest-good", "--reach stop");
    for (String[] more : new String[][] {{"--reach", "remove"}, {"--instead", "base"}}) {
      List<String> args = new ArrayList<>(Arrays.asList(onLevel("withdraw", more)));
      int level = args.indexOf("--level");
      args.set(level, "--sealed");
      args.set(level + 1, "name");
      assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
      assertThat(document().object("error").text("got"))
          .contains("--reach and --instead", "--sealed");
    }
    assertThat(temp.resolve("mirror/metadata/3.targets.json")).doesNotExist();
  }

  @Test
  void withdraw_reachAloneOrNothingSaid_takesTheDefaults() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    assertThat(runRelease("a")).as(errors()).isZero();

    assertThat(run(onLevel("withdraw", "--reach", "stop", "--instead", "base"))).isZero();
    assertThat(document().text("reach")).isEqualTo("stop");
    assertThat(run(onLevel("withdraw"))).as(errors()).isZero();
    assertThat(document().text("reach")).isEqualTo("remove");
    assertThat(document().text("instead")).isEqualTo("base");
  }

  /** Whose first output fails as nothing should. */
  private static final class FailingOnce extends PrintStream {
    private final Error error;
    private boolean failed;

    FailingOnce(ByteArrayOutputStream out, Error error) {
      super(out, true, StandardCharsets.UTF_8);
      this.error = error;
    }

    @Override
    public void print(String text) {
      if (!failed) {
        failed = true;
        throw error;
      }
      super.print(text);
    }
  }

  private int runFailingWith(Error error) {
    out.reset();
    err.reset();
    return SuturePublish.run(
        new FailingOnce(out, error),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        "status",
        "--repository",
        path("mirror"),
        "--json");
  }

  @Test
  void run_error_exit5WithTheTraceAndADocument() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");

    assertThat(runFailingWith(new StackOverflowError("deep"))).isEqualTo(5);
    assertThat(document().object("error").text("problem")).isEqualTo("internal-error");
    assertThat(errors()).contains("StackOverflowError: deep", "\tat ");
  }

  @Test
  void run_outOfMemory_exit5AndSaysWhatToSet() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");

    assertThat(runFailingWith(new OutOfMemoryError("Java heap space"))).isEqualTo(5);
    assertThat(document().object("error").text("problem")).isEqualTo("heap-too-small");
    assertThat(document().object("error").text("todo"))
        .contains("SUTURE_PUBLISH_JAVA_OPTS=-Xmx", "--low-memory");
  }

  @Test
  void status_trustRootOfSomebodyElse_exit4() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    run("init", "--keys", path("others"), "--repository", path("other-mirror"), "--unencrypted");
    runRelease("a");

    assertThat(
            run("status", "--repository", path("mirror"), "--trust-root", path("others/root.json")))
        .isEqualTo(4);
  }

  @Test
  void notify_nothingPublished_exit4WithoutConnecting() {
    assertThat(
            run(
                "notify",
                "--repository",
                path("mirror"),
                "--fleet",
                "demo",
                "--broker-uri",
                "ssl://127.0.0.1:1",
                "--ca-file",
                path("ca.pem"),
                "--username",
                "publisher",
                "--password-file",
                path("password")))
        .isEqualTo(4);
  }

  @Test
  void notify_unencryptedAddress_exit2() {
    assertThat(
            run(
                "notify",
                "--repository",
                path("mirror"),
                "--fleet",
                "demo",
                "--broker-uri",
                "tcp://127.0.0.1:1883",
                "--ca-file",
                path("ca.pem"),
                "--username",
                "publisher",
                "--password-file",
                path("password")))
        .isEqualTo(2);
    assertThat(errors()).contains("expected ssl://HOST:PORT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--level=1",
        "--level=abc",
        "--component=tls",
        "--component=../tls=a,b",
        "--health-https=443",
        "--health-https=0/=200",
        "--health-https=443/=999",
        "--health-https=443/a b=200",
        "--health-http=80",
        "--health-mqtt=x",
        "--health-mqtt=65536",
        "--health-unit=nginx",
        "--health-unit=--nginx.service",
        "--health-unit=*.service",
        "--health-command=../modem",
        "--health-command=a b",
        "--health-deadline=0",
        "--health-deadline=3601",
        "--health-settle=-1",
        "--full-level=0",
        "--full-level=20",
        "--full-level=x",
        "--restart=never",
        "--changelog=libssl3=2..1,f",
        "--model=",
        "--baseline=26 1",
        "--baseline=26+1",
        "--ring=",
        "--curve=10",
        "--curve=24=50,12=60",
        "--floor=b",
        "--data-schema=3..1",
        "--unknown",
        "word"
      })
  void release_oneOptionWrong_exit2AndNothingBegun(String wrong) {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    List<String> args = release("a");
    int given = args.indexOf(wrong.replaceFirst("=.*", ""));
    if (given >= 0) {
      args.subList(given, given + 2).clear();
    }
    args.add(wrong);
    args.add("--json");

    assertThat(run(args.toArray(String[]::new))).as(wrong).isEqualTo(2);
    assertThat(document().object("error").text("outcome")).isEqualTo("wrong command line");
    assertThat(temp.resolve("mirror/metadata/2.targets.json")).doesNotExist();
  }

  @Test
  void release_sameComponentTwice_exit2() {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");

    assertThat(runRelease("a", "--component", "tls=" + path("old.img") + "," + path("new.img")))
        .isEqualTo(2);
    assertThat(errors()).contains("expected each name once");
  }

  @Test
  void run_unknownWordOrNone_exit2() {
    assertThat(run("publish")).isEqualTo(2);
    assertThat(run()).isEqualTo(2);
    assertThat(run("init")).isEqualTo(2);
    assertThat(errors()).contains("--keys");
  }

  @Test
  void run_help_explainsEveryCommandAndExitCodes() {
    assertThat(run("--help")).isZero();
    String help = out.toString(StandardCharsets.UTF_8);
    assertThat(help)
        .contains(
            "init",
            "release",
            "stage",
            "withdraw",
            "refresh",
            "rotate",
            "import",
            "notify",
            "status",
            "verify",
            "bundle",
            "open",
            "advisories",
            "Exit codes");
    for (String command :
        List.of(
            "init",
            "release",
            "stage",
            "withdraw",
            "refresh",
            "rotate",
            "import",
            "notify",
            "status",
            "verify",
            "bundle",
            "open",
            "advisories",
            "advisory")) {
      assertThat(run(command, "--help")).isZero();
      assertThat(out.toString(StandardCharsets.UTF_8)).contains("--json", "Usage:");
    }
    assertThat(run("--version")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("suture-publish 0.1.0");
  }

  @Test
  void advisories_changelog_printsAFileThatReleaseTakes() throws Exception {
    Path changelog =
        Files.writeString(
            temp.resolve("changelog"),
            """
            demo (2-1) bookworm-security; urgency=high

              * CVE-2026-1111: <bad> & worse

             -- A <a@example.org>  Wed, 21 Oct 2026 16:54:24 +0700
            """);
    assertThat(run("advisories", "--changelog", "demo=1-1..2-1," + changelog)).isZero();
    Path list = Files.write(temp.resolve("list.json"), out.toByteArray());

    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    assertThat(runRelease("a", "--advisories", list.toString(), "--json")).as(errors()).isZero();
    assertThat(document().integer("advisories", 1, 1)).isEqualTo(1);
  }

  private void releaseWithAdvisory(String level) throws IOException {
    Path list = temp.resolve("list.json");
    Files.writeString(
        list,
        """
        [{"id": "CVE-2026-1111", "purl": "pkg:deb/debian/demo@2-1", "fixed_version": "2-1",
          "cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "summary": "A sentence."}]
        """);
    assertThat(runRelease(level, "--advisories", list.toString())).as(errors()).isZero();
  }

  private int advisory(String level, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "advisory",
                "--repository",
                path("mirror"),
                "--trust-root",
                path("keys/root.json"),
                "--baseline",
                "26.1",
                "--model",
                "suture-virt-arm64",
                "--level",
                level,
                "--publisher-name",
                "Example Devices",
                "--namespace",
                "https://psirt.example.com/",
                "--out",
                path("advisories"),
                "--json"));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  @Test
  void advisory_publishedLevel_writesBothAndNeverAnotherDocumentOverThem() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    releaseWithAdvisory("a");
    String date = "--date=2026-11-21T12:00:00Z";

    assertThat(advisory("a", date, "--dry-run")).as(errors()).isZero();
    assertThat(temp.resolve("advisories")).doesNotExist();
    assertThat(advisory("a", date)).as(errors()).isZero();
    Fields csaf = document().objects("documents", 2).get(0);
    assertThat(csaf.text("path")).isEqualTo(path("advisories/suture-virt-arm64-26_1-a.json"));
    assertThat(csaf.text("state")).isEqualTo("new");
    assertThat(temp.resolve("advisories")).isDirectoryContaining("glob:**.openvex.json");
    assertThat(Files.size(Path.of(csaf.text("path"))))
        .isEqualTo(csaf.integer("bytes", 1, Long.MAX_VALUE));

    assertThat(advisory("a", date)).isZero();
    assertThat(document().objects("documents", 2).get(1).text("state")).isEqualTo("unchanged");
    assertThat(advisory("a", "--date=2026-11-22T12:00:00Z")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("advisory-exists");
    assertThat(advisory("a", "--date=2026-11-22T12:00:00Z", "--replace")).isZero();
    assertThat(document().objects("documents", 2).get(0).text("state")).isEqualTo("replaced");
  }

  @Test
  void advisory_levelThatCannotBeDescribed_exit4AndNothingWritten() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("other-mirror"), "--unencrypted");
    assertThat(advisory("a")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("repository-empty");
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");

    runRelease("a");
    assertThat(advisory("a")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("advisory-empty");
    assertThat(advisory("b")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("level-unknown");
    assertThat(errors()).contains("26.1 (a)", "suture-publish status");

    releaseWithAdvisory("b");
    List<String> withdraw = release("b").subList(0, 11);
    withdraw.set(0, "withdraw");
    assertThat(run(withdraw.toArray(String[]::new))).as(errors()).isZero();
    assertThat(advisory("b")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("level-withdrawn");
    assertThat(temp.resolve("advisories")).doesNotExist();
  }

  @Test
  void advisory_otherTrustRootOrFolderThatIsAFile_isRefusedOrFails() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    releaseWithAdvisory("a");
    Files.writeString(temp.resolve("advisories"), "a file");
    assertThat(advisory("a")).isEqualTo(5);
    assertThat(document().object("error").text("problem")).isEqualTo("storage-failed");

    run("init", "--keys", path("others"), "--repository", path("other-mirror"), "--unencrypted");
    Files.copy(
        temp.resolve("others/root.json"),
        temp.resolve("keys/root.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(advisory("a")).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--date=yesterday",
        "--url=http://x.example",
        "--tracking-id= x",
        "--contact=",
        "-x"
      })
  void advisory_oneOptionWrong_exit2(String wrong) {
    assertThat(advisory("a", wrong)).as(wrong).isEqualTo(2);
    assertThat(document().object("error").text("outcome")).isEqualTo("wrong command line");
  }

  @Test
  void advisory_withoutTrustRoot_exit2AndNothingWritten() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    releaseWithAdvisory("a");
    List<String> args = new ArrayList<>(List.of("advisory", "--repository", path("mirror")));
    args.addAll(List.of("--baseline=26.1", "--model=suture-virt-arm64", "--level=a", "--json"));
    args.addAll(List.of("--publisher-name=Example", "--namespace=https://psirt.example.com/"));
    args.add("--out=" + path("advisories"));

    assertThat(run(args.toArray(String[]::new))).isEqualTo(2);
    assertThat(document().object("error").text("outcome")).isEqualTo("wrong command line");
    assertThat(temp.resolve("advisories")).doesNotExist();
  }

  @Test
  void release_advisoryMalformed_exit4BeforeAnythingElse() throws Exception {
    run("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
    Path list = temp.resolve("list.json");
    Files.writeString(
        list,
        "[{\"id\":\"CVE-2026-1\",\"purl\":\"pkg:deb/debian/x@1\",\"fixed_version\":\"1\","
            + "\"cvss\":null,\"summary\":\"S.\"}]");

    assertThat(runRelease("a", "--advisories", list.toString(), "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("input-malformed");
    assertThat(document().object("error").text("got")).contains("list[0].id: expected CVE-YYYY");
    assertThat(temp.resolve("mirror/metadata/2.targets.json")).doesNotExist();
  }
}
