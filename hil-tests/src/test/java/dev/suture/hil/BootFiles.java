package dev.suture.hil;

import dev.suture.hil.replay.Partition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The OS slots' FITs on a boot partition, as anybody changes them who can write the disk of a
 * device that is off.
 */
final class BootFiles {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String FILE = "FILE";

  private final String image;
  private final Path folder;

  private BootFiles(String image, Path folder) {
    this.image = image;
    this.folder = folder;
  }

  /**
   * The FITs on this disk.
   *
   * @param folder gets logs and copies
   */
  static BootFiles onDisk(Path disk, Path folder) {
    Partition boot = Partition.of(disk, "boot", folder.resolve("tools.log"));
    return new BootFiles(disk + "@@" + boot.firstByte(), folder);
  }

  /** The FITs in a factory's {@code boot.img}. */
  static BootFiles ofFactory(Path factory, Path folder) {
    return new BootFiles(factory.resolve("boot.img").toString(), folder);
  }

  /** The FIT of an OS slot. */
  Fit read(char slot) {
    Path copy = folder.resolve("read.fit");
    run("mcopy", "-n", "-o", "-i", image, name(slot), copy.toString());
    return new Fit(bytes(copy));
  }

  /** Puts a file in the place of an OS slot's FIT. */
  void write(char slot, byte[] content) {
    Path copy = written(content);
    run("mcopy", "-D", "o", "-i", image, copy.toString(), name(slot));
  }

  /** Takes an OS slot's FIT away. */
  void delete(char slot) {
    run("mdel", "-i", image, name(slot));
  }

  /**
   * What a program of this machine makes of a file.
   *
   * @param command its words; {@code FILE} is replaced by the file's name
   * @param content of the file before
   */
  byte[] changedBy(List<String> command, byte[] content) {
    Path file = written(content);
    run(
        command.stream()
            .map(word -> word.equals(FILE) ? file.toString() : word)
            .toArray(String[]::new));
    return bytes(file);
  }

  private Path written(byte[] content) {
    Path file = folder.resolve("written.fit");
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw new HarnessException(file + ": cannot be written", e);
    }
  }

  private void run(String... command) {
    run(folder, command);
  }

  /** Runs a program of this machine. */
  static void run(Path folder, String... command) {
    HostProcess.run(
            Arrays.asList(command), LIMIT, Map.of(), folder.resolve("tools.log"), line -> {})
        .orThrow();
  }

  private static String name(char slot) {
    return "::/" + slot + "/os.fit";
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new HarnessException(file + ": cannot be read", e);
    }
  }
}
