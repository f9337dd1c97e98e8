package dev.suture.arm64.background;

import dev.suture.agent.DeviceConfig;
import dev.suture.arm64.check.RootOnly;
import dev.suture.arm64.process.BoundedProcess;
import dev.suture.protocol.PrintableText;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who wants to be left alone: whoever put a file into a directory, a program that is asked, and
 * whoever took a lock with systemd. It is for work that must not be disturbed, so what cannot be
 * found out holds, and says so.
 */
final class Inhibitors {
  private static final Logger LOG = LoggerFactory.getLogger(Inhibitors.class);
  private static final String SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
  private static final long COMMAND_MILLIS = 10_000;

  /** Exit codes of who cannot run a program, as shells have them. */
  private static final Set<Integer> NOT_RUN = Set.of(126, 127);

  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final int CHARS_MAX = 64;

  private final DeviceConfig.Background config;
  private final SystemdInhibitors systemd;
  private final BoundedProcess process = new BoundedProcess(OUTPUT_BYTES_MAX);

  /** What it says besides is for the log, once: it may change at each look. */
  private String lastHow = "";

  Inhibitors(DeviceConfig.Background config) {
    this(config, new SystemdInhibitors());
  }

  Inhibitors(DeviceConfig.Background config, SystemdInhibitors systemd) {
    this.config = config;
    this.systemd = systemd;
  }

  /** Somebody who does; the first by name, if several. */
  Optional<String> held() {
    return config
        .inhibitors()
        .map(Path::of)
        .flatMap(Inhibitors::file)
        .or(() -> config.inhibitCommand().flatMap(this::command))
        .or(() -> config.systemdInhibit() ? systemd.held() : Optional.empty());
  }

  private static Optional<String> file(Path directory) {
    try {
      Optional<String> refusal = RootOnly.of(directory).directoryRefusal();
      if (refusal.isPresent()) {
        return Optional.of("inhibitors cannot be told, " + directory + ": " + refusal.get());
      }
      return first(directory)
          .map(name -> "inhibitor " + PrintableText.of(name, CHARS_MAX) + " is held");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | DirectoryIteratorException e) {
      return Optional.of("inhibitors cannot be told: " + e);
    }
  }

  private static Optional<String> first(Path directory) throws IOException {
    Optional<String> first = Optional.empty();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = directory.relativize(file).toString();
        if (first.isEmpty() || name.compareTo(first.get()) < 0) {
          first = Optional.of(name);
        }
      }
    }
    return first;
  }

  private Optional<String> command(List<String> words) {
    try {
      BoundedProcess.Ended ended = process.run(words, Map.of("PATH", SEARCH_PATH), COMMAND_MILLIS);
      if (ended.code().isPresent() && ended.code().getAsInt() == 0) {
        return Optional.empty();
      }
      String how =
          ended.code().isPresent()
              ? "exit code " + ended.code().getAsInt()
              : "no end within " + COMMAND_MILLIS + " ms";
      String said = PrintableText.of(ended.lastLine(), CHARS_MAX);
      if (ended.code().isPresent() && NOT_RUN.contains(ended.code().getAsInt())) {
        return Optional.of("inhibitors cannot be told: " + said);
      }
      if (!how.equals(lastHow)) {
        lastHow = how;
        LOG.info("{}: {}, {}", words.get(0), how, said);
      }
      return Optional.of(words.get(0) + " holds, " + how);
    } catch (IOException e) {
      return Optional.of("inhibitors cannot be told: " + e.getMessage());
    }
  }
}
