package dev.suture.sim;

import dev.suture.attempt.Phase;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.RootMetadata;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotContent;
import dev.suture.store.JournalState;
import dev.suture.store.TrustBytes;
import dev.suture.trust.TrustState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * What the disk of one device says that it believes, as it is when the power fails now, and what it
 * said before. Nothing is judged any more once a test has changed a copy by hand.
 */
final class TrustHistory {
  private static final List<String> COPIES =
      List.of(SimDevice.statePath("trust.0"), SimDevice.statePath("trust.1"));
  private static final int ROOT_BYTES_MAX = 512 << 10;
  private static final int TIMESTAMP_BYTES_MAX = 16 << 10;
  private static final String TIMESTAMP = "timestamp.json";

  /** Content that is durable is never changed, so each is read once, whoever has it. */
  private static final Map<byte[], Optional<Believed>> READ =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * One state.
   *
   * @param sequence of the copy
   * @param version of the timestamp, 0 without one
   * @param root the newest behind the shipped one
   */
  private record Believed(
      long sequence, TrustState state, long version, Optional<RootMetadata> root) {}

  private final SimDisk disk;
  private final byte[] shippedRoot;
  private final Set<Manifest> confirmed = new HashSet<>();
  private final byte[][] seen = new byte[COPIES.size()][];
  private Optional<Believed> newest = Optional.empty();
  private long firstSequence;

  /** The history of this disk from now on. */
  TrustHistory(SimDisk disk, byte[] shippedRoot) {
    this.disk = disk;
    this.shippedRoot = shippedRoot;
    this.newest = newest(disk);
    this.firstSequence = newest.map(Believed::sequence).orElse(0L);
  }

  /** What is believed now. */
  Optional<TrustState> state() {
    return newest(disk).map(Believed::state);
  }

  private static boolean isChangedByHand(SimDisk disk) {
    return COPIES.stream().anyMatch(disk::isChangedByHand);
  }

  private static Optional<Believed> newest(SimDisk disk) {
    Optional<Believed> newest = Optional.empty();
    for (String path : COPIES) {
      Optional<Believed> copy = copy(disk, path);
      if (copy.isPresent()
          && (!newest.isPresent() || copy.get().sequence > newest.get().sequence)) {
        newest = copy;
      }
    }
    return newest;
  }

  private static Optional<Believed> copy(SimDisk disk, String path) {
    return disk.durable(path).flatMap(bytes -> READ.computeIfAbsent(bytes, TrustHistory::read));
  }

  private static Optional<Believed> read(byte[] bytes) {
    return TrustBytes.decode(bytes)
        .map(
            copy ->
                new Believed(
                    copy.sequence(),
                    copy.state(),
                    Optional.ofNullable(copy.state().files().get(TIMESTAMP))
                        .map(TrustHistory::version)
                        .orElse(0L),
                    copy.state().roots().stream()
                        .reduce((first, second) -> second)
                        .map(text -> root(text.getBytes(StandardCharsets.UTF_8)))));
  }

  private static long version(String timestamp) {
    return SignedMetadata.decode(
            RoleType.TIMESTAMP,
            TIMESTAMP,
            timestamp.getBytes(StandardCharsets.UTF_8),
            TIMESTAMP_BYTES_MAX)
        .version();
  }

  private static RootMetadata root(byte[] bytes) {
    return new RootMetadata(SignedMetadata.decode(RoleType.ROOT, "root", bytes, ROOT_BYTES_MAX));
  }

  /** Judges what has become durable since the last call: whole, newer, and there twice. */
  void check() {
    if (isChangedByHand(disk) || !isNews()) {
      return;
    }
    for (String path : COPIES) {
      require(
          !disk.durable(path).isPresent() || copy(disk, path).isPresent(), path + " is not whole");
    }
    Optional<Believed> now = newest(disk);
    requireNeverBack(newest, now, shippedRoot);
    newest = now;
    if (now.isPresent() && now.get().sequence > Math.max(1, firstSequence)) {
      long before = now.get().sequence - 1;
      require(
          COPIES.stream()
              .anyMatch(path -> copy(disk, path).filter(one -> one.sequence == before).isPresent()),
          "what is believed is there twice: there is no copy "
              + before
              + " beside "
              + (before + 1));
    }
  }

  private boolean isNews() {
    boolean isNews = false;
    for (int i = 0; i < seen.length; i++) {
      byte[] bytes = disk.durable(COPIES.get(i)).orElse(null);
      isNews |= bytes != seen[i];
      seen[i] = bytes;
    }
    return isNews;
  }

  /** Judges what a power cut has left of what was durable. */
  static void checkCut(SimDisk before, SimDisk after, byte[] shippedRoot) {
    boolean isSame =
        COPIES.stream()
            .allMatch(
                path -> before.durable(path).orElse(null) == after.durable(path).orElse(null));
    if (!isSame && !isChangedByHand(after)) {
      requireNeverBack(newest(before), newest(after), shippedRoot);
    }
  }

  private static void requireNeverBack(
      Optional<Believed> before, Optional<Believed> after, byte[] shippedRoot) {
    if (!before.isPresent()) {
      return;
    }
    Believed old = before.get();
    require(after.isPresent(), "what was believed is gone");
    Believed now = after.orElseThrow();
    require(
        now.sequence >= old.sequence,
        "what is believed went back from copy " + old.sequence + " to " + now.sequence);
    require(
        now.state.roots().size() >= old.state.roots().size(),
        "the roots went back from " + old.state.roots().size() + " to " + now.state.roots().size());
    requireFloorNeverBack(old.state.marks(), now.state.marks());
    if (isTimeRevoked(old, now, shippedRoot)) {
      return;
    }
    require(
        now.version >= old.version,
        "the timestamp went back from version " + old.version + " to " + now.version);
    Instant oldTime = old.state.marks().signedTime().orElse(Instant.MIN);
    Instant nowTime = now.state.marks().signedTime().orElse(Instant.MIN);
    require(!nowTime.isBefore(oldTime), "time went back from " + oldTime + " to " + nowTime);
  }

  private static void requireFloorNeverBack(TrustState.Marks old, TrustState.Marks now) {
    require(
        !old.floor().isPresent()
            || now.floor()
                .filter(
                    floor ->
                        !floor.baseline().equals(old.floor().get().baseline())
                            || floor.level().compareTo(old.floor().get().level()) >= 0)
                .isPresent(),
        "the floor went back from " + old.floor() + " to " + now.floor());
    require(
        now.dataSchema() >= old.dataSchema(),
        "the data went back from version " + old.dataSchema() + " to " + now.dataSchema());
  }

  /** Specification 5.3.11. */
  private static boolean isTimeRevoked(Believed old, Believed now, byte[] shippedRoot) {
    if (now.state.roots().size() == old.state.roots().size()) {
      return false;
    }
    RootMetadata before = old.root.orElseGet(() -> root(shippedRoot));
    RootMetadata after = now.root.orElseGet(() -> root(shippedRoot));
    return Arrays.asList(RoleType.TIMESTAMP, RoleType.SNAPSHOT).stream()
        .anyMatch(role -> before.keysOf(role).isRevokedBy(after.keysOf(role)));
  }

  /** What is active was confirmed, whatever becomes of it; returns it. */
  Optional<Manifest> noteConfirmed(ActivationRecord record, SimPublisher publisher) {
    Optional<Manifest> active =
        Optional.of(record.active())
            .filter(slot -> slot != Slot.BASE)
            .flatMap(slot -> record.content(slot).manifest())
            .flatMap(publisher::manifest);
    active.ifPresent(confirmed::add);
    return active;
  }

  /** Judges the floor by what was confirmed, as far as record, journal and memory know. */
  void checkFloor(ActivationRecord record, JournalState journal, SimPublisher publisher) {
    if (isChangedByHand(disk)) {
      return;
    }
    Optional<Manifest> active = noteConfirmed(record, publisher);
    if (journal.lastNumber() == 0) {
      return; // The agent has not read its journal yet.
    }
    Optional<TrustState.Floor> floor =
        newest.map(Believed::state).flatMap(state -> state.marks().floor());
    floor.ifPresent(
        one ->
            require(
                publisher.manifests().stream()
                    .filter(manifest -> isFloorOf(manifest, one))
                    .anyMatch(manifest -> wasConfirmed(manifest, record, journal)),
                "the floor is " + one + ", but no level that demands it was confirmed"));
    boolean isQuiet = !journal.attempt().isPresent() && record.starts() == 0;
    active
        .filter(manifest -> isQuiet)
        .flatMap(manifest -> manifest.compatibility().floor())
        .ifPresent(
            demanded ->
                require(
                    floor.filter(one -> one.level().compareTo(demanded) >= 0).isPresent(),
                    "floor " + demanded + " of what is confirmed is not raised, got " + floor));
  }

  private static boolean isFloorOf(Manifest manifest, TrustState.Floor floor) {
    return manifest.baseline().equals(floor.baseline())
        && manifest.compatibility().floor().equals(Optional.of(floor.level()));
  }

  private boolean wasConfirmed(Manifest manifest, ActivationRecord record, JournalState journal) {
    return confirmed.contains(manifest)
        || isWholeAndNotOnTrial(record, manifest.digest())
        || journal.outcomes().stream()
            .anyMatch(
                outcome ->
                    outcome.phase() == Phase.ACTIVE && outcome.title().equals(manifest.title()));
  }

  private static boolean isWholeAndNotOnTrial(ActivationRecord record, Sha256 manifest) {
    return Arrays.asList(Slot.A, Slot.B).stream()
        .filter(slot -> !record.isOnTrial(slot))
        .map(record::content)
        .anyMatch((SlotContent content) -> content.isWhole(manifest));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
