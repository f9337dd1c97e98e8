package dev.suture.hil;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A program on this machine that the harness started, and that ends with the harness at the latest.
 * Only processes started here are ever ended, each by its own handle.
 */
public final class HostProcess implements AutoCloseable {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
  private static final int TAIL_CHARS = 4_000;
  private static final ProcessBuilder.Redirect NOTHING =
      ProcessBuilder.Redirect.from(new File("/dev/null"));
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "end-host-processes"));
  }

  private final String name;
  private final Process process;
  private final Path log;

  private HostProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a program; its output goes to a file.
   *
   * @param name for messages
   * @param command program and arguments
   * @param environment added to this process's own
   * @param log appended to
   */
  public static HostProcess start(
      String name, List<String> command, Map<String, String> environment, Path log) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.redirectInput(NOTHING);
    return new HostProcess(name, launch(name, builder), log);
  }

  /**
   * Starts a program whose standard output the caller reads.
   *
   * @param errors gets its standard error
   */
  static HostProcess startReadable(
      String name, List<String> command, Map<String, String> environment, Path errors) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
    builder.redirectInput(NOTHING);
    return new HostProcess(name, launch(name, builder), errors);
  }

  private static Process launch(String name, ProcessBuilder builder) {
    // Debian keeps administrators' programs outside an ordinary user's path.
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    try {
      Process process = builder.start();
      RUNNING.add(process);
      return process;
    } catch (IOException e) {
      throw new HarnessException(
          name + ": " + builder.command().get(0) + " cannot be started (run ./setup)", e);
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param limit at most this long; then it is ended
   * @param environment added to this process's own
   * @param log gets its output as well; appended to
   * @param eachLine gets every line of its output as it comes
   */
  public static CommandResult run(
      List<String> command,
      Duration limit,
      Map<String, String> environment,
      Path log,
      Consumer<String> eachLine) {
    String line = Shell.line(command);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectInput(NOTHING);
    Output output = new Output(log, eachLine);
    try (HostProcess process =
        new HostProcess(command.get(0), launch(command.get(0), builder), log)) {
      Thread reader = new Thread(() -> output.readAll(process.process.getInputStream()), "output");
      reader.setDaemon(true);
      reader.start();
      boolean ended = process.process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (ended) {
        // A child of it may hold the pipe open for longer than anybody is interested.
        reader.join(STOP_LIMIT.toMillis());
      }
      String text = output.text();
      if (!ended) {
        throw new HarnessException(
            line
                + ": expected to end within "
                + limit.toSeconds()
                + " s\n"
                + text.substring(Math.max(0, text.length() - TAIL_CHARS)));
      }
      return new CommandResult(line, process.process.exitValue(), text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException(line + ": interrupted", e);
    }
  }

  /** Whether it still runs. */
  public boolean running() {
    return process.isAlive();
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  Process process() {
    return process;
  }

  /** Ends it at once, as a power cut would. */
  public void kill() {
    process.destroyForcibly();
    join();
  }

  private void join() {
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    if (!process.isAlive()) {
      RUNNING.remove(process);
    }
  }

  /** The end of its output, for a report. */
  public String tail() {
    try {
      String text = Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
      return "--- end of the output of "
          + name
          + " ("
          + log
          + ")\n"
          + text.substring(Math.max(0, text.length() - TAIL_CHARS)).stripTrailing()
          + "\n---";
    } catch (IOException e) {
      return "--- output of " + name + ": " + log + " cannot be read: " + e.getMessage();
    }
  }

  /** Asks it to end, and ends it if it does not. */
  @Override
  public void close() {
    process.destroy();
    join();
  }

  /** What a program writes: kept, logged, and passed on line by line. */
  private static final class Output {
    private final Path log;
    private final Consumer<String> eachLine;
    private final StringBuilder kept = new StringBuilder();

    Output(Path log, Consumer<String> eachLine) {
      this.log = log;
      this.eachLine = eachLine;
    }

    void readAll(InputStream from) {
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(from, UTF_8));
          BufferedWriter file =
              Files.newBufferedWriter(
                  log, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        String line;
        while ((line = lines.readLine()) != null) {
          keep(line);
          file.write(line + "\n");
          file.flush();
          eachLine.accept(line);
        }
      } catch (IOException e) {
        keep("harness: the output ended early: " + e.getMessage());
      }
    }

    private synchronized void keep(String line) {
      kept.append(line).append('\n');
    }

    synchronized String text() {
      return kept.toString();
    }
  }
}
