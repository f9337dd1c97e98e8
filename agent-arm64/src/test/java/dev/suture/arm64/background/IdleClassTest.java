package dev.suture.arm64.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** On the host's kernel, asked by programs that are not ours. */
class IdleClassTest {
  private static final Path SELF = Path.of("/proc/thread-self");

  private final IdleClass background = new IdleClass();

  /** What {@code chrt} and {@code ionice} say about the calling thread. */
  private static String classes() {
    try {
      String thread = SELF.toRealPath().getFileName().toString();
      return output("chrt", "--pid", thread) + output("ionice", "--pid", thread);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isNormal(String classes) {
    return classes.contains("SCHED_OTHER") && !classes.endsWith("idle\n");
  }

  private static String output(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static long threads() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/task"))) {
      return all.filter(IdleClassTest::isOurs).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The kernel takes a thread away a moment after Java has seen its end. */
  private static boolean areThreadsGone() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (threads() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return threads() == 0;
  }

  private static boolean isOurs(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip().equals("background");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void run_work_isInTheIdleClassesAndTheCallerIsNot() throws SutureException {
    String before = classes();
    assertThat(before).contains("SCHED_OTHER").doesNotContain("idle");
    assertThat(background.<String>run(IdleClassTest::classes))
        .contains("SCHED_IDLE")
        .endsWith("idle\n");
    assertThat(classes()).isEqualTo(before);
    assertThat(areThreadsGone()).isTrue();
  }

  /** A class is left from outside: a thread that gets no processor cannot do it. */
  @Test
  void run_workThatTakesTooLong_leavesTheIdleClasses() throws SutureException {
    assertThat(
            new IdleClass(1)
                .<Boolean>run(
                    () -> {
                      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                      while (!isNormal(classes()) && System.nanoTime() < end) {
                        Thread.onSpinWait();
                      }
                      return isNormal(classes());
                    }))
        .isTrue();
  }

  @Test
  void run_workThatFails_throwsThatAndTheCallerIsAsBefore() {
    String before = classes();
    DeviceException failure = new DeviceException(FailureCode.STORAGE_IO, "bad sector");
    assertThatThrownBy(
            () ->
                background.run(
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    StackOverflowError error = new StackOverflowError();
    assertThatThrownBy(
            () ->
                background.run(
                    () -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(classes()).isEqualTo(before);
  }
}
