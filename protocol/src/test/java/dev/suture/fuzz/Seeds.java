package dev.suture.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The committed inputs of a fuzz test: {@code src/test/resources/PACKAGE/CLASSInputs/fuzz/}, where
 * the fuzzer begins, and which every build tries again.
 */
public final class Seeds {
  /** Set to write what {@link #sample} is given, after a format was changed on purpose. */
  private static final String WRITE = "suture.fuzz.writeSeeds";

  private Seeds() {}

  /** The committed input of this name. */
  public static byte[] committed(Class<?> test, String name) {
    String resource = test.getSimpleName() + "Inputs/fuzz/" + name;
    try (InputStream in = test.getResourceAsStream(resource)) {
      if (in == null) {
        throw new AssertionError(
            "seed " + resource + ": expected it beside " + test.getName() + ", got nothing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A valid sample, which must be the committed input of this name. */
  public static byte[] sample(Class<?> test, String name, byte[] made) {
    if (Boolean.getBoolean(WRITE)) {
      write(test, name, made);
      return made;
    }
    if (!Arrays.equals(committed(test, name), made)) {
      throw new AssertionError(
          "seed "
              + name
              + " of "
              + test.getName()
              + ": expected what the format's writer makes; if the format was changed on purpose,"
              + " run this test with -D"
              + WRITE
              + "=true");
    }
    return made;
  }

  private static void write(Class<?> test, String name, byte[] made) {
    Path folder =
        Path.of("src/test/resources", test.getPackageName().replace('.', '/'))
            .resolve(test.getSimpleName() + "Inputs/fuzz");
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve(name), made);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
