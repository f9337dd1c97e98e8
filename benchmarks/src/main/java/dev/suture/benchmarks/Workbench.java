package dev.suture.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Two images, and a folder for what is made of them.
 *
 * @param base what the device has
 * @param image what it is to have
 * @param folder for files of any name
 */
record Workbench(Path base, Path image, Path folder) {
  Path file(String name) {
    return folder.resolve(name);
  }

  /** Runs a program that makes a file. */
  Made timed(Path made, List<String> command) throws IOException, InterruptedException {
    return Programs.timed(command, file("time"), () -> Files.size(made));
  }

  /** Rebuilds the image in a file, compares it, and takes it away. */
  void check(String tool, List<String> command, Path rebuilt)
      throws IOException, InterruptedException {
    Programs.run(command);
    check(tool, rebuilt);
  }

  /** Compares a rebuilt image, and takes it away. */
  void check(String tool, Path rebuilt) throws IOException {
    ImageFiles.requireSame(tool, image, rebuilt);
    Files.delete(rebuilt);
  }
}
