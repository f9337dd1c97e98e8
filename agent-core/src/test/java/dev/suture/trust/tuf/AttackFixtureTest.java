package dev.suture.trust.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plays every folder below {@code attacks/}: what a device has believed, what a mirror serves, and
 * what must come of it. {@link AttackRecipes} has made the folders; with {@code
 * -Dsuture.fixtures.write=true} it writes them again.
 */
class AttackFixtureTest {
  private static final Path SOURCES = Path.of("src/test/resources/dev/suture/trust/attacks");
  private static final long FIXTURES_BYTES_MAX = 1_000_000;

  static List<String> folders() throws IOException {
    try (Stream<Path> folders = Files.list(SOURCES)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  /** A mirror that is a folder; names are one segment each. */
  private record FolderMirror(Path folder) implements MetadataSource {
    @Override
    public Optional<byte[]> fetch(String name, int bytesMax) throws RejectedException {
      assertThat(name).doesNotContain("/").doesNotStartWith(".");
      if (!Files.exists(folder.resolve(name))) {
        return Optional.empty();
      }
      try (InputStream file = Files.newInputStream(folder.resolve(name))) {
        byte[] bytes = file.readNBytes(bytesMax);
        if (file.read() >= 0) {
          throw new RejectedException(
              FailureCode.METADATA_TOO_LARGE, name + ": expected at most " + bytesMax + " bytes");
        }
        return Optional.of(bytes);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void attack_played_endsAsItsFolderSays(String name) throws IOException {
    Path folder = SOURCES.resolve(name);
    Attack attack = Attack.decode(Files.readAllBytes(folder.resolve("attack.json")));
    MemoryMetadata device = new MemoryMetadata();
    device.files.putAll(read(folder.resolve("believed")));
    Map<String, byte[]> before = new TreeMap<>(device.files);

    assertThat(outcome(attack, device, folder)).isEqualTo(attack.expected());
    assertThat(changes(before, device.files)).isEqualTo(attack.changes());
    assertThat(device.files.keySet()).allMatch(file -> !file.contains("/") && file.length() < 256);
  }

  private static String outcome(Attack attack, LocalMetadata device, Path folder) {
    try {
      FolderMirror mirror = new FolderMirror(folder.resolve("mirror"));
      TufClient client = TufClient.refreshed(device, mirror, attack.now());
      boolean isThere = attack.target().isEmpty() || client.target(attack.target()).isPresent();
      return isThere ? Attack.ACCEPTED : Attack.NO_TARGET;
    } catch (SutureException e) {
      return e.code().name();
    }
  }

  private static List<String> changes(Map<String, byte[]> before, Map<String, byte[]> after) {
    List<String> changes = new ArrayList<>();
    after.forEach(
        (name, bytes) -> {
          if (!Arrays.equals(before.get(name), bytes)) {
            changes.add(name);
          }
        });
    before.keySet().stream().filter(name -> !after.containsKey(name)).forEach(changes::add);
    return changes;
  }

  @Test
  void recipes_madeAgain_giveTheSameFiles() throws IOException, SutureException {
    Map<String, byte[]> made = new TreeMap<>();
    for (Map.Entry<String, AttackRecipes.Entry> entry : AttackRecipes.all().entrySet()) {
      AttackStage stage = new AttackStage();
      entry.getValue().recipe().make(stage);
      made.put(entry.getKey() + "/attack.json", entry.getValue().attack().encoded());
      stage.files().forEach((path, bytes) -> made.put(entry.getKey() + "/" + path, bytes));
    }
    if (Boolean.getBoolean("suture.fixtures.write")) {
      write(made);
    }
    Map<String, byte[]> stored = read(SOURCES);
    assertThat(stored.keySet()).isEqualTo(made.keySet());
    made.forEach((path, bytes) -> assertThat(stored.get(path)).as(path).isEqualTo(bytes));
    assertThat(stored.values().stream().mapToLong(bytes -> bytes.length).sum())
        .isLessThan(FIXTURES_BYTES_MAX);
  }

  private static void write(Map<String, byte[]> files) throws IOException {
    for (String stale : read(SOURCES).keySet()) {
      Files.delete(SOURCES.resolve(stale));
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = SOURCES.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  /** Every file below a folder, by its path from there. */
  private static Map<String, byte[]> read(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.filter(Files::isRegularFile).toList()) {
          files.put(
              folder.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
        }
      }
    }
    return files;
  }
}
