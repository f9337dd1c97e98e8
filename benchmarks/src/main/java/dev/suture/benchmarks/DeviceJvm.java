package dev.suture.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How an agent's virtual machine is bounded on a device, as the files say that it is started by
 * there. What is about its own runtime and class archive is left out.
 *
 * @param options of Java
 * @param environment of the process
 */
record DeviceJvm(List<String> options, Map<String, String> environment) {
  /** Names the folder with these files. */
  private static final String FOLDER_PROPERTY = "suture.agent.files";

  private static final List<String> OTHERS =
      List.of("-Xshare", "SharedArchive", "ArchiveRelocation", "UnlockDiagnostic");

  private static final String EXPORT = "export ";

  /**
   * Reads them.
   *
   * @throws IOException if they are not there, or say nothing
   */
  static DeviceJvm read() throws IOException {
    String folder = System.getProperty(FOLDER_PROPERTY);
    if (folder == null) {
      throw new IOException("expected -D" + FOLDER_PROPERTY + "=FOLDER, got none");
    }
    List<String> options;
    try (Stream<String> lines = Files.lines(Path.of(folder, "jvm.options"))) {
      options =
          lines
              .map(String::strip)
              .filter(line -> line.startsWith("-X") && OTHERS.stream().noneMatch(line::contains))
              .toList();
    }
    Map<String, String> environment = new LinkedHashMap<>();
    Path script = Path.of(folder, "suture-agent");
    for (String line : Files.readAllLines(script)) {
      if (line.startsWith(EXPORT)) {
        for (String word : line.substring(EXPORT.length()).strip().split(" +", -1)) {
          int equals = word.indexOf('=');
          environment.put(word.substring(0, equals), word.substring(equals + 1));
        }
      }
    }
    if (options.isEmpty() || environment.isEmpty()) {
      throw new IOException(folder + ": expected options of Java and an environment, got none");
    }
    return new DeviceJvm(options, environment);
  }

  /** A class of this program in such a machine. */
  ProcessBuilder process(Class<?> main, List<String> arguments) {
    ProcessBuilder builder =
        new ProcessBuilder(Programs.javaCommand(options, main, arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return builder;
  }

  @Override
  public String toString() {
    return environment + " " + String.join(" ", options);
  }
}
