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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
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

  @Test
  void story_initReleaseStatusWithdraw_everyCommandInJson() {
    assertThat(run("init", "--keys", path("keys"), "--json")).isZero();
    String keyId = document().text("keyid");

    assertThat(runRelease("a", "--json")).as(errors()).isZero();
    Fields released = document();
    assertThat(released.text("release")).isEqualTo("26.1 (a)");
    assertThat(released.integer("index_version", 2, 2)).isEqualTo(2);
    Fields component = released.objects("components", 9).get(0);
    assertThat(component.text("name")).isEqualTo("tls");
    assertThat(component.integer("image_bytes", 1, Long.MAX_VALUE)).isEqualTo(8 * 4096);
    assertThat(component.integer("delta_bytes", 1, 4096)).isPositive();
    assertThat(component.integer("full_zstd_bytes", 1, Long.MAX_VALUE)).isPositive();

    assertThat(
            run(
                "status",
                "--repository",
                path("mirror"),
                "--trust-root",
                path("keys/trust-root.json"),
                "--json"))
        .isZero();
    assertThat(document().text("signature")).isEqualTo("valid");
    assertThat(document().objects("levels", 9).get(0).bool("withdrawn")).isFalse();

    assertThat(
            run(
                "withdraw",
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
                "--json"))
        .isZero();
    assertThat(document().integer("index_version", 3, 3)).isEqualTo(3);

    assertThat(run("status", "--repository", path("mirror"))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("index version 3", "signature not checked", "withdrawn");
    assertThat(keyId).hasSize(64);
  }

  @Test
  void release_levelThatIsThere_exit4AndFiveParts() {
    run("init", "--keys", path("keys"));
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
    run("init", "--keys", path("keys"));
    Files.setPosixFilePermissions(
        temp.resolve("keys/publisher-keyset.json"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("keys-exposed");
    assertThat(temp.resolve("mirror")).doesNotExist();
  }

  @Test
  void release_noKeys_exit4() {
    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("keys-missing");
  }

  @Test
  void release_imageMissing_exit4() throws Exception {
    run("init", "--keys", path("keys"));
    Files.delete(temp.resolve("new.img"));

    assertThat(runRelease("a", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("input-unreadable");
    assertThat(errors()).contains("no such file", path("new.img"));
  }

  @Test
  void release_corruptedIndex_exit4() throws Exception {
    run("init", "--keys", path("keys"));
    runRelease("a");
    Files.writeString(temp.resolve("mirror/index.json"), "{");

    assertThat(runRelease("b", "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("repository-damaged");
    assertThat(run("status", "--repository", path("mirror"))).isEqualTo(4);
  }

  @Test
  void release_workFolderMissing_exit5() {
    run("init", "--keys", path("keys"));
    List<String> args = release("a");
    args.set(args.indexOf("--work") + 1, path("nowhere"));

    assertThat(run(args.toArray(String[]::new))).isEqualTo(5);
    assertThat(errors()).contains("failed (storage-failed)");
  }

  @Test
  void status_nothingPublished_exit4() {
    assertThat(run("status", "--repository", path("mirror"), "--json")).isEqualTo(4);
    assertThat(document().object("error").text("problem")).isEqualTo("repository-empty");
  }

  @Test
  void status_trustRootOfSomebodyElse_exit4() {
    run("init", "--keys", path("keys"));
    run("init", "--keys", path("others"));
    runRelease("a");

    assertThat(
            run(
                "status",
                "--repository",
                path("mirror"),
                "--trust-root",
                path("others/trust-root.json")))
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
        "--health-deadline=0",
        "--health-deadline=3601",
        "--health-settle=-1",
        "--restart=never",
        "--changelog=libssl3=2..1,f",
        "--model=",
        "--baseline=26 1",
        "--unknown",
        "word"
      })
  void release_oneOptionWrong_exit2AndNothingBegun(String wrong) {
    run("init", "--keys", path("keys"));
    List<String> args = release("a");
    int given = args.indexOf(wrong.replaceFirst("=.*", ""));
    if (given >= 0) {
      args.subList(given, given + 2).clear();
    }
    args.add(wrong);
    args.add("--json");

    assertThat(run(args.toArray(String[]::new))).as(wrong).isEqualTo(2);
    assertThat(document().object("error").text("outcome")).isEqualTo("wrong command line");
    assertThat(temp.resolve("mirror")).doesNotExist();
  }

  @Test
  void release_sameComponentTwice_exit2() {
    run("init", "--keys", path("keys"));

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
        .contains("init", "release", "withdraw", "notify", "status", "advisories", "Exit codes");
    for (String command :
        List.of("init", "release", "withdraw", "notify", "status", "advisories")) {
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

    run("init", "--keys", path("keys"));
    assertThat(runRelease("a", "--advisories", list.toString(), "--json")).as(errors()).isZero();
    assertThat(document().integer("advisories", 1, 1)).isEqualTo(1);
  }
}
