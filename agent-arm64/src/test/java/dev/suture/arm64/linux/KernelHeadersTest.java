package dev.suture.arm64.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our struct layouts and numbers against the kernel's own headers, by way of a C compiler. */
class KernelHeadersTest {
  private static final String INCLUDES =
      """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <fcntl.h>
      #include <linux/dm-ioctl.h>
      #include <linux/fs.h>
      #include <linux/ioprio.h>
      #include <linux/loop.h>
      #include <sched.h>
      #include <signal.h>
      #include <stddef.h>
      #include <stdio.h>
      #include <sys/file.h>
      #include <sys/mount.h>
      #include <sys/reboot.h>
      #include <sys/socket.h>
      #include <sys/stat.h>
      #include <sys/syscall.h>
      #include <sys/timex.h>
      #include <sys/un.h>
      """;

  @TempDir Path directory;

  @Test
  void layouts_ofOurStructs_areTheGoldenText() throws IOException {
    assertThat(ourLayouts()).isEqualTo(goldenLayouts());
  }

  @Test
  void layouts_ofTheHostsHeaders_areTheGoldenText() throws Exception {
    assertThat(outputOf(compile("gcc", layoutProgram(), true))).isEqualTo(goldenLayouts());
  }

  /** The compiler for the device cannot be required on a host; a program for it cannot be run. */
  @Test
  void layouts_ofTheDevicesHeaders_areTheGoldenText() throws Exception {
    if (onPath("aarch64-linux-gnu-gcc")) {
      compile("aarch64-linux-gnu-gcc", assertingProgram(), false);
    } else {
      // The same assertions, for the host: they are not a formality that compiles whatever it says.
      compile("gcc", assertingProgram(), false);
    }
  }

  @Test
  void numbers_ofOurs_areThoseOfTheHostsHeaders() throws Exception {
    StringBuilder program = new StringBuilder(INCLUDES).append("int main(void) {\n");
    List<String> expected = new ArrayList<>();
    for (Class<?> constants : List.of(Uapi.class, Errno.class)) {
      for (Field field : constants.getFields()) {
        assertThat(Modifier.isStatic(field.getModifiers())).isTrue();
        long value = ((Number) Objects.requireNonNull(field.get(null))).longValue();
        expected.add(field.getName() + " " + Long.toHexString(value));
        program.append(
            "  printf(\"%s %llx\\n\", \"" + field.getName() + "\", (unsigned long long)(");
        program.append(field.getName()).append("));\n");
      }
    }
    expected.add("O_DIRECT " + Integer.toHexString(LinuxFile.O_DIRECT));
    program.append("  printf(\"O_DIRECT %x\\n\", O_DIRECT);\n");
    expected.add("SYS_ioprio_set " + Integer.toHexString(Linux.SYS_ioprio_set));
    program.append("  printf(\"SYS_ioprio_set %x\\n\", SYS_ioprio_set);\n  return 0;\n}\n");

    assertThat(expected).hasSizeGreaterThan(50);
    assertThat(outputOf(compile("gcc", program.toString(), true))).isEqualTo(expected);
  }

  @Test
  void ioctlNumber_ofAReadOfEightBytes_isBlkgetsize64() {
    assertThat(Uapi.ioctlNumber(2, 0x12, 114, 8)).isEqualTo(Uapi.BLKGETSIZE64);
    assertThat(Uapi.DM_VERSION).isEqualTo(0xc138fd00L);
  }

  private static List<String> ourLayouts() {
    return Stream.of(
            LoopInfo64.LAYOUT,
            LoopConfig.LAYOUT,
            DmIoctl.LAYOUT,
            DmIoctl.TARGET_LAYOUT,
            SockaddrUn.LAYOUT,
            Timex.LAYOUT,
            Statx.LAYOUT)
        .flatMap(layout -> layout.lines().stream())
        .toList();
  }

  private static List<String> goldenLayouts() throws IOException {
    try (InputStream golden =
        Objects.requireNonNull(KernelHeadersTest.class.getResourceAsStream("struct-layouts.txt"))) {
      return new String(golden.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  /** Prints what the golden text says, but with the compiler's numbers. */
  private static String layoutProgram() throws IOException {
    StringBuilder program = new StringBuilder(INCLUDES).append("int main(void) {\n");
    for (String line : goldenLayouts()) {
      String subject = line.substring(0, line.indexOf(' '));
      program.append("  printf(\"" + subject);
      if (subject.contains(".")) {
        String member = subject.replace('.', ',');
        program.append(" %zu %zu\\n\", offsetof(struct " + member + "), sizeof(");
        program.append("((struct " + subject.replace(".", " *)0)->") + "));\n");
      } else {
        program.append(" %zu\\n\", sizeof(struct " + subject + "));\n");
      }
    }
    return program.append("  return 0;\n}\n").toString();
  }

  /** Compiles only if the golden text is right, so that it need not run. */
  private static String assertingProgram() throws IOException {
    StringBuilder program = new StringBuilder(INCLUDES);
    for (String line : goldenLayouts()) {
      String[] words = line.split(" ", -1);
      String subject = words[0];
      String condition =
          subject.contains(".")
              ? "offsetof(struct " + subject.replace('.', ',') + ") == " + words[1]
              : "sizeof(struct " + subject + ") == " + words[1];
      program.append("_Static_assert(" + condition + ", \"" + line + "\");\n");
    }
    return program.append("int main(void) { return 0; }\n").toString();
  }

  private Path compile(String compiler, String program, boolean mustBeThere) throws Exception {
    if (mustBeThere && !onPath(compiler)) {
      fail(compiler + " is not on the PATH: install the package gcc");
    }
    Path source = Files.writeString(directory.resolve("program.c"), program);
    Path binary = directory.resolve("program");
    List<String> messages =
        run(compiler, "-Wall", "-Werror", "-o", binary.toString(), source.toString());
    assertThat(messages).isEmpty();
    return binary;
  }

  private List<String> outputOf(Path binary) throws Exception {
    return run(binary.toString());
  }

  private List<String> run(String... command) throws Exception {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail(command[0] + " did not end within 60 s");
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
    return lines;
  }

  private static boolean onPath(String program) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
