package dev.suture.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes EROFS images of folders, as {@code qemu/lib.sh} does. */
public final class ErofsImage {
  private static final int SECONDS_MAX = 60;
  private static final int BLOCK_BYTES = 4096;

  private ErofsImage() {}

  /** An image of a folder, in whole blocks: the same folder and options give the same bytes. */
  public static byte[] of(Path tree, String... options) throws IOException, InterruptedException {
    Path image = Files.createTempFile("erofs", ".img");
    Path log = Files.createTempFile("erofs", ".log");
    try {
      List<String> command =
          new ArrayList<>(List.of("mkfs.erofs", "--quiet", "--all-root", "-T1700000000"));
      command.add("-U00000000-0000-4000-8000-000000000000");
      command.addAll(List.of(options));
      command.addAll(List.of(image.toString(), tree.toString()));
      run(log, command);
      byte[] bytes = Files.readAllBytes(image);
      return Arrays.copyOf(bytes, (bytes.length + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
    } finally {
      Files.deleteIfExists(image);
      Files.deleteIfExists(log);
    }
  }

  private static void run(Path log, List<String> command) throws IOException, InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(command.get(0) + ": expected it; ./setup installs it", e);
    }
    assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).as("mkfs.erofs").isTrue();
    assertThat(process.exitValue()).as("%s: %s", command, Files.readString(log)).isZero();
  }
}
