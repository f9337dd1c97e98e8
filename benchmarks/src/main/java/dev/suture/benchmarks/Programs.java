package dev.suture.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Other programs, run to their end; what they complain about is shown. */
final class Programs {
  private static final long SECONDS_MAX = 14_400;

  private Programs() {}

  /**
   * Runs a program.
   *
   * @return its standard output
   * @throws IOException if it is missing, or does not end with status 0
   */
  static String run(List<String> command) throws IOException, InterruptedException {
    return run(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT));
  }

  /** As {@link #run(List)}, of what was made ready. */
  static String run(ProcessBuilder ready) throws IOException, InterruptedException {
    Process process = ready.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("failed: " + String.join(" ", ready.command()) + "\n" + output);
      }
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Runs a program below time(1).
   *
   * @param note a file that time(1) may write
   * @param bytes is asked afterwards how many bytes were made
   */
  static Made timed(List<String> command, Path note, Size bytes)
      throws IOException, InterruptedException {
    List<String> timed = new ArrayList<>(List.of("time", "-f", "%M", "-o", note.toString()));
    timed.addAll(command);
    long begin = System.nanoTime();
    run(timed);
    long nanos = System.nanoTime() - begin;
    long peakKib = Long.parseLong(Files.readString(note, StandardCharsets.US_ASCII).trim());
    return new Made(bytes.get(), nanos, peakKib);
  }

  /** Runs a class of this program in a virtual machine of its own. */
  static String java(List<String> options, Class<?> main, List<String> arguments)
      throws IOException, InterruptedException {
    return run(javaCommand(options, main, arguments));
  }

  static List<String> javaCommand(List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  /** A number of bytes that is known only afterwards. */
  interface Size {
    long get() throws IOException;
  }
}
