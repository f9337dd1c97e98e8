package dev.suture.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the fuzzer over a module's fuzz tests, in processes of its own: it instruments every class
 * that it sees. The short form, in every build, is one process that goes round all fuzz tests for a
 * fixed number of inputs from a fixed seed. The long form gives each fuzz test a process and a
 * time, and keeps what it learnt below {@code fuzz-corpus/}.
 */
public final class FuzzRun {
  /** Set to the seconds for each fuzz test: the long form. */
  private static final String SECONDS = "suture.fuzz.seconds";

  /** How many inputs the short form tries for each fuzz test. */
  private static final String RUNS = "suture.fuzz.runs";

  private static final String RUNS_DEFAULT = "10000";

  /** The corpus is kept here, below this folder's parent, which is the project's root. */
  private static final Path CORPUS = Path.of("..", "fuzz-corpus");

  private static final Path WORK = Path.of("target", "fuzz");
  private static final int INPUT_SECONDS_MAX = 120;
  private static final Pattern DONE = Pattern.compile("(?m)^Done (\\d+) runs in (\\d+) second");

  private final String module;
  private final Path classes;

  private FuzzRun(String module, Path classes) {
    this.module = module;
    this.classes = classes;
  }

  /**
   * Runs all fuzz tests of the module in whose folder this is called; an input that breaks a
   * promise is an {@link AssertionError} that holds the fuzzer's report.
   *
   * @return how many inputs were tried
   */
  public static long allOf(String module) throws IOException, InterruptedException {
    return new FuzzRun(module, Path.of("target", "test-classes")).run();
  }

  private long run() throws IOException, InterruptedException {
    List<String> targets = targets();
    long runs = 0;
    String seconds = System.getProperty(SECONDS, "");
    if (seconds.isEmpty()) {
      runs = shortRun(targets);
    } else {
      for (String target : targets) {
        runs += longRun(target, Integer.parseInt(seconds));
      }
    }
    System.out.println(
        String.format(
            Locale.ROOT, "fuzz run %s: %d fuzz tests, %,d inputs", module, targets.size(), runs));
    return runs;
  }

  private long shortRun(List<String> targets) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(WORK.resolve("all"));
    Path seeds = FuzzRounds.seeds(targets, classes, fresh(folder.resolve("seeds")));
    long perTarget = Long.parseLong(System.getProperty(RUNS, RUNS_DEFAULT));
    return fuzz(
        folder,
        List.of("-D" + FuzzRounds.TARGETS + "=" + String.join(",", targets)),
        FuzzRounds.class.getName(),
        "-runs=" + perTarget * targets.size(),
        "-seed=1",
        fresh(folder.resolve("corpus")).toString(),
        seeds.toString());
  }

  private long longRun(String target, int seconds) throws IOException, InterruptedException {
    Path corpus = Files.createDirectories(CORPUS.resolve(target)).toRealPath();
    return fuzz(
        Files.createDirectories(WORK.resolve(target)),
        List.of("-D" + FuzzRounds.TARGETS + "=" + target),
        FuzzRounds.class.getName(),
        "-max_total_time=" + seconds,
        corpus.toString(),
        FuzzRounds.seeds(List.of(target), classes, fresh(WORK.resolve(target).resolve("seeds")))
            .toString());
  }

  private static long fuzz(Path folder, List<String> properties, String target, String... arguments)
      throws IOException, InterruptedException {
    Path log = folder.resolve("fuzz.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(properties);
    command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path"))));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + target);
    command.add("--instrumentation_includes=dev.suture.**");
    command.add("--disabled_hooks=com.code_intelligence.jazzer.sanitizers.*");
    command.add("-timeout=" + INPUT_SECONDS_MAX);
    command.addAll(List.of(arguments));
    Process fuzzer =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int exit = fuzzer.waitFor();
    String report = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    Matcher done = DONE.matcher(report);
    if (exit != 0 || !done.find()) {
      throw new AssertionError(
          "fuzzer: expected to find nothing, got exit code " + exit + "\n" + finding(report));
    }
    return Long.parseLong(done.group(1));
  }

  private static String finding(String report) {
    int at = report.indexOf("== Java Exception");
    return report.substring(Math.max(0, at < 0 ? report.length() - 4_000 : at));
  }

  /** The process runs in another folder. */
  private static String absolute(String classPath) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(java.io.File.pathSeparator, -1)) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(java.io.File.pathSeparator, entries);
  }

  private List<String> targets() throws IOException {
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("FuzzTest.class"))
          .map(file -> classes.relativize(file).toString())
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .sorted()
          .toList();
    }
  }

  private static Path fresh(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> old = Files.walk(folder)) {
        old.sorted(Comparator.reverseOrder()).forEach(FuzzRun::delete);
      }
    }
    return Files.createDirectories(folder).toRealPath();
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
