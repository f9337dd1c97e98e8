package dev.suture.publisher.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.manifest.Advisory;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChangelogTest {
  /** Written for this test in the forms that maintainers use. */
  private static final String TEXT =
      """
      libdemo (2.1-1~deb12u2) bookworm-security; urgency=high

        * Non-maintainer upload.
        * CVE-2026-1111 ("Buffer overflow in the
          parser of names")
        * d/patches: backport the fix for CVE-2026-22222: use after free.

       -- A Person <a@example.org>  Wed, 21 Oct 2026 16:54:24 +0700

      libdemo (2.1-1~deb12u1) bookworm-security; urgency=medium

        [ Somebody ]
        * New upstream release.
          - Fixes CVE-2026-3333, CVE-2026-4444: two integer overflows
          - CVE-2026-1111 was named here first
        * CVE-2026-5555

       -- A Person <a@example.org>  Wed, 23 Sep 2026 10:52:17 +0700

      libdemo (2.0-1~deb12u1) bookworm; urgency=medium

        * CVE-2025-9999 (old)

       -- A Person <a@example.org>  Mon, 04 May 2026 20:47:50 +0200
      """;

  @TempDir private Path temp;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(temp.resolve("changelog"), TEXT);
  }

  private ChangelogQuery query(String from, String to) {
    return new ChangelogQuery("libdemo1", new DebianVersion(from), new DebianVersion(to), file);
  }

  private Problem problemOf(String from, String to) {
    return catchThrowableOfType(
            PublisherException.class, () -> Changelog.advisories(query(from, to)))
        .problem();
  }

  @Test
  void advisories_betweenTwoVersions_newerEntriesOnlyWithTheirSentence() throws Exception {
    List<Advisory> found = Changelog.advisories(query("2.0-1~deb12u1", "2.1-1~deb12u2"));

    assertThat(found.stream().map(a -> a.id() + " " + a.fixedVersion() + " " + a.summary()))
        .containsExactly(
            "CVE-2026-1111 2.1-1~deb12u2 Buffer overflow in the parser of names",
            "CVE-2026-22222 2.1-1~deb12u2 d/patches: backport the fix for CVE-2026-22222: use"
                + " after free.",
            "CVE-2026-3333 2.1-1~deb12u1 two integer overflows",
            "CVE-2026-4444 2.1-1~deb12u1 two integer overflows",
            "CVE-2026-5555 2.1-1~deb12u1 fixed in libdemo 2.1-1~deb12u1");
    assertThat(found.get(0).packageUrl())
        .isEqualTo("pkg:deb/debian/libdemo@2.1-1~deb12u2?arch=arm64&distro=bookworm");
    assertThat(found).allMatch(advisory -> advisory.cvss().isEmpty());
  }

  @Test
  void advisories_upToAMiddleVersion_nothingNewer() throws Exception {
    assertThat(
            Changelog.advisories(query("2.0-1~deb12u1", "2.1-1~deb12u1")).stream()
                .map(Advisory::id))
        .containsExactly("CVE-2026-3333", "CVE-2026-4444", "CVE-2026-1111", "CVE-2026-5555");
  }

  @Test
  void advisories_gzip_sameAsText() throws Exception {
    List<Advisory> plain = Changelog.advisories(query("2.0-1~deb12u1", "2.1-1~deb12u2"));
    byte[] compressed = gzip(TEXT.getBytes(StandardCharsets.UTF_8));
    Files.write(file, compressed);

    assertThat(Changelog.advisories(query("2.0-1~deb12u1", "2.1-1~deb12u2"))).isEqualTo(plain);
    for (int length = 2; length < compressed.length; length++) {
      Files.write(file, Arrays.copyOf(compressed, length));
      assertThat(problemOf("2.0-1~deb12u1", "2.1-1~deb12u2")).isEqualTo(Problem.INPUT_MALFORMED);
    }
  }

  @Test
  void advisories_decompressionBomb_refused() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bomb)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 65; i++) {
        out.write(zeros);
      }
    }
    Files.write(file, bomb.toByteArray());

    assertThat(problemOf("2.0-1~deb12u1", "2.1-1~deb12u2")).isEqualTo(Problem.INPUT_MALFORMED);
  }

  @Test
  void advisories_veryManyIdentifiersInOneItem_areAllFound() throws Exception {
    StringBuilder item = new StringBuilder("libdemo (2.1-1) bookworm; urgency=low\n\n  * Fixes ");
    for (int i = 0; i < 20_000; i++) {
      item.append("CVE-2026-").append(10_000 + i).append(", ");
    }
    Files.writeString(file, item + "many\n");

    List<Advisory> found = Changelog.advisories(query("2.0-1", "2.1-1"));

    assertThat(found).hasSize(20_000).allMatch(advisory -> advisory.summary().equals("many"));
  }

  @Test
  void advisories_changelogOfAnotherVersion_refused() {
    assertThat(problemOf("2.0-1~deb12u1", "2.2-1")).isEqualTo(Problem.INPUT_MALFORMED);
  }

  @Test
  void advisories_noChangelogAtAll_refused() throws Exception {
    Files.writeString(file, "hello");
    assertThat(problemOf("1", "2")).isEqualTo(Problem.INPUT_MALFORMED);
    Files.delete(file);
    assertThat(problemOf("1", "2")).isEqualTo(Problem.INPUT_UNREADABLE);
  }

  @Test
  void advisories_written_readBackTheSame() throws Exception {
    List<Advisory> found = Changelog.advisories(query("2.0-1~deb12u1", "2.1-1~deb12u2"));
    Path list = Files.write(temp.resolve("list.json"), AdvisoryFile.encode(found));

    assertThat(AdvisoryFile.read(list)).isEqualTo(found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "libssl3",
        "libssl3=1..2",
        "libssl3=1,file",
        "=1..2,file",
        "libssl3=2..1,file",
        "libssl3=1..1,file",
        "libssl3=1..2,",
        "libssl3=..2,file"
      })
  void parse_wrongForm_refused(String text) {
    assertThatThrownBy(() -> ChangelogQuery.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_goodForm_parts() {
    assertThat(ChangelogQuery.parse("libssl3=3.0.20-1~deb12u2..3.0.22-1~deb12u2,a,b.gz"))
        .isEqualTo(
            new ChangelogQuery(
                "libssl3",
                new DebianVersion("3.0.20-1~deb12u2"),
                new DebianVersion("3.0.22-1~deb12u2"),
                Path.of("a,b.gz")));
  }

  @Test
  void read_listOfWrongForm_refused() throws Exception {
    String good =
        "{\"id\":\"CVE-2026-1234\",\"purl\":\"pkg:deb/debian/x@1\",\"fixed_version\":\"1\","
            + "\"cvss\":null,\"summary\":\"s\"}";
    Path list = temp.resolve("list.json");
    List<String> bad =
        List.of(
            "",
            "{}",
            good,
            "[" + good,
            "[" + good + "],\"list\":[]",
            "[" + good.replace("summary", "sumary") + "]",
            "[" + good.replace("CVE-2026-1234", "../x") + "]",
            "[" + good.replace("pkg:", "http:") + "]",
            "[" + good.replace("null", "\"9.8\"") + "]",
            "[" + good.replace("\"s\"", "\"\"") + "]",
            "[" + good.replace("\"s\"", "\"" + "s".repeat(301) + "\"") + "]",
            "[1]");
    for (String content : bad) {
      Files.writeString(list, content);
      assertThat(
              catchThrowableOfType(PublisherException.class, () -> AdvisoryFile.read(list))
                  .problem())
          .as(content)
          .isEqualTo(Problem.INPUT_MALFORMED);
    }
    Files.writeString(list, "[" + good + "]");
    assertThat(AdvisoryFile.read(list)).hasSize(1);
  }

  private static byte[] gzip(byte[] text) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(compressed)) {
      out.write(text);
    }
    return compressed.toByteArray();
  }
}
