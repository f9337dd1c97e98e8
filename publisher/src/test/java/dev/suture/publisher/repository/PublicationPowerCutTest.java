package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.ReleaseIndex;
import dev.suture.protocol.Sha256;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.PublisherKeys;
import dev.suture.publisher.repository.SimulatedFolder.PowerCut;
import dev.suture.publisher.repository.SimulatedFolder.Unsynced;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power is cut before every single write of a publication, with every fate of the rest. */
final class PublicationPowerCutTest {
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final String MODEL = "suture-virt-arm64";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);

  @TempDir private Path temp;
  private final PublisherKeys keys = PublisherKeys.generate();

  /** One level's files. */
  private record LevelFiles(Path payload, FileRef payloadFile, byte[] manifest) {}

  private LevelFiles first = new LevelFiles(Path.of(""), file(new byte[0]), new byte[0]);
  private LevelFiles second = first;

  @BeforeEach
  void makeFiles() throws IOException {
    first = files("first");
    second = files("second");
  }

  private LevelFiles files(String name) throws IOException {
    byte[] payload = ("payload of the " + name).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(temp.resolve(name), payload);
    return new LevelFiles(
        file, file(payload), ("manifest of the " + name).getBytes(StandardCharsets.UTF_8));
  }

  private static FileRef file(byte[] payload) {
    return Publication.payloadFile(Sha256.of(payload), payload.length, "delta");
  }

  private Repository repository(SimulatedFolder folder) {
    return new Repository(temp.resolve("mirror"), folder);
  }

  private ReleaseIndex publish(SimulatedFolder folder, String level, LevelFiles files)
      throws PublisherException {
    try (Publication publication =
        Publication.begin(repository(folder), keys, CLOCK, Duration.ZERO)) {
      publication.addPayload(files.payloadFile(), files.payload());
      FileRef manifest = publication.addManifest(files.manifest());
      return publication.publish(
          new ReleaseIndex.Entry(BASELINE, MODEL, new Level(level), manifest, false));
    }
  }

  /** What a device can find: nothing, or an index all of whose files are whole. */
  private Optional<ReleaseIndex> readAsDevice(SimulatedFolder folder, LevelFiles... known)
      throws PublisherException, IOException {
    Optional<ReleaseIndex> index = repository(folder).index(keys.trustRoot());
    for (ReleaseIndex.Entry entry : index.map(ReleaseIndex::entries).orElse(List.of())) {
      requireWhole(folder, entry.manifest());
      for (LevelFiles files : known) {
        if (Sha256.of(files.manifest()).equals(entry.manifest().sha256())) {
          requireWhole(folder, files.payloadFile());
        }
      }
    }
    return index;
  }

  private static void requireWhole(SimulatedFolder folder, FileRef file) {
    byte[] content =
        folder
            .read(file.path(), Integer.MAX_VALUE - 1)
            .orElseThrow(() -> new AssertionError(file.path() + " is missing"));
    assertThat(Sha256.of(content)).as(file.path()).isEqualTo(file.sha256());
  }

  /** Cuts everywhere; returns how many cuts there were. */
  private int cutEverywhere(SimulatedFolder before, String level, LevelFiles files)
      throws PublisherException, IOException {
    Optional<ReleaseIndex> old = readAsDevice(before.copy(), first, second);
    int cuts = 0;
    for (Unsynced unsynced : Unsynced.values()) {
      for (int operation = 1; ; operation++) {
        SimulatedFolder folder = before.copy();
        folder.syncsAreLies = before.syncsAreLies;
        folder.cutBefore(operation);
        try {
          publish(folder, level, files);
          assertThat(folder.operations()).isLessThan(operation);
          break;
        } catch (PowerCut e) {
          cuts++;
        }
        folder.powerOn(unsynced);
        Optional<ReleaseIndex> after = readAsDevice(folder, first, second);
        long oldVersion = old.map(ReleaseIndex::version).orElse(0L);
        long newVersion = after.map(ReleaseIndex::version).orElse(0L);
        assertThat(newVersion).isGreaterThanOrEqualTo(oldVersion);
        boolean published =
            after.isPresent()
                && after.get().entries().stream()
                    .anyMatch(entry -> entry.level().equals(new Level(level)));
        if (!published) {
          // The same command again finishes the work.
          publish(folder, level, files);
          folder.powerOn(Unsynced.ALL_LOST);
          ReleaseIndex index =
              readAsDevice(folder, first, second)
                  .orElseThrow(() -> new AssertionError("what was published is lost"));
          assertThat(index.version()).isEqualTo(Math.max(1, newVersion) + 1);
        }
      }
    }
    return cuts;
  }

  @Test
  void publish_firstLevelCutBeforeEveryWrite_readableAndFinishedByTheNextRun() throws Exception {
    int cuts = cutEverywhere(new SimulatedFolder(), "a", first);

    // Index of version 1: 4; payload and manifest: 5 each; index: 4. For each fate.
    assertThat(cuts).isEqualTo(18 * Unsynced.values().length);
  }

  @Test
  void publish_secondLevelCutBeforeEveryWrite_firstStaysWhole() throws Exception {
    SimulatedFolder folder = new SimulatedFolder();
    publish(folder, "a", first);

    assertThat(cutEverywhere(folder, "b", second)).isEqualTo(14 * Unsynced.values().length);
  }

  @Test
  void withdraw_cutBeforeEveryWrite_readable() throws Exception {
    SimulatedFolder before = new SimulatedFolder();
    publish(before, "a", first);
    for (Unsynced unsynced : Unsynced.values()) {
      for (int operation = 1; operation <= 4; operation++) {
        SimulatedFolder folder = before.copy();
        try (Publication publication =
            Publication.begin(repository(folder), keys, CLOCK, Duration.ZERO)) {
          folder.cutBefore(operation);
          assertThatThrownBy(() -> publication.withdraw(BASELINE, MODEL, new Level("a")))
              .isInstanceOf(PowerCut.class);
        }
        folder.powerOn(unsynced);
        long version = readAsDevice(folder, first).orElseThrow().version();
        assertThat(version).isIn(2L, 3L);
      }
    }
  }

  @Test
  void publish_plantedBugNothingIsSynced_isFound() {
    SimulatedFolder folder = new SimulatedFolder();
    folder.syncsAreLies = true;

    assertThatThrownBy(() -> cutEverywhere(folder, "a", first))
        .isInstanceOfAny(AssertionError.class, PublisherException.class);
  }
}
