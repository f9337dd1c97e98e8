package dev.suture.publisher.repository;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A folder whose power can be cut before any operation. What was not synced is then decided by the
 * {@link Unsynced} of the run, stricter than a real disk would.
 */
final class SimulatedFolder implements RepositoryStorage {
  /** The power is gone. */
  static final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;

    PowerCut(int operation) {
      super("power cut before operation " + operation, null, false, false);
    }
  }

  /** What becomes of names and contents that were not synced. */
  enum Unsynced {
    ALL_LOST(false, 0),
    NAMES_LANDED_CONTENTS_EMPTY(true, 0),
    NAMES_LANDED_CONTENTS_HALF(true, 1),
    ALL_LANDED(true, 2);

    private final boolean names;
    private final int halves;

    Unsynced(boolean names, int halves) {
      this.names = names;
      this.halves = halves;
    }
  }

  private static final class Content {
    private final byte[] bytes;
    private boolean durable;

    Content(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  private Map<String, Content> names = new HashMap<>();
  private Map<String, Content> durableNames = new HashMap<>();
  private int operations;
  private int cutBefore = Integer.MAX_VALUE;
  private boolean off;

  /** Whether syncs do nothing: a planted bug. */
  boolean syncsAreLies;

  /** Another folder with the same durable and other content. */
  SimulatedFolder copy() {
    SimulatedFolder copy = new SimulatedFolder();
    names.forEach((path, content) -> copy.names.put(path, duplicate(content)));
    durableNames.forEach((path, content) -> copy.durableNames.put(path, duplicate(content)));
    return copy;
  }

  private static Content duplicate(Content content) {
    Content copy = new Content(content.bytes);
    copy.durable = content.durable;
    return copy;
  }

  void cutBefore(int operation) {
    operations = 0;
    cutBefore = operation;
  }

  int operations() {
    return operations;
  }

  void powerOn(Unsynced unsynced) {
    Map<String, Content> after = new HashMap<>();
    (unsynced.names ? names : durableNames)
        .forEach(
            (path, content) ->
                after.put(
                    path,
                    new Content(
                        content.durable
                            ? content.bytes
                            : Arrays.copyOf(
                                content.bytes, content.bytes.length * unsynced.halves / 2))));
    after.values().forEach(content -> content.durable = true);
    names = after;
    durableNames = new HashMap<>(after);
    off = false;
    cutBefore(Integer.MAX_VALUE);
  }

  private void operation() {
    if (off || ++operations >= cutBefore) {
      off = true;
      throw new PowerCut(operations);
    }
  }

  private void reading() {
    if (off) {
      throw new PowerCut(operations);
    }
  }

  @Override
  public Optional<byte[]> read(String path, int bytesMax) {
    reading();
    @Nullable Content content = names.get(path);
    return content == null
        ? Optional.empty()
        : Optional.of(Arrays.copyOf(content.bytes, Math.min(bytesMax + 1, content.bytes.length)));
  }

  @Override
  public Optional<InputStream> open(String path) {
    return read(path, Integer.MAX_VALUE - 1).map(ByteArrayInputStream::new);
  }

  @Override
  public List<String> list(String directory) {
    reading();
    return names.keySet().stream()
        .filter(path -> directoryOf(path).equals(directory))
        .map(path -> path.substring(directory.length() + 1))
        .toList();
  }

  /** Contents by name, as they would be read now. */
  Map<String, byte[]> contents() {
    Map<String, byte[]> contents = new HashMap<>();
    names.forEach((path, content) -> contents.put(path, content.bytes));
    return contents;
  }

  @Override
  public void makeDirectory(String path) {
    operation();
  }

  @Override
  public void write(String path, InputStream content) throws IOException {
    byte[] bytes = content.readAllBytes();
    operation();
    names.put(path, new Content(bytes));
  }

  @Override
  public void sync(String path) throws IOException {
    operation();
    if (!syncsAreLies) {
      find(path).durable = true;
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    operation();
    names.put(to, find(from));
    names.remove(from);
  }

  @Override
  public void syncDirectory(String path) {
    operation();
    if (syncsAreLies) {
      return;
    }
    durableNames.keySet().removeIf(name -> directoryOf(name).equals(path));
    names.forEach(
        (name, content) -> {
          if (directoryOf(name).equals(path)) {
            durableNames.put(name, content);
          }
        });
  }

  private Content find(String path) throws IOException {
    Content content = names.get(path);
    if (content == null) {
      throw new FileNotFoundException(path);
    }
    return content;
  }

  private static String directoryOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }
}
