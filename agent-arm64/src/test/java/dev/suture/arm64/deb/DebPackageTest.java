package dev.suture.arm64.deb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The package that the build made, as Debian's own tools see it. Runs behind the phase package, see
 * pom.xml; needs root, because files are to become root's.
 */
class DebPackageTest {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path DIST = TARGET.resolve("dist");

  @TempDir Path directory;
  private Path deb = Path.of("");

  @BeforeEach
  void findPackage() throws IOException {
    List<Path> found = list(TARGET.resolve("deb"));
    assertThat(found).as("packages of mvn -pl agent-arm64 -am package").hasSize(1);
    deb = found.get(0);
  }

  @Test
  void info_saysWhatItIsAndNeeds() throws IOException {
    assertThat(Run.ok("dpkg-deb", "--field", deb.toString()).lines())
        .contains(
            "Package: suture-agent",
            "Architecture: arm64",
            "Depends: openjdk-17-jre-headless, kmod, libc6 (>= 2.34), mount")
        .anyMatch(line -> line.matches("Version: [0-9.]+(~SNAPSHOT)?-1"))
        .anyMatch(line -> line.matches("Installed-Size: [1-9][0-9]{3}"));
    assertThat(Run.ok("dpkg-deb", "--info", deb.toString(), "conffiles"))
        .isEqualTo("/etc/suture/runtime.conf\n");
    assertThat(Run.ok("dpkg-deb", "--info", deb.toString(), "triggers"))
        .isEqualTo("interest-noawait /usr/lib/jvm/java-17-openjdk-arm64\n");
  }

  @Test
  void contents_areTheseFiles_rootsAndAsTheyWereBuilt() throws IOException {
    List<String> lines = Run.ok("dpkg-deb", "--contents", deb.toString()).lines().toList();
    assertThat(lines)
        .allMatch(
            line -> line.matches("(-rw-r--r--|-rwxr-xr-x|drwxr-xr-x) root/root .*"), "root's");
    assertThat(
            lines.stream()
                .filter(line -> line.startsWith("-"))
                .map(line -> line.replaceFirst(".* \\./", "/")))
        .containsExactlyInAnyOrder(
            "/etc/suture/runtime.conf",
            "/lib/systemd/system/suture-agent.service",
            "/lib/systemd/system/suture-components-gate.service",
            "/lib/systemd/system/suture-components.target",
            "/usr/bin/suture",
            "/usr/lib/modules-load.d/suture-agent.conf",
            "/usr/lib/suture/agent.jar",
            "/usr/lib/suture/class-archive",
            "/usr/lib/suture/classes.lst",
            "/usr/lib/suture/components-gate",
            "/usr/lib/suture/java",
            "/usr/lib/suture/jvm.options",
            "/usr/lib/suture/native/libjnidispatch.so",
            "/usr/lib/suture/native/libzstd-jni.so",
            "/usr/lib/suture/suture-agent",
            "/usr/share/bash-completion/completions/suture",
            "/usr/share/doc/suture-agent/changelog.Debian.gz",
            "/usr/share/doc/suture-agent/copyright",
            "/usr/share/doc/suture-agent/examples/agent.json",
            "/usr/share/doc/suture-agent/examples/device.json",
            "/usr/share/lintian/overrides/suture-agent",
            "/usr/share/man/man1/suture.1.gz",
            "/usr/share/man/man8/suture-agent.8.gz",
            "/usr/share/zsh/vendor-completions/_suture");
    assertThat(
            lines.stream()
                .filter(line -> line.startsWith("-rwx"))
                .map(line -> line.replaceFirst(".* \\./", "/")))
        .containsExactlyInAnyOrder(
            "/usr/bin/suture",
            "/usr/lib/suture/class-archive",
            "/usr/lib/suture/components-gate",
            "/usr/lib/suture/java",
            "/usr/lib/suture/suture-agent");
    Run.ok("dpkg-deb", "--extract", deb.toString(), directory.toString());
    for (String same :
        List.of("usr/lib/suture/agent.jar", "usr/lib/suture/jvm.options", "usr/bin/suture")) {
      assertThat(directory.resolve(same)).hasSameBinaryContentAs(DIST.resolve(same));
    }
  }

  @Test
  void lintian_hasNothingToSay() throws IOException {
    assertThat(Run.ok("lintian", "--allow-root", "--fail-on", "error,warning", deb.toString()))
        .isEmpty();
  }

  /** Another folder, another time zone, other file times, another mask: the same bytes. */
  @Test
  void build_again_isTheSameBitForBit() throws IOException {
    Path copy = directory.resolve("somewhere else");
    Run.ok("cp", "-r", DIST.toString(), copy.toString());
    try (Stream<Path> files = Files.walk(copy)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_234_567_890_000L));
        if (!Files.isDirectory(file)) {
          Files.setPosixFilePermissions(
              file,
              PosixFilePermissions.fromString(
                  Files.isExecutable(file) ? "rwx--x--x" : "rw-------"));
        }
      }
    }
    build(copy, version(), directory.resolve("out"));
    assertThat(list(directory.resolve("out")).get(0)).hasSameBinaryContentAs(deb);
  }

  @Test
  void copyright_namesEveryLibraryOfTheJar() throws IOException {
    String copyright = Files.readString(Path.of("src/deb/copyright"));
    for (Path jar : list(TARGET.resolve("r8/libraries"))) {
      String name =
          String.valueOf(jar.getFileName()).replaceFirst("-[0-9][0-9.-]*(-SNAPSHOT)?\\.jar$", "");
      if (!name.equals("agent-core") && !name.equals("protocol")) {
        assertThat(copyright).containsPattern("(?m)^Files: (.* )?" + name + "\\*");
      }
    }
  }

  @Test
  void installUpgradeRemovePurge_stateGoesWithThePurgeOnly() throws IOException {
    for (String folder : List.of("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc")) {
      Files.createDirectories(directory.resolve(folder));
    }
    Files.createFile(directory.resolve("var/lib/dpkg/status"));
    Path state = directory.resolve("var/lib/suture");
    Path wanted =
        directory.resolve("etc/systemd/system/multi-user.target.wants/suture-agent.service");

    assertThat(dpkg("--install", deb.toString()))
        .contains("not started, because it is not configured: /etc/suture/agent.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
    assertThat(Files.isSymbolicLink(wanted)).isTrue();
    assertThat(dpkg("--verify", "suture-agent")).isEmpty();

    Files.writeString(state.resolve("journal"), "kept");
    Files.writeString(directory.resolve("etc/suture/agent.json"), "{}");
    Files.writeString(directory.resolve("etc/suture/runtime.conf"), "SUTURE_JAVA=/x\n");
    Files.delete(wanted); // Disabled by the administrator.
    build(DIST, "99.1", directory.resolve("next"));
    assertThat(dpkg("--install", list(directory.resolve("next")).get(0).toString()))
        .doesNotContain("not configured");
    assertThat(state.resolve("journal")).hasContent("kept");
    assertThat(directory.resolve("etc/suture/runtime.conf")).hasContent("SUTURE_JAVA=/x\n");
    assertThat(wanted).doesNotExist();

    dpkg("--remove", "suture-agent");
    assertThat(state.resolve("journal")).hasContent("kept");
    assertThat(directory.resolve("etc/suture/runtime.conf")).exists();
    assertThat(directory.resolve("usr/lib/suture")).doesNotExist();

    dpkg("--purge", "suture-agent");
    assertThat(state).doesNotExist();
    assertThat(list(directory.resolve("etc/suture")))
        .containsExactly(directory.resolve("etc/suture/agent.json"));
    assertThat(list(directory.resolve("etc/systemd/system"))).isEmpty();
  }

  private static void build(Path dist, String version, Path out) throws IOException {
    Run.ok(
        Map.of("TZ", "Asia/Kathmandu", "LANG", "tr_TR.UTF-8"),
        "sh",
        "-c",
        "umask 077; exec ./build-deb --dist \"$1\" --version \"$2\" --out \"$3\"",
        "build",
        dist.toString(),
        version,
        out.toString());
  }

  private String version() {
    return String.valueOf(deb.getFileName())
        .replaceFirst("suture-agent_(.*)-1_arm64\\.deb", "$1")
        .replace("~SNAPSHOT", "-SNAPSHOT");
  }

  /** The host's dpkg on the scratch root; scripts run on the host, and know the root. */
  private String dpkg(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "dpkg",
                "--root=" + directory,
                "--log=/dev/null",
                "--force-script-chrootless",
                "--force-architecture",
                "--force-depends",
                "--force-confold"));
    command.addAll(List.of(arguments));
    return Run.ok(
        Map.of("DEBIAN_FRONTEND", "noninteractive", "LC_ALL", "C.UTF-8"),
        command.toArray(new String[0]));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
