package dev.suture.publisher.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.SignedMetadata.Signature;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.SimulatedFolder.PowerCut;
import dev.suture.publisher.repository.SimulatedFolder.Unsynced;
import dev.suture.publisher.workspace.Workspace;
import dev.suture.trust.tuf.LocalMetadata;
import dev.suture.trust.tuf.TufClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A role's old keys are destroyed; devices follow to the new ones whenever they look. */
final class LostKeysTest {
  private static final Baseline BASELINE = new Baseline("26.1");
  private static final String MODEL = "suture-virt-arm64";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);

  @TempDir private Path temp;
  private Authority authority = TestAuthority.NONE;
  private RoleKeys next = new RoleKeys(Map.of(), 1);
  private SimulatedFolder before = new SimulatedFolder();

  /** Publishes a level, makes new keys for a role, and destroys the old ones. */
  private void lose(RoleType role) throws IOException, PublisherException {
    Path keys = temp.resolve("keys");
    authority = TestAuthority.in(keys, CLOCK);
    Publication.create(repository(before), authority, Duration.ZERO).close();
    try (Publication publication = begin(before)) {
      String path = LevelEntry.path(MODEL, BASELINE, new Level("a"));
      byte[] manifest = "manifest".getBytes(StandardCharsets.UTF_8);
      publication.publish(
          TestAuthority.entry(MODEL, BASELINE, "a", publication.addTarget(path, manifest)));
      next = new Workspace(keys).nextKeys(role, publication.published().root(), Optional.empty());
    }
    for (String old : List.of("ed25519", "ml-dsa-65")) {
      Files.deleteIfExists(keys.resolve(role.word() + "-" + old + ".key"));
    }
    // Without those that the old one has read before.
    authority =
        new Workspace(keys)
            .authority(
                what -> {
                  throw new AssertionError("no passphrase is needed: " + what);
                },
                CLOCK);
  }

  private Repository repository(SimulatedFolder folder) {
    return new Repository(temp.resolve("mirror"), folder);
  }

  private Publication begin(SimulatedFolder folder) throws PublisherException {
    return Publication.begin(repository(folder), authority, Duration.ZERO);
  }

  /** The command: it is refused once it has succeeded. */
  private void replace(SimulatedFolder folder, RoleType role) throws PublisherException {
    try (Publication publication = begin(folder)) {
      if (!publication.published().root().keysOf(role).equals(next)) {
        publication.replaceLost(role, next);
      }
    }
  }

  /** A device whose metadata survives; the client is the agent's own. */
  private static final class Device implements LocalMetadata {
    private final Map<String, byte[]> stored = new HashMap<>();

    Device copy() {
      Device copy = new Device();
      copy.stored.putAll(stored);
      return copy;
    }

    @Override
    public Optional<byte[]> load(String name, int bytesMax) {
      return Optional.ofNullable(stored.get(name));
    }

    @Override
    public void store(String name, byte[] bytes) {
      stored.put(name, bytes);
    }

    @Override
    public void delete(String name) {
      stored.remove(name);
    }

    /** Must succeed; the version of the timestamp. */
    long look(SimulatedFolder mirror) {
      try {
        TufClient client =
            TufClient.refreshed(
                this,
                (name, bytesMax) -> mirror.read(Repository.METADATA + "/" + name, bytesMax),
                CLOCK.instant());
        assertThat(client.target(LevelEntry.path(MODEL, BASELINE, new Level("a")))).isPresent();
        return client.timestamp().signed().version();
      } catch (SutureException e) {
        throw new AssertionError("a device refuses what it sees: " + e.explanation(), e);
      }
    }

    RootMetadata root() {
      byte[] bytes = load("root.json", 0).orElseThrow();
      return new RootMetadata(SignedMetadata.decode(RoleType.ROOT, "root", bytes, bytes.length));
    }
  }

  private Device device() throws SutureException {
    Device device = new Device();
    TufClient.initialize(device, authority.trustedRoot());
    return device;
  }

  /** What is done to a repository. */
  @FunctionalInterface
  private interface Action {
    void on(SimulatedFolder folder) throws PublisherException;
  }

  /** Cuts everywhere, does it again; three devices look on. How many cuts there were. */
  private int cutEverywhere(RoleType role, Action action) throws Exception {
    Device follower = device();
    long old = follower.look(before);
    int cuts = 0;
    for (Unsynced unsynced : Unsynced.values()) {
      for (int operation = 1; ; operation++) {
        SimulatedFolder folder = before.copy();
        folder.cutBefore(operation);
        try {
          action.on(folder);
          break;
        } catch (PowerCut e) {
          cuts++;
        }
        folder.powerOn(unsynced);
        Device late = follower.copy();
        Device early = follower.copy();
        Device fresh = device();
        long seen = early.look(folder);
        assertThat(seen).isGreaterThanOrEqualTo(old);
        assertThat(fresh.look(folder)).isEqualTo(seen);

        action.on(folder);
        folder.powerOn(Unsynced.ALL_LOST);
        for (Device device : List.of(early, late, fresh, device())) {
          assertThat(device.look(folder)).isGreaterThan(old).isGreaterThanOrEqualTo(seen);
          assertThat(device.root().keysOf(role)).isEqualTo(next);
          assertThat(LostKeys.of(device.root())).isEmpty();
        }
      }
    }
    return cuts;
  }

  @ParameterizedTest
  @EnumSource(
      value = RoleType.class,
      names = {"TARGETS", "SNAPSHOT", "TIMESTAMP"})
  void replaceLost_cutBeforeEveryWrite_devicesFollowFromEveryState(RoleType role) throws Exception {
    lose(role);

    int cuts = cutEverywhere(role, folder -> replace(folder, role));

    // Bridge, snapshot, last root, and targets if it is their turn: 5 each; timestamp: 4.
    int files = role == RoleType.TARGETS ? 4 : 3;
    assertThat(cuts).isEqualTo((5 * files + 4) * Unsynced.values().length);
  }

  @ParameterizedTest
  @EnumSource(
      value = RoleType.class,
      names = {"TARGETS", "SNAPSHOT", "TIMESTAMP"})
  void replaceLost_signedElsewhereAndCutBeforeEveryWrite_theSameImportFinishesIt(RoleType role)
      throws Exception {
    lose(role);
    List<SigningRequest> requests = drafts(role);
    assertThat(requests).hasSize(role == RoleType.TARGETS ? 3 : 2);
    List<List<Signature>> signatures = authority.signing().sign(requests);

    int cuts = cutEverywhere(role, folder -> take(folder, requests, signatures));

    int files = role == RoleType.TARGETS ? 4 : 3;
    assertThat(cuts).isEqualTo((5 * files + 4) * Unsynced.values().length);
  }

  private List<SigningRequest> drafts(RoleType role) throws PublisherException {
    List<SigningRequest> requests = new ArrayList<>();
    RoleSigning asking =
        wanted -> {
          if (isOnline(wanted)) {
            return authority.signing().sign(wanted);
          }
          requests.addAll(wanted);
          throw new PublisherException(
              Problem.SIGNATURES_AWAITED, new Details("sign", "keys", "none", "test", "wait"));
        };
    try (Publication publication =
        Publication.begin(repository(before), with(asking), Duration.ZERO)) {
      assertThatThrownBy(() -> publication.replaceLost(role, next))
          .isInstanceOf(PublisherException.class);
    }
    return requests;
  }

  private static boolean isOnline(List<SigningRequest> wanted) {
    return wanted.stream()
        .anyMatch(one -> one.role().equals("snapshot") || one.role().equals("timestamp"));
  }

  private Authority with(RoleSigning signing) {
    return new Authority(authority.trustedRoot(), signing, authority.expiry(), CLOCK);
  }

  private void take(
      SimulatedFolder folder, List<SigningRequest> requests, List<List<Signature>> signatures)
      throws PublisherException {
    RoleSigning returned =
        wanted -> {
          if (isOnline(wanted)) {
            return authority.signing().sign(wanted);
          }
          List<List<Signature>> found = new ArrayList<>();
          for (SigningRequest request : wanted) {
            for (int i = 0; i < requests.size(); i++) {
              if (requests.get(i).digest().equals(request.digest())) {
                found.add(signatures.get(i));
              }
            }
          }
          return found;
        };
    try (Publication publication =
        Publication.begin(repository(folder), with(returned), Duration.ZERO)) {
      publication.take(requests);
    }
  }

  private static Problem problemOf(Action action, SimulatedFolder folder) {
    try {
      action.on(folder);
    } catch (PublisherException e) {
      return e.problem();
    }
    throw new AssertionError("expected a refusal");
  }

  @Test
  void take_bridgeWithoutTheRootBehindIt_refusedAndNothingChanged() throws Exception {
    lose(RoleType.TIMESTAMP);
    List<SigningRequest> requests = drafts(RoleType.TIMESTAMP);
    List<List<Signature>> signatures = authority.signing().sign(requests);
    Map<String, byte[]> contents = before.contents();

    assertThat(
            problemOf(
                folder -> take(folder, requests.subList(0, 1), signatures.subList(0, 1)), before))
        .isEqualTo(Problem.INPUT_MALFORMED);
    assertThat(
            problemOf(
                folder -> take(folder, requests.subList(1, 2), signatures.subList(1, 2)), before))
        .isEqualTo(Problem.REQUEST_OUTDATED);
    assertThat(before.contents().keySet()).isEqualTo(contents.keySet());
  }

  @Test
  void take_bridgeOfOneDraftAndRootOfAnother_refused() throws Exception {
    lose(RoleType.TIMESTAMP);
    List<SigningRequest> one = drafts(RoleType.TIMESTAMP);
    RoleKeys kept = next;
    next =
        new Workspace(temp.resolve("others"))
            .nextKeys(RoleType.TIMESTAMP, root(), Optional.empty());
    List<SigningRequest> mixed = List.of(one.get(0), drafts(RoleType.TIMESTAMP).get(1));
    next = kept;
    List<List<Signature>> signatures = authority.signing().sign(mixed);

    assertThat(problemOf(folder -> take(folder, mixed, signatures), before))
        .isEqualTo(Problem.INPUT_MALFORMED);
  }

  private RootMetadata root() throws PublisherException {
    return repository(before).published(authority.trustedRoot()).orElseThrow().root();
  }

  /** The state that a power cut leaves after so many files of metadata. */
  private SimulatedFolder cutBeforeLastRoot(RoleType role) throws PublisherException {
    SimulatedFolder folder = before.copy();
    folder.cutBefore(5 + 5 + 4 + 1);
    try {
      replace(folder, role);
      throw new AssertionError("expected a power cut");
    } catch (PowerCut e) {
      folder.powerOn(Unsynced.ALL_LOST);
      return folder;
    }
  }

  @Test
  void onTheBridge_dailyWorkGoesOnAndNoOtherRootIsMade() throws Exception {
    lose(RoleType.TIMESTAMP);
    SimulatedFolder folder = cutBeforeLastRoot(RoleType.TIMESTAMP);
    try (Publication publication = begin(folder)) {
      assertThat(publication.published().isOnBridge()).isTrue();
      assertThat(publication.unfinished()).contains(Map.entry(RoleType.TIMESTAMP, next));
      publication.refresh(true);
      RoleKeys targets = publication.published().root().keysOf(RoleType.TARGETS);
      assertThat(problemOf(none -> publication.renew(), folder))
          .isEqualTo(Problem.ROTATION_UNFINISHED);
      assertThat(problemOf(none -> publication.rotate(RoleType.TARGETS, targets), folder))
          .isEqualTo(Problem.ROTATION_UNFINISHED);
      assertThat(problemOf(none -> publication.replaceLost(RoleType.SNAPSHOT, next), folder))
          .isEqualTo(Problem.ROTATION_UNFINISHED);
      assertThat(problemOf(none -> publication.replaceLost(RoleType.TIMESTAMP, targets), folder))
          .isEqualTo(Problem.ROTATION_UNFINISHED);
    }
    replace(folder, RoleType.TIMESTAMP);
    assertThat(device().look(folder)).isGreaterThan(2);
  }

  @Test
  void replaceLost_targetsHaveExpiredMeanwhile_areSignedAgainAsWell() throws Exception {
    lose(RoleType.TIMESTAMP);
    Authority late =
        new Authority(
            authority.trustedRoot(),
            authority.signing(),
            authority.expiry(),
            Clock.offset(CLOCK, Duration.ofDays(366)));
    try (Publication publication = Publication.begin(repository(before), late, Duration.ZERO)) {
      Published published = publication.replaceLost(RoleType.TIMESTAMP, next);
      assertThat(published.targets().signed().version()).isEqualTo(3);
    }
    var unused = repository(before).view(authority.trustedRoot(), late.clock().instant());
  }

  @Test
  void replaceLost_done_oldKeysSignNothingAndTheBridgeHoldsForAMonth() throws Exception {
    lose(RoleType.SNAPSHOT);
    RoleKeys old = root().keysOf(RoleType.SNAPSHOT);
    replace(before, RoleType.SNAPSHOT);
    RootMetadata last = root();
    assertThat(old.isRevokedBy(last.keysOf(RoleType.SNAPSHOT))).isTrue();
    assertThat(last.signed().version()).isEqualTo(3);
    byte[] bridge = before.read("metadata/2.root.json", 1 << 20).orElseThrow();
    RootMetadata between =
        new RootMetadata(SignedMetadata.decode(RoleType.ROOT, "root", bridge, bridge.length));
    assertThat(between.keysOf(RoleType.SNAPSHOT).threshold()).isEqualTo(1);
    assertThat(between.signed().expires())
        .isEqualTo(authority.expiry().of(RoleType.SNAPSHOT, CLOCK.instant()));
  }
}
