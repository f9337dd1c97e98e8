package dev.suture.publisher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool in virtual machines of its own, whose heap is small. */
final class SmallHeapTest {
  @TempDir private Path temp;
  private Fields document = StrictJson.parse("output", new byte[] {'{', '}'}, 2);

  private int run(String heap, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    Collections.addAll(
        command,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx" + heap,
        "-XX:+UseParallelGC",
        "-cp",
        System.getProperty("java.class.path"),
        SuturePublish.class.getName());
    Collections.addAll(command, args);
    command.add("--json");
    Process process =
        new ProcessBuilder(command)
            .redirectError(temp.resolve("errors").toFile())
            .redirectOutput(temp.resolve("output").toFile())
            .start();
    try {
      int exit = process.waitFor();
      byte[] output = Files.readAllBytes(temp.resolve("output"));
      document = StrictJson.parse("output", output, 1 << 20);
      return exit;
    } finally {
      process.destroyForcibly();
    }
  }

  private String image(String name, byte[] image) throws IOException {
    return TestImages.write(temp.resolve(name), image).toString();
  }

  private String[] build(String base, String image, String... more) {
    List<String> args = new ArrayList<>();
    Collections.addAll(args, "patch", "build", "--component", "tls=" + base + "," + image);
    Collections.addAll(args, "--out", temp.resolve("out").toString(), "--work", temp.toString());
    Collections.addAll(args, more);
    return args.toArray(String[]::new);
  }

  @Test
  void patchBuild_noRoomToSortTheBase_refusedUnlessItNeedsNoSortingOrLittleMemory()
      throws Exception {
    byte[] bytes = TestImages.random(2048, 1);
    String base = image("old.img", bytes);
    String other = image("other.img", TestImages.random(64, 3));

    assertThat(run("64m", build(base, other))).isEqualTo(5);
    assertThat(document.object("error").text("problem")).isEqualTo("heap-too-small");
    assertThat(document.object("error").text("expected"))
        .isEqualTo((7 * bytes.length + (16 << 20)) + " bytes of heap");
    assertThat(document.object("error").text("todo"))
        .contains("SUTURE_PUBLISH_JAVA_OPTS=-Xmx81m", "--low-memory");
    assertThat(run("81m", build(base, other))).isZero();
    assertThat(run("64m", build(base, other, "--low-memory"))).isZero();
    assertThat(run("64m", build(base, image("new.img", TestImages.edited(bytes, 2))))).isZero();
  }

  @Test
  void release_roomForOneOfTwoDeltas_makesOneAfterTheOther() throws Exception {
    CommandRun publisher = new CommandRun(temp);
    String component = "--component";
    String[] args =
        publisher.release(
            "a",
            component,
            "one=" + image("1.img", TestImages.random(2441, 1)) + "," + image("2.img", other(2)),
            component,
            "two=" + image("3.img", TestImages.random(2441, 3)) + "," + image("4.img", other(4)));

    assertThat(run("120m", args)).isZero();
    assertThat(document.objects("components", 3)).hasSize(3);
  }

  /** Short: the base counts. */
  private static byte[] other(long seed) {
    return TestImages.random(64, seed);
  }
}
