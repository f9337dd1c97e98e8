package dev.suture.arm64.process;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Pipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a program within a time limit, in a session and so a process group of its own: when it has
 * ended, or its time is up, all of the group is killed. What left the group, and went on writing,
 * writes to nobody; it is not waited for.
 */
public final class BoundedProcess {
  /** For programs of the system whose output is read. */
  public static final Map<String, String> SYSTEM_ENVIRONMENT =
      Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C");

  private static final Logger LOG = LoggerFactory.getLogger(BoundedProcess.class);

  /**
   * Makes the program the first of a group; it is one process with it, because whom Java starts
   * leads no group.
   */
  private static final String SETSID = "/usr/bin/setsid";

  private static final long LOOK_EVERY_MILLIS = 20;

  /** Not even SIGKILL ends a process before the kernel is done with what it does for it. */
  private static final long KILLED_WITHIN_MILLIS = 2_000;

  /** More than any pipe holds: what is written behind that came too late. */
  private static final int READS_AT_ONCE_MAX = 256;

  private static final String OOM_SCORE_ADJUST = "500";
  private static final int CHUNK_BYTES = 4096;

  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final int outputBytesMax;
  private final Runnable progress;

  /** As {@link #BoundedProcess(int, Runnable)}, for programs that have little time. */
  public BoundedProcess(int outputBytesMax) {
    this(outputBytesMax, () -> {});
  }

  /**
   * For one run after the other.
   *
   * @param outputBytesMax so much of what is printed is kept, the last of it; 4096 at least
   * @param progress called while the program has time left
   */
  public BoundedProcess(int outputBytesMax, Runnable progress) {
    this.outputBytesMax = Math.max(outputBytesMax, CHUNK_BYTES);
    this.progress = progress;
  }

  /**
   * How it ended.
   *
   * @param code its exit code, 128 + number if a signal ended it; empty if its time was up
   * @param output the end of what it, or whom it started, printed
   */
  public record Ended(OptionalInt code, String output) {
    /** The last line that is not blank, without blanks around it; empty if there is none. */
    public String lastLine() {
      return output
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((before, line) -> line)
          .orElse("");
    }
  }

  /**
   * Runs the command in {@code /}, with nothing to read.
   *
   * @param command a program, looked for in the environment's {@code PATH} if it is no path, and
   *     arguments
   * @param environment all of it
   * @throws IOException if it cannot be started or read
   */
  public Ended run(List<String> command, Map<String, String> environment, long limitMillis)
      throws IOException {
    OutputTail tail = new OutputTail(outputBytesMax);
    try (Pipe pipe = Pipe.open()) {
      OptionalInt code = run(builder(command, environment, pipe), pipe, tail, limitMillis);
      return new Ended(code, tail.text());
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("nobody interrupts the agent's thread", e);
    }
  }

  private static ProcessBuilder builder(
      List<String> command, Map<String, String> environment, Pipe pipe) {
    List<String> words = new ArrayList<>();
    words.add(SETSID);
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(Path.of("/").toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(pipe.writeEnd()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  /**
   * What we run may share our limit of memory. If it takes too much, it is to end, and not we, who
   * judge by it.
   */
  private static void preferWhenMemoryIsShort(Process process) {
    try {
      Files.writeString(
          Path.of("/proc", Long.toString(process.pid()), "oom_score_adj"), OOM_SCORE_ADJUST);
    } catch (IOException e) {
      LOG.debug("process {}: {}", process.pid(), e.toString()); // It has ended already.
    }
  }

  private OptionalInt run(ProcessBuilder builder, Pipe pipe, OutputTail tail, long limitMillis)
      throws IOException, LinuxException, InterruptedException {
    Process process = builder.start();
    boolean hasEnded = false;
    try {
      preferWhenMemoryIsShort(process);
      pipe.closeWriteEnd();
      long start = System.nanoTime();
      while (!hasEnded && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
        progress.run();
        read(pipe, tail);
        hasEnded = process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      }
    } finally {
      kill(process);
    }
    read(pipe, tail);
    return hasEnded ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
  }

  /** Takes what is there. */
  private void read(Pipe pipe, OutputTail tail) throws LinuxException {
    for (int i = 0; i < READS_AT_ONCE_MAX; i++) {
      int count = pipe.read(chunk);
      if (count <= 0) {
        return;
      }
      tail.append(chunk, count);
    }
  }

  /**
   * The number of a group whose founder has ended stays taken as long as it has members; when it
   * has none, it is given away again only after all other numbers were.
   */
  private static void kill(Process process) throws LinuxException, InterruptedException {
    Linux.killGroup((int) process.pid());
    process.destroyForcibly(); // It may not have come to found its group yet.
    if (!process.waitFor(KILLED_WITHIN_MILLIS, TimeUnit.MILLISECONDS)) {
      LOG.error("process {} is killed, but does not end", process.pid());
    }
  }
}
