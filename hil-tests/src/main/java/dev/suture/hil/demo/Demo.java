package dev.suture.hil.demo;

import dev.suture.hil.Bench;
import dev.suture.hil.HarnessException;
import dev.suture.hil.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Tells the story of one patch, from publication to removal, on an emulated device. */
public final class Demo {
  private static final int EXIT_NOT_AS_TOLD = 1;
  private static final int EXIT_USAGE = 2;
  private static final Duration RUN_LIMIT = Duration.ofMinutes(90);
  private static final Duration RUN_LIMIT_KEPT = Duration.ofDays(1);

  private Demo() {}

  /** Runs the demo and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    Options options;
    try {
      options = Options.parse(Arrays.asList(args));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(Options.USAGE);
      return EXIT_USAGE;
    }
    if (options.help()) {
      System.out.print(Options.USAGE);
      return 0;
    }
    Progress progress = new Progress(System.out);
    Path folder = Project.root().resolve("target/demo");
    Path resultFile = folder.resolve("result.json");
    DemoResult result = new DemoResult();
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(resultFile);
      try (Bench bench =
          Bench.start(
              folder.resolve("bench"),
              options.keep() ? RUN_LIMIT_KEPT : RUN_LIMIT,
              progress::command,
              progress::detail)) {
        try {
          new Story(bench, progress, result).tell();
        } catch (HarnessException e) {
          progress.plain("");
          progress.plain(bench.evidence());
          throw e;
        }
        result.write(resultFile);
        progress.plain("");
        progress.plain(result.table());
        progress.plain("The story went as told. Figures: target/demo/result.json");
        if (options.keep()) {
          keep(bench, progress);
        }
      }
      return 0;
    } catch (HarnessException | IOException e) {
      progress.plain("");
      progress.say("NOT AS TOLD: " + e.getMessage());
      progress.plain("Logs: target/demo/bench");
      return EXIT_NOT_AS_TOLD;
    }
  }

  private static void keep(Bench bench, Progress progress) throws IOException {
    Path root = Project.root();
    String broker =
        "mosquitto_sub -h 127.0.0.1 -p %d --cafile %s -u %s -P \"$(cat %s)\" -v -t 'suture/1/#'"
            .formatted(
                bench.broker().port(),
                root.relativize(bench.broker().caFile().toAbsolutePath()),
                bench.broker().observer().name(),
                root.relativize(
                    bench.broker().passwordFile(bench.broker().observer()).toAbsolutePath()));
    progress.plain("");
    progress.plain("The device keeps running. In another terminal, from the project's folder:");
    progress.plain(bench.rig().howToLookAround());
    progress.plain("its reports     " + broker);
    progress.plain(
        "on the device   suture status | suture history | suture install | suture --help");
    progress.plain("");
    progress.plain(
        "Enter or Ctrl-C here ends it (without a terminal: kill "
            + ProcessHandle.current().pid()
            + ").");
    if (System.in.read() < 0) {
      waitForSignal();
    }
  }

  private static void waitForSignal() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
