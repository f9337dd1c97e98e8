package dev.suture.arm64.deb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs of the host. */
public final class Run {
  private Run() {}

  /** What it prints, on both outputs; it must end well, and within a minute. */
  public static String ok(Map<String, String> environment, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
      assertThat(process.exitValue()).as("%s: %s", String.join(" ", command), output).isZero();
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** A manual page as it is shown in 120 columns, with what the formatter warns of. */
  public static String manual(Path page) throws IOException {
    return ok(
        Map.of("MANWIDTH", "120", "LC_ALL", "C.UTF-8", "MANROFFOPT", "-c", "MANOPT", "--nh"),
        "man",
        "--warnings=w",
        "-P",
        "cat",
        "-l",
        page.toString());
  }

  /** In the environment of the test. */
  public static String ok(String... command) throws IOException {
    return ok(Map.of(), command);
  }
}
