package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands on a publisher's folder with keys, a repository and two images. */
final class CommandRun {
  private final Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  CommandRun(Path folder) throws IOException {
    this.folder = folder;
    byte[] old = TestImages.random(8, 1);
    TestImages.write(folder.resolve("old.img"), old);
    TestImages.write(folder.resolve("new.img"), TestImages.edited(old, 2));
    done("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted");
  }

  String path(String name) {
    return folder.resolve(name).toString();
  }

  int exit(String... args) {
    out.reset();
    err.reset();
    return SuturePublish.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }

  /** What it prints; it must succeed. */
  Fields done(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--json");
    assertThat(exit(all.toArray(String[]::new))).as(err.toString(StandardCharsets.UTF_8)).isZero();
    return document();
  }

  /** The problem; it must be refused. */
  String refused(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--json");
    assertThat(exit(all.toArray(String[]::new))).isEqualTo(Console.REFUSED);
    return document().object("error").text("problem");
  }

  Fields document() {
    return StrictJson.parse("output", out.toByteArray(), 1 << 20);
  }

  String[] release(String level, String... more) {
    List<String> args = new ArrayList<>(List.of(onBaseline("release", "--level", level)));
    args.addAll(
        List.of(
            "--component",
            "tls=" + path("old.img") + "," + path("new.img"),
            "--health-https",
            "443/=200",
            "--work",
            folder.toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  String[] onBaseline(String command, String... more) {
    List<String> args = new ArrayList<>(List.of(onRepository(command)));
    args.addAll(List.of("--baseline", "26.1", "--model", "suture-virt-arm64"));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  String[] onRepository(String command, String... more) {
    List<String> args =
        new ArrayList<>(List.of(command, "--keys", path("keys"), "--repository", path("mirror")));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }
}
