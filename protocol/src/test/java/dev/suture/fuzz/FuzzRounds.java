package dev.suture.fuzz;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Several fuzz tests as one, in the fuzzer's own process: an input's first byte chooses the fuzz
 * test, modulo their number, and the rest is for it.
 */
public final class FuzzRounds {
  /** Names of the fuzz tests, joined by commas. */
  static final String TARGETS = "suture.fuzz.targets";

  private static final String METHOD = "fuzz";
  private static final List<Target> LOADED = new ArrayList<>();

  private FuzzRounds() {}

  private record Target(Object test, Method method) {}

  /** Called once by the fuzzer. */
  public static void fuzzerInitialize() throws ReflectiveOperationException {
    for (String name : System.getProperty(TARGETS, "").split(",", -1)) {
      Class<?> test = Class.forName(name);
      Constructor<?> constructor = test.getDeclaredConstructor();
      constructor.setAccessible(true);
      Method method = test.getDeclaredMethod(METHOD, byte[].class);
      method.setAccessible(true);
      LOADED.add(new Target(constructor.newInstance(), method));
    }
  }

  /** Called by the fuzzer for each input. */
  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    if (input.length == 0) {
      return;
    }
    Target target = LOADED.get((input[0] & 0xff) % LOADED.size());
    try {
      target.method().invoke(target.test(), Arrays.copyOfRange(input, 1, input.length));
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  /** Writes the committed inputs of these fuzz tests into a folder, in the form for this class. */
  static Path seeds(List<String> targets, Path classes, Path folder) throws IOException {
    for (int i = 0; i < targets.size(); i++) {
      String target = targets.get(i);
      Path inputs = classes.resolve(target.replace('.', '/') + "Inputs").resolve(METHOD);
      if (!Files.isDirectory(inputs)) {
        throw new AssertionError(
            target + ": expected committed inputs in " + inputs + ", got none");
      }
      try (Stream<Path> files = Files.list(inputs)) {
        for (Path file : files.sorted().toList()) {
          byte[] content = Files.readAllBytes(file);
          byte[] input = new byte[content.length + 1];
          input[0] = (byte) i;
          System.arraycopy(content, 0, input, 1, content.length);
          Files.write(folder.resolve(i + "-" + file.getFileName()), input);
        }
      }
    }
    return folder;
  }
}
