package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.SimulatedFolder.PowerCut;
import dev.suture.publisher.repository.SimulatedFolder.Unsynced;
import dev.suture.publisher.workspace.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private Authority authority = TestAuthority.NONE;

  /** One level's files. */
  private record LevelFiles(Path payload, FileRef payloadFile, byte[] manifest) {}

  private LevelFiles first = new LevelFiles(Path.of(""), file(new byte[0]), new byte[0]);
  private LevelFiles second = first;

  @BeforeEach
  void makeFiles() throws IOException, PublisherException {
    authority = TestAuthority.in(temp.resolve("keys"), CLOCK);
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
    return Publication.payloadFile(Payload.Kind.DELTA, Sha256.of(payload), payload.length);
  }

  private Repository repository(SimulatedFolder folder) {
    return new Repository(temp.resolve("mirror"), folder);
  }

  private Publication begin(SimulatedFolder folder) throws PublisherException {
    return Publication.begin(repository(folder), authority, Duration.ZERO);
  }

  private SimulatedFolder made() throws PublisherException {
    SimulatedFolder folder = new SimulatedFolder();
    create(folder);
    return folder;
  }

  private void create(SimulatedFolder folder) throws PublisherException {
    Publication.create(repository(folder), authority, Duration.ZERO).close();
  }

  private Published publish(SimulatedFolder folder, String level, LevelFiles files)
      throws PublisherException {
    try (Publication publication = begin(folder)) {
      publication.addPayload(files.payloadFile(), files.payload());
      String path = LevelEntry.path(MODEL, BASELINE, new Level(level));
      TargetFile file = publication.addTarget(path, files.manifest());
      return publication.publish(TestAuthority.entry(MODEL, BASELINE, level, file));
    }
  }

  /** What a device can find: nothing, or metadata all of whose files are whole. */
  private Optional<Published> readAsDevice(SimulatedFolder folder, LevelFiles... known)
      throws PublisherException {
    Optional<Published> published = repository(folder).published(authority.trustedRoot());
    for (SpreadFile sealed : published.map(Published::sealed).orElse(List.of())) {
      requireWhole(folder, sealed.file());
    }
    for (LevelEntry entry : published.map(Published::levels).orElse(List.of())) {
      requireWhole(folder, entry.manifest());
      for (LevelFiles files : known) {
        if (Sha256.of(files.manifest()).equals(entry.manifest().sha256())) {
          requireWhole(folder, files.payloadFile());
        }
      }
    }
    return published;
  }

  private static void requireWhole(SimulatedFolder folder, FileRef file) {
    byte[] content =
        folder
            .read(file.path(), Integer.MAX_VALUE - 1)
            .orElseThrow(() -> new AssertionError(file.path() + " is missing"));
    assertThat(Sha256.of(content)).as(file.path()).isEqualTo(file.sha256());
  }

  /** What is done to a repository. */
  @FunctionalInterface
  private interface Action {
    void on(SimulatedFolder folder) throws PublisherException;
  }

  /** Cuts an action everywhere and does it again; returns how many cuts there were. */
  private int cutEverywhere(SimulatedFolder before, Action action) throws PublisherException {
    return cutEverywhere(before, action, false);
  }

  /**
   * As above.
   *
   * @param idempotent whether it can be done again even where it was published
   */
  private int cutEverywhere(SimulatedFolder before, Action action, boolean idempotent)
      throws PublisherException {
    long old = version(before.copy());
    int cuts = 0;
    for (Unsynced unsynced : Unsynced.values()) {
      for (int operation = 1; ; operation++) {
        SimulatedFolder folder = before.copy();
        folder.syncsAreLies = before.syncsAreLies;
        folder.cutBefore(operation);
        try {
          action.on(folder);
          assertThat(folder.operations()).isLessThan(operation);
          break;
        } catch (PowerCut e) {
          cuts++;
        }
        folder.powerOn(unsynced);
        // A timestamp that a device has seen is durable or not; all that it stood for is.
        Map<String, byte[]> seen = folder.contents();
        long cut = version(folder);
        assertThat(cut).isGreaterThanOrEqualTo(old);
        if (cut > old && !idempotent) {
          continue;
        }
        // The same command again finishes the work.
        action.on(folder);
        folder.powerOn(Unsynced.ALL_LOST);
        assertThat(version(folder)).as("what was published is lost").isGreaterThan(old);
        requireNothingChanged(seen, folder.contents());
      }
    }
    return cuts;
  }

  private long version(SimulatedFolder folder) throws PublisherException {
    return readAsDevice(folder, first, second).map(Published::version).orElse(0L);
  }

  /** What was there has the same content for ever. */
  private static void requireNothingChanged(Map<String, byte[]> seen, Map<String, byte[]> now) {
    seen.forEach(
        (path, content) -> {
          if (!path.contains("/.") && !path.endsWith("/timestamp.json")) {
            assertThat(now.get(path)).as(path).isEqualTo(content);
          }
        });
  }

  @Test
  void create_cutBeforeEveryWrite_finishedByTheNextRun() throws Exception {
    int cuts = cutEverywhere(new SimulatedFolder(), this::create);

    // Root, targets, snapshot: 5 each; timestamp: 4. For each fate.
    assertThat(cuts).isEqualTo(19 * Unsynced.values().length);
  }

  @Test
  void publish_firstLevelCutBeforeEveryWrite_readableAndFinishedByTheNextRun() throws Exception {
    int cuts = cutEverywhere(made(), folder -> publish(folder, "a", first));

    // Payload, manifest, targets, snapshot: 5 each; timestamp: 4. For each fate.
    assertThat(cuts).isEqualTo(24 * Unsynced.values().length);
  }

  @Test
  void publish_secondLevelCutBeforeEveryWrite_firstStaysWhole() throws Exception {
    SimulatedFolder folder = made();
    publish(folder, "a", first);

    assertThat(cutEverywhere(folder, after -> publish(after, "b", second)))
        .isEqualTo(24 * Unsynced.values().length);
  }

  @Test
  void withdrawAndRefresh_cutBeforeEveryWrite_readableAndFinishedByTheNextRun() throws Exception {
    SimulatedFolder before = made();
    publish(before, "a", first);

    int withdrawn =
        cutEverywhere(
            before,
            folder -> {
              try (Publication publication = begin(folder)) {
                publication.withdraw(BASELINE, MODEL, new Level("a"), Withdrawal.STOP);
              }
            });
    int refreshed =
        cutEverywhere(
            before,
            folder -> {
              try (Publication publication = begin(folder)) {
                publication.refresh(false);
              }
            });

    assertThat(withdrawn).isEqualTo(14 * Unsynced.values().length);
    assertThat(refreshed).isEqualTo(9 * Unsynced.values().length);
  }

  @Test
  void spreadAndTakeBack_cutBeforeEveryWrite_readableAndFinishedByTheNextRun() throws Exception {
    SimulatedFolder before = made();

    int spread = cutEverywhere(before, this::spread);
    spread(before);
    int takenBack =
        cutEverywhere(
            before,
            folder -> {
              try (Publication publication = begin(folder)) {
                publication.takeBack(MODEL, BASELINE, "0badcafe.sealed");
              }
            });

    // Sealed file, targets, snapshot: 5 each; timestamp: 4. For each fate.
    assertThat(spread).isEqualTo(19 * Unsynced.values().length);
    assertThat(takenBack).isEqualTo(14 * Unsynced.values().length);
  }

  private void spread(SimulatedFolder folder) throws PublisherException {
    String name = "0badcafe.sealed";
    try (Publication publication = begin(folder)) {
      publication.spread(
          MODEL,
          BASELINE,
          name,
          publication.addTarget(
              SpreadFile.path(MODEL, BASELINE, name),
              first.payloadFile().sha256(),
              first.payload()));
    }
  }

  @Test
  void rotate_everyRoleCutBeforeEveryWrite_devicesBelieveItAtEveryMoment() throws Exception {
    SimulatedFolder before = made();
    publish(before, "a", first);
    for (RoleType role : RoleType.values()) {
      RoleKeys next =
          new Workspace(temp.resolve("keys"))
              .nextKeys(role, readAsDevice(before.copy()).orElseThrow().root(), Optional.empty());
      int cuts =
          cutEverywhere(
              before,
              folder -> {
                try (Publication publication = begin(folder)) {
                  publication.rotate(role, next);
                }
              });
      assertThat(cuts).isGreaterThanOrEqualTo(14 * Unsynced.values().length);
    }
  }

  /** What was drafted by a change, and the signatures that came back. */
  private record Draft(List<SigningRequest> requests, List<List<Signature>> signatures) {}

  /** Drafts a change where no key of root and targets is; signs it elsewhere. */
  private Draft draft(SimulatedFolder folder, Changing change) throws PublisherException {
    List<SigningRequest> requests = new ArrayList<>();
    RoleSigning asking =
        wanted -> {
          requests.addAll(wanted);
          throw new PublisherException(
              Problem.SIGNATURES_AWAITED, new Details("sign", "keys", "none", "test", "wait"));
        };
    try (Publication publication =
        Publication.begin(repository(folder), with(asking), Duration.ZERO)) {
      assertThatThrownBy(() -> change.on(publication)).isInstanceOf(PublisherException.class);
    }
    return new Draft(requests, authority.signing().sign(requests));
  }

  private Authority with(RoleSigning signing) {
    return new Authority(authority.trustedRoot(), signing, authority.expiry(), CLOCK);
  }

  /** Changes what is published. */
  @FunctionalInterface
  private interface Changing {
    void on(Publication publication) throws PublisherException;
  }

  private Published take(SimulatedFolder folder, Draft draft) throws PublisherException {
    RoleSigning returned =
        wanted -> {
          if (wanted.get(0).role().equals("snapshot") || wanted.get(0).role().equals("timestamp")) {
            return authority.signing().sign(wanted);
          }
          List<List<Signature>> signatures = new ArrayList<>();
          for (SigningRequest request : wanted) {
            signatures.add(draft.signatures().get(draft.requests().indexOf(same(draft, request))));
          }
          return signatures;
        };
    try (Publication publication =
        Publication.begin(repository(folder), with(returned), Duration.ZERO)) {
      return publication.take(draft.requests());
    }
  }

  private static SigningRequest same(Draft draft, SigningRequest wanted) {
    return draft.requests().stream()
        .filter(request -> request.digest().equals(wanted.digest()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("never drafted: " + wanted.role()));
  }

  @Test
  void importLevel_cutBeforeEveryWrite_readableAndFinishedByTheNextRun() throws Exception {
    SimulatedFolder before = made();
    Draft draft =
        draft(
            before,
            publication -> {
              publication.addPayload(first.payloadFile(), first.payload());
              String path = LevelEntry.path(MODEL, BASELINE, new Level("a"));
              TargetFile file = publication.addTarget(path, first.manifest());
              publication.publish(TestAuthority.entry(MODEL, BASELINE, "a", file));
            });
    before.powerOn(Unsynced.ALL_LOST); // What was added with the request is durable.

    int cuts =
        cutEverywhere(
            before,
            folder -> {
              Published published = take(folder, draft);
              assertThat(published.levels()).hasSize(1);
              assertThat(published.targets().signed().version()).isEqualTo(2);
            },
            true);

    // Targets, snapshot: 5 each; timestamp: 4. For each fate.
    assertThat(cuts).isEqualTo(14 * Unsynced.values().length);
  }

  @Test
  void importRoot_everyRoleCutBeforeEveryWrite_devicesBelieveItAtEveryMoment() throws Exception {
    SimulatedFolder before = made();
    publish(before, "a", first);
    for (RoleType role : RoleType.values()) {
      RoleKeys next =
          new Workspace(temp.resolve("keys"))
              .nextKeys(role, readAsDevice(before.copy()).orElseThrow().root(), Optional.empty());
      Draft draft = draft(before, publication -> publication.rotate(role, next));

      int cuts =
          cutEverywhere(
              before,
              folder -> {
                Published published = take(folder, draft);
                assertThat(published.root().signed().version()).isEqualTo(2);
                assertThat(published.root().keysOf(role)).isEqualTo(next);
              },
              true);

      assertThat(cuts).isGreaterThanOrEqualTo(14 * Unsynced.values().length);
    }
  }

  @Test
  void publish_plantedBugNothingIsSynced_isFound() throws Exception {
    SimulatedFolder folder = made();
    folder.syncsAreLies = true;

    assertThatThrownBy(() -> cutEverywhere(folder, after -> publish(after, "a", first)))
        .isInstanceOfAny(AssertionError.class, PublisherException.class);
  }
}
