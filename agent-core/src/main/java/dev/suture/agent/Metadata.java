package dev.suture.agent;

import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Compatibility.DataSchema;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.release.Withdrawal;
import dev.suture.store.Held;
import dev.suture.store.MetadataStore;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.Freshness;
import dev.suture.trust.TrustState;
import dev.suture.trust.TrustState.Marks;
import dev.suture.trust.TrustedView;
import dev.suture.trust.tuf.MetadataSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The signed metadata that this device believes, and what follows from it. */
final class Metadata {
  private static final Logger LOG = LoggerFactory.getLogger(Metadata.class);

  /** After so many looks that found nothing new, the whole workflow, new roots included. */
  private static final int SHORT_LOOKS_MAX = 15;

  /** Uptime without news is written down at most this often. */
  private static final long QUIET_SAVED_EVERY_MILLIS = 6 * 3_600_000;

  private final Mirror mirror;
  private final MetadataStore store;
  private final DeviceTrust trust;
  private final DeviceConfig config;
  private final DeviceSettings settings;
  private final Clock clock;
  private TrustState state = TrustState.EMPTY;
  private Optional<TrustedView> view = Optional.empty();
  private int shortLooks;
  private boolean isLookedAt;
  private long newsAtMillis;

  Metadata(
      Mirror mirror,
      MetadataStore store,
      DeviceTrust trust,
      DeviceConfig config,
      DeviceSettings settings,
      Clock clock) {
    this.mirror = mirror;
    this.store = store;
    this.trust = trust;
    this.config = config;
    this.settings = settings;
    this.clock = clock;
    this.newsAtMillis = clock.monotonicMillis();
  }

  /**
   * Reads what was believed before the start.
   *
   * @throws DeviceException {@code TRUST_STATE_DAMAGED}; what is left is believed, the damaged copy
   *     is kept aside
   */
  void load() throws SutureException {
    MetadataStore.Found found = store.load();
    List<String> damage = new ArrayList<>(found.damage());
    if (found.content().isPresent()) {
      try {
        state = TrustState.decode(found.content().get());
        view = believed(state);
      } catch (IllegalArgumentException e) {
        damage.add(String.valueOf(e.getMessage()));
      } catch (RejectedException e) {
        // Its roots do not lead on from ours: nothing that they stand for is believed.
        damage.add(e.explanation());
        state = TrustState.EMPTY.with(state.marks());
      }
    }
    if (!damage.isEmpty()) {
      throw new DeviceException(
          FailureCode.TRUST_STATE_DAMAGED, "trust state: " + String.join("; ", damage));
    }
  }

  private Optional<TrustedView> believed(TrustState known) throws SutureException {
    try {
      return Optional.of(trust.believed(known));
    } catch (RetryableException e) {
      LOG.debug("the metadata is not whole until the next look: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Looks for news at the mirror. Durable on return, whatever of it was believed also when it
   * failed.
   */
  void refresh() throws SutureException {
    if (view.isPresent()
        && shortLooks < SHORT_LOOKS_MAX
        && trust.isUnchanged(state, view.get(), mirror::metadata, clock.trustworthyNow())) {
      shortLooks++;
    } else {
      refreshWhole(mirror::metadata);
    }
    isLookedAt = true;
    noteQuiet();
  }

  /**
   * Takes over what a bundle says, by the same rules as what a mirror says. Durable on return.
   *
   * @throws RejectedException not {@code METADATA_ROLLED_BACK}: who knows newer metadata goes by
   *     that
   */
  void refreshFrom(BundleFile bundle) throws SutureException {
    try {
      refreshWhole((name, bytesMax) -> Mirror.metadata(bundle, name, bytesMax));
      isLookedAt = true;
    } catch (RejectedException e) {
      if (e.code() != FailureCode.METADATA_ROLLED_BACK || !view.isPresent()) {
        throw e;
      }
      LOG.info("the bundle's metadata is older than ours: {}", e.getMessage());
    }
  }

  /** What this device thinks of a bundle; nothing is taken over. */
  BundleFindings explain(
      BundleFile bundle, Function<Manifest, Optional<RejectedException>> refusal) {
    return BundleReport.of(
        bundle, trust, state, clock.trustworthyNow(), config.statementPaths(), refusal);
  }

  private void refreshWhole(MetadataSource source) throws SutureException {
    DeviceTrust.Refresh refresh =
        trust.refresh(state, source, clock.trustworthyNow(), config.statementPaths());
    boolean isNews = !refresh.state().equals(state);
    if (isNews) {
      store.save(refresh.state().encode());
      newsAtMillis = clock.monotonicMillis();
    }
    state = refresh.state();
    if (refresh.failure().isPresent()) {
      if (isNews) {
        view = believed(state);
      }
      throw refresh.failure().get();
    }
    view = refresh.view();
    shortLooks = refresh.isComplete() ? 0 : SHORT_LOOKS_MAX;
  }

  private void noteQuiet() throws SutureException {
    long quiet = clock.monotonicMillis() - newsAtMillis;
    if (quiet >= QUIET_SAVED_EVERY_MILLIS) {
      save(state.with(state.marks().quiet(quiet)));
      newsAtMillis += quiet;
    }
    if (view.isPresent()) {
      Freshness.requireMoving(
          view.get().timestamp(),
          state.marks().quietMillis() + clock.monotonicMillis() - newsAtMillis);
    }
  }

  private void save(TrustState next) throws SutureException {
    store.save(next.encode());
    state = next;
  }

  /** Version of the timestamp that is believed, 0 if there is none. */
  long version() {
    return view.map(known -> known.timestamp().signed().version()).orElse(0L);
  }

  /**
   * The level to go to, if any: the newest one that is published for this device, neither withdrawn
   * nor held, and permitted by floor and stage.
   *
   * @param above only levels above this one; any for a device that must leave its level
   * @param requested whether somebody asked for it here, so that stages do not count
   */
  Optional<Patch> candidate(Optional<Level> above, Predicate<Sha256> isHeld, boolean requested) {
    return levels().stream()
        .filter(entry -> !entry.withdrawal().isPresent())
        .filter(entry -> !above.isPresent() || entry.level().compareTo(above.get()) > 0)
        .filter(entry -> !isBelowFloor(entry.level()) && !isLeftFor(entry.level()))
        .filter(entry -> !isHeld.test(entry.manifest().sha256()))
        .filter(entry -> requested || isAdmitted(entry))
        .max(Comparator.comparing(LevelEntry::level))
        .map(entry -> new Patch(entry.baseline(), entry.level(), entry.manifest()));
  }

  private List<LevelEntry> levels() {
    return view.map(TrustedView::levels).orElse(Collections.emptyList());
  }

  /** Whether this level, or one above it, was withdrawn so that devices go back to base. */
  private boolean isLeftFor(Level level) {
    return levels().stream()
        .anyMatch(
            entry ->
                entry.level().compareTo(level) >= 0
                    && entry
                        .withdrawal()
                        .filter(how -> how.reach() == Withdrawal.Reach.REMOVE)
                        .filter(how -> how.instead() == Withdrawal.Instead.BASE)
                        .isPresent());
  }

  private boolean isAdmitted(LevelEntry entry) {
    Instant signedNow = state.marks().signedTime().orElse(Instant.EPOCH);
    return entry
        .rollout()
        .map(
            rollout ->
                rollout.admits(
                    settings.deviceId(), settings.ring(), entry.manifest().sha256(), signedNow))
        .orElse(true);
  }

  private boolean isBelowFloor(Level level) {
    return floor().filter(floor -> level.compareTo(floor.level()) < 0).isPresent();
  }

  private Optional<TrustState.Floor> floor() {
    return state.marks().floor().filter(floor -> floor.baseline().equals(config.baseline()));
  }

  /** Why this device may not go back to base for its user or for a withdrawal; usually nothing. */
  Optional<Failure> baseForbidden() {
    if (floor().filter(TrustState.Floor::coversBase).isPresent()) {
      return Optional.of(
          new Failure(
              FailureCode.BELOW_FLOOR,
              "base: expected level " + floor().get().level() + " or above, as was confirmed"));
    }
    return config.dataSchema().reads(dataSchema())
        ? Optional.empty()
        : Optional.of(
            new Failure(
                FailureCode.DATA_SCHEMA_UNREADABLE,
                "base: expected that it reads data of version "
                    + dataSchema()
                    + ", got "
                    + config.dataSchema()));
  }

  /** Why this device may not go back to this patch, which ran before; usually nothing. */
  Optional<Failure> forbidden(Manifest manifest) {
    if (isBelowFloor(manifest.level())) {
      return Optional.of(
          new Failure(
              FailureCode.BELOW_FLOOR,
              manifest.title()
                  + ": expected level "
                  + floor().map(one -> one.level().toString()).orElse("")
                  + " or above, as was confirmed"));
    }
    DataSchema reads = manifest.compatibility().dataSchema().orElse(config.dataSchema());
    return reads.reads(dataSchema())
        ? Optional.empty()
        : Optional.of(
            new Failure(
                FailureCode.DATA_SCHEMA_UNREADABLE,
                manifest.title()
                    + ": expected that it reads data of version "
                    + dataSchema()
                    + ", got "
                    + reads));
  }

  /** Version of the data that confirmed patches have left on this device. */
  private int dataSchema() {
    return state.marks().dataSchema();
  }

  /**
   * Raises floor and data schema to what a confirmed patch says. Durable on return; never lowers
   * one. Nothing is written when both are as high.
   */
  void confirmed(Manifest manifest) throws SutureException {
    Marks marks = state.marks();
    if (manifest.compatibility().floor().isPresent()) {
      marks =
          marks.raised(
              new TrustState.Floor(
                  manifest.baseline(),
                  manifest.compatibility().floor().get(),
                  manifest.compatibility().baseBelowFloor()));
    }
    if (manifest.compatibility().dataSchema().isPresent()) {
      int leaves = manifest.compatibility().dataSchema().get().max();
      marks = marks.withDataSchema(Math.max(marks.dataSchema(), leaves));
    }
    if (!marks.equals(state.marks())) {
      save(state.with(marks));
    }
  }

  /** Whether and how the level with this manifest was withdrawn, as far as is known. */
  Optional<Withdrawal> withdrawal(Sha256 manifest) {
    return view.flatMap(known -> known.level(manifest)).flatMap(LevelEntry::withdrawal);
  }

  /** Whether the level with this manifest was withdrawn, and devices that run it leave it. */
  boolean mustBeLeft(Sha256 manifest) {
    return withdrawal(manifest).filter(how -> how.reach() == Withdrawal.Reach.REMOVE).isPresent();
  }

  /** The entry of a patch, if it is listed still. */
  Optional<LevelEntry> entry(Patch patch) {
    return view.flatMap(known -> known.level(patch.manifest().sha256()));
  }

  /** Whether what is believed is whole; if not, the next look makes it so. */
  boolean isWhole() {
    return view.isPresent();
  }

  /** Sealed files that are to be kept until their key comes. */
  List<SpreadFile> sealed() {
    return view.map(TrustedView::sealed).orElse(Collections.emptyList());
  }

  /** Every level that is published for this device. */
  List<Held> published() {
    List<Held> published = new ArrayList<>();
    for (LevelEntry entry : levels()) {
      published.add(new Held(entry.manifest().sha256(), entry.title()));
    }
    return published;
  }

  /** Fetches the manifest of a patch and verifies it. */
  byte[] fetchManifest(Patch patch) throws SutureException {
    byte[] bytes = mirror.small(patch.manifest(), Manifest.BYTES_MAX);
    verify(bytes, patch);
    return bytes;
  }

  /**
   * The manifest that these bytes are, if they are the patch's, and this device may go to it.
   *
   * @throws RetryableException also {@code TRUST_STATE_DAMAGED}: nothing whole is known until the
   *     next look, or only what an older copy says, which is not the patch's fault
   * @throws RejectedException also {@code LEVEL_WITHDRAWN}, {@code BELOW_FLOOR}, {@code
   *     DATA_SCHEMA_UNREADABLE}
   */
  Manifest verify(byte[] bytes, Patch patch) throws SutureException {
    if (!view.isPresent() || !isLookedAt && !entry(patch).isPresent()) {
      throw new RetryableException(
          FailureCode.TRUST_STATE_DAMAGED,
          patch.title() + ": expected metadata that lists it, there is none before the next look");
    }
    LevelEntry entry =
        entry(patch)
            .filter(one -> !one.withdrawal().isPresent())
            .orElseThrow(
                () ->
                    new RejectedException(
                        FailureCode.LEVEL_WITHDRAWN,
                        patch.title()
                            + ": expected in the signed metadata and not withdrawn, it is not"));
    if (isBelowFloor(entry.level())) {
      throw new RejectedException(
          FailureCode.BELOW_FLOOR,
          patch.title()
              + ": expected level "
              + floor().get().level()
              + " or above, as was confirmed");
    }
    Manifest manifest = view.get().verify(bytes, entry);
    if (!manifest.compatibility().dataSchema().orElse(config.dataSchema()).reads(dataSchema())) {
      throw new RejectedException(
          FailureCode.DATA_SCHEMA_UNREADABLE,
          patch.title()
              + ": expected that it reads data of version "
              + dataSchema()
              + ", got "
              + manifest.compatibility().dataSchema().orElse(config.dataSchema()));
    }
    return manifest;
  }

  /** What proves a patch at every start, to be stored with its slot. */
  byte[] proof() {
    return state.metadata().encode();
  }
}
