package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.ErofsImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --explain} and {@code --max-bytes} of {@code patch build} and {@code release}. */
final class PayloadOptionsTest {
  private static final String ODD = "odd\n  to do:     rm\u001b[2J<b>";
  private static final String SHOWN = "/odd\\n  to do:     rm\\u{1b}[2J<b>";
  private static final int NEW_BYTES = 3000;

  @TempDir private Path temp;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void makeImages() throws Exception {
    Random random = new Random(9);
    Path tree = Files.createDirectories(temp.resolve("tree"));
    byte[] content = new byte[20_000];
    random.nextBytes(content);
    Files.write(tree.resolve("same"), content);
    Files.write(tree.resolve(ODD), new byte[1]);
    String[] options = {"-x-1", "-Enoinline_data"};
    Files.write(temp.resolve("old.img"), ErofsImage.of(tree, options));
    content = new byte[NEW_BYTES];
    random.nextBytes(content);
    Files.write(tree.resolve(ODD), content);
    Files.write(temp.resolve("new.img"), ErofsImage.of(tree, options));
    Files.createDirectories(temp.resolve("work"));
  }

  private String path(String name) {
    return temp.resolve(name).toString();
  }

  private int run(List<String> args, String... more) {
    out.reset();
    err.reset();
    List<String> all = new ArrayList<>(args);
    all.addAll(List.of(more));
    return SuturePublish.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        all.toArray(String[]::new));
  }

  private String images() {
    return "tls=" + path("old.img") + "," + path("new.img");
  }

  private List<String> build() {
    return List.of(
        "patch", "build", "--component", images(), "--out", path("out"), "--work", path("work"));
  }

  private List<String> release(String level) {
    return List.of(
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
        images(),
        "--health-https",
        "443/=200",
        "--work",
        path("work"));
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Fields document() {
    return StrictJson.parse("output", out.toByteArray(), 1 << 20);
  }

  private Fields file(String name) throws IOException {
    return StrictJson.parse("file", Files.readAllBytes(temp.resolve(name)), 1 << 20);
  }

  private List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(temp.resolve(folder))) {
      return files.sorted().toList();
    }
  }

  @Test
  void patchBuild_explain_printsTablesAndWritesBothFiles() throws Exception {
    assertThat(run(build(), "--explain", path("why"))).as(errors()).isZero();

    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains(
            "tls: delta ", "surprises in plain data", "biggest surprises", path("why/tls.html"))
        .contains(SHOWN + ", 0x0, surprises in plain data")
        .doesNotContain("\u001b");
    assertThat(text.lines()).noneMatch(line -> line.startsWith("  to do:"));
    Fields json = file("why/tls.json");
    assertThat(json.text("component")).isEqualTo("tls");
    Fields first = json.objects("files", 9).get(0);
    assertThat(first.text("path")).isEqualTo("/" + ODD);
    assertThat(first.integer("delta_bytes", NEW_BYTES - 100, NEW_BYTES + 100)).isPositive();
    assertThat(Files.readString(temp.resolve("why/tls.html")))
        .startsWith("<!DOCTYPE html>")
        .contains("/odd\\n  to do:     rm\\u{1b}[2J&lt;b&gt;");
    assertThat(temp.resolve("work")).isEmptyDirectory();
  }

  @Test
  void patchBuild_explainAsJson_hasTheSumsAndWhereTheRestIs() {
    assertThat(run(build(), "--explain", path("why"), "--json")).as(errors()).isZero();
    Fields explained = document().object("explained");
    assertThat(explained.text("document")).isEqualTo(path("why/tls.json"));
    assertThat(explained.text("page")).isEqualTo(path("why/tls.html"));
    long delta = document().integer("delta_bytes", 1, 1 << 20);
    assertThat(explained.integer("delta_bytes", delta, delta)).isEqualTo(delta);
    assertThat(explained.object("kinds").integer("data", NEW_BYTES - 100, delta)).isPositive();
  }

  @Test
  void patchBuild_noExplanationAsked_isAsBefore() {
    assertThat(run(build(), "--json")).isZero();
    assertThat(document().has("explained")).isFalse();
  }

  @Test
  void patchBuild_longerThanAllowed_refusedWithReasonsAndNothingLeftBehind() throws Exception {
    assertThat(run(build(), "--max-bytes", "1000", "--json")).isEqualTo(Console.REFUSED);

    Fields error = document().object("error");
    assertThat(error.text("problem")).isEqualTo("delta-too-long");
    assertThat(error.text("attempted")).isEqualTo("make the delta of tls");
    assertThat(error.text("expected")).isEqualTo("at most 1,000 bytes");
    assertThat(error.text("got"))
        .matches(
            "3,[0-9]{3} bytes: [0-9,]+ for surprises in plain data of .*; [0-9,]+ for .*; [0-9]+ for .*");
    assertThat(error.text("todo")).contains("--explain", "--max-bytes");
    assertThat(errors()).contains("for surprises in plain data of " + SHOWN);
    assertThat(temp.resolve("out")).doesNotExist();
    assertThat(temp.resolve("work")).isEmptyDirectory();
  }

  @Test
  void patchBuild_asLongAsAllowed_isBuilt() {
    assertThat(run(build(), "--json")).isZero();
    long delta = document().integer("delta_bytes", 1, 1 << 20);
    assertThat(run(build(), "--max-bytes", Long.toString(delta))).as(errors()).isZero();
    assertThat(run(build(), "--max-bytes", Long.toString(delta - 1))).isEqualTo(Console.REFUSED);
  }

  @Test
  void patchBuild_longerThanAllowedAndExplained_theExplanationIsThere() {
    assertThat(run(build(), "--max-bytes", "1000", "--explain", path("why")))
        .isEqualTo(Console.REFUSED);
    assertThat(temp.resolve("why/tls.html")).isNotEmptyFile();
    assertThat(temp.resolve("out")).doesNotExist();
  }

  @Test
  void patchBuild_wordInsteadOfBytes_exit2() {
    for (String bytes : List.of("0", "-1", "1k", "", "99999999999999999999")) {
      assertThat(run(build(), "--max-bytes", bytes)).as(bytes).isEqualTo(Console.USAGE);
    }
    assertThat(temp.resolve("out")).doesNotExist();
  }

  @Test
  void patchBuild_explainWhereAFileIs_exit5AndSaysTheOption() throws Exception {
    Files.write(temp.resolve("why"), new byte[1]);
    assertThat(run(build(), "--explain", path("why/x"))).isEqualTo(Console.FAILED);
    assertThat(errors()).contains("storage-failed", "--explain");
    assertThat(temp.resolve("out")).doesNotExist();
  }

  @Test
  void release_longerThanAllowed_publishesNothing_andAPayloadThatIsThereCountsToo()
      throws Exception {
    run(List.of("init", "--keys", path("keys"), "--repository", path("mirror"), "--unencrypted"));
    List<Path> before = files("mirror");
    byte[] timestamp = Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json"));
    assertThat(run(release("a"), "--max-bytes", "1000", "--json")).isEqualTo(Console.REFUSED);
    assertThat(document().object("error").text("problem")).isEqualTo("delta-too-long");
    assertThat(files("mirror")).isEqualTo(before);
    assertThat(temp.resolve("work")).isEmptyDirectory();

    assertThat(run(release("a"), "--explain", path("why"))).as(errors()).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("biggest surprises", SHOWN);
    assertThat(Files.readAllBytes(temp.resolve("mirror/metadata/timestamp.json")))
        .isNotEqualTo(timestamp);

    // The payload of level (a) is taken, not made.
    Files.delete(temp.resolve("why/tls.json"));
    assertThat(run(release("b"), "--explain", path("why"), "--json")).as(errors()).isZero();
    assertThat(errors()).contains("taken from the repository");
    Fields component = document().objects("components", 1).get(0);
    assertThat(component.object("explained").text("document")).isEqualTo(path("why/tls.json"));
    assertThat(file("why/tls.json").text("component")).isEqualTo("tls");
    assertThat(run(release("c"), "--max-bytes", "1000")).isEqualTo(Console.REFUSED);
  }
}
