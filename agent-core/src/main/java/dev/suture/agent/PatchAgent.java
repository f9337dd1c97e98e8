package dev.suture.agent;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Conditions;
import dev.suture.attempt.Decision;
import dev.suture.attempt.Facts;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Planner;
import dev.suture.attempt.Step;
import dev.suture.health.HealthJudge;
import dev.suture.health.Verdict;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Level;
import dev.suture.protocol.Notice;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotFiles;
import dev.suture.store.JournalState;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent. {@link #runOnce()} loads what is remembered and what is so, asks the planner for one
 * step, does it, saves, and says how long to wait. Starting, retrying and recovering are that same
 * call. One thread owns it.
 */
public final class PatchAgent {
  /** The device is restarting; there is nothing more to do. */
  public static final long STOPPED = -1;

  private static final Logger LOG = LoggerFactory.getLogger(PatchAgent.class);

  private static final int TRIES = 3;
  private static final long NOW = 0;
  private static final long JUDGE_EVERY_MILLIS = 1_000;
  private static final long RETRY_FIRST_MILLIS = 2_000;
  private static final long RETRY_MAX_MILLIS = 15 * 60_000;
  private static final long POLL_MILLIS = 15 * 60_000;

  /** A report that did not get through is tried again this often. */
  private static final long REPORT_EVERY_MILLIS = 5_000;

  /**
   * How often a step that failed because of the device is done again before the attempt is
   * abandoned.
   */
  private static final int DEVICE_FAILURES_MAX = 3;

  /** Free space that a patch leaves to the rest of the device. */
  private static final long SPARE_BYTES = 8 << 20;

  private final AgentParts parts;
  private final Mirror mirror;
  private final Metadata metadata;
  private final Rebuilder rebuilder;
  private final Reporter reporter;
  private final Startup.Running running;

  private JournalState journal;
  private boolean loaded;
  private Optional<Failure> lastFailure;
  private Optional<Failure> stepFailure = Optional.empty();
  private Optional<HealthJudge> judge = Optional.empty();
  private Optional<Long> applyMillis = Optional.empty();
  private boolean removalRequested;
  private boolean installRequested;
  private long lookAtMillis;
  private int looksFailed;
  private int stepsFailed;
  private int deviceFailures;
  private String lastLogged = "";

  /**
   * An agent for a device on which {@code running} was mounted.
   *
   * @param parts what it works with
   * @param running what {@link Startup} mounted
   */
  public PatchAgent(AgentParts parts, Startup.Running running) {
    this.parts = parts;
    this.running = running;
    this.mirror = new Mirror(parts.payloadSource());
    this.metadata =
        new Metadata(
            mirror,
            parts.metadataStore(),
            parts.indexVerifier(),
            parts.manifestVerifier(),
            parts.config());
    this.rebuilder =
        new Rebuilder(parts.slotFiles(), parts.device(), parts.payloadCache(), parts.bases());
    this.reporter = new Reporter(parts);
    this.journal = JournalState.empty(parts.config().baseline());
    this.lastFailure = running.failure();
    this.lookAtMillis = parts.clock().monotonicMillis();
  }

  /**
   * One step. Whatever happens inside, the next call goes on from what is durable.
   *
   * @return how many milliseconds may pass until the next call, if nothing happens before; or
   *     {@link #STOPPED}
   */
  public long runOnce() {
    long wait;
    try {
      load();
      lookIfDue();
      wait = step();
    } catch (SutureException e) {
      LOG.error("{}", e.getMessage());
      lastFailure = Optional.of(Failure.of(e));
      wait = backOff(++stepsFailed);
    }
    return report() || wait == STOPPED ? wait : Math.min(wait, REPORT_EVERY_MILLIS);
  }

  /** Asks for a look at the metadata, as a notice does. */
  public void check() {
    lookAtMillis = parts.clock().monotonicMillis();
  }

  /** Asks for the newest level, even when automatic installation is off or the level is held. */
  public void requestInstall() {
    installRequested = true;
    check();
  }

  /**
   * Asks for the way back to base.
   *
   * @throws RejectedException {@code NOTHING_TO_DO} on base, {@code BUSY} while a trial is under
   *     way
   */
  public void requestRemoval() throws SutureException {
    load();
    if (journal.attempt().isPresent()
        && journal.attempt().get().phase().number() >= Phase.ARMING.number()) {
      throw new RejectedException(
          FailureCode.BUSY,
          "removal: expected no trial under way, got " + journal.attempt().get().title());
    }
    ActivationRecord record = parts.bootControl().load();
    if (record.active() == Slot.BASE
        && running.slot() == Slot.BASE
        && !journal.attempt().isPresent()) {
      throw new RejectedException(
          FailureCode.NOTHING_TO_DO, "removal: expected a patch, base runs");
    }
    removalRequested = true;
  }

  /** What the device says about itself now. */
  public StatusDocument status() {
    return reporter.document(
        running, journal, stepFailure, lastFailure, applyMillis, isConfirmed());
  }

  /** The outcomes of earlier attempts, and what is remembered. */
  public JournalState history() {
    return journal;
  }

  private void load() throws SutureException {
    if (loaded) {
      return;
    }
    try {
      journal = parts.journal().load(parts.config().baseline());
    } catch (DeviceException e) {
      if (e.code() != FailureCode.JOURNAL_DAMAGED) {
        throw e;
      }
      LOG.error("journal damaged, kept aside: {}", e.getMessage());
      parts.journal().keepAside();
      lastFailure = Optional.of(Failure.of(e));
      journal = JournalState.empty(parts.config().baseline());
    }
    if (!journal.baseline().equals(parts.config().baseline())) {
      LOG.info(
          "baseline {} replaces {}: every attempt is retired",
          parts.config().baseline(),
          journal.baseline());
      journal = JournalState.empty(parts.config().baseline());
    }
    try {
      metadata.load();
    } catch (DeviceException e) {
      if (e.code() != FailureCode.TRUST_STATE_DAMAGED) {
        throw e;
      }
      LOG.error("{}", e.getMessage());
      lastFailure = Optional.of(Failure.of(e));
    }
    loaded = true;
  }

  private void lookIfDue() {
    Optional<byte[]> notice = parts.notices().take();
    if (notice.isPresent() && isNews(notice.get())) {
      check();
    }
    if (parts.clock().monotonicMillis() < lookAtMillis) {
      return;
    }
    try {
      metadata.refresh();
      looksFailed = 0;
      lastFailure = running.failure();
      lookAtMillis = parts.clock().monotonicMillis() + POLL_MILLIS;
    } catch (SutureException e) {
      LOG.warn("look at the metadata: {}", e.getMessage());
      lastFailure = Optional.of(Failure.of(e));
      lookAtMillis = parts.clock().monotonicMillis() + backOff(++looksFailed);
    }
  }

  private boolean isNews(byte[] notice) {
    try {
      return Notice.decode(notice).sequence() > metadata.version();
    } catch (RejectedException e) {
      LOG.warn("{}", e.getMessage());
      return false;
    }
  }

  private long step() throws SutureException {
    Decision decision = Planner.decide(journal.attempt(), facts(), conditions());
    log(decision);
    try {
      long wait = perform(decision);
      stepsFailed = 0;
      if (decision.step() != Step.JUDGE) {
        stepFailure = Optional.empty();
      }
      return wait;
    } catch (RetryableException e) {
      stepFailure = Optional.of(Failure.of(e));
      LOG.warn("{}: {}", decision.step(), e.getMessage());
      return backOff(++stepsFailed);
    } catch (RejectedException e) {
      return refused(e);
    } catch (DeviceException e) {
      return failedOnDevice(decision, e);
    }
  }

  private long refused(RejectedException e) throws SutureException {
    Attempt attempt = attempt();
    LOG.error("{} refused: {}", attempt.title(), e.getMessage());
    if (!attempt.fullPayload() && Rebuilder.fullMayHelp(e)) {
      LOG.warn("the delta is given up, the full image is fetched instead");
      save(journal.with(attempt.withFullPayload()));
      return NOW;
    }
    save(journal.with(attempt.because(Failure.of(e)).in(Phase.REJECTED)));
    return NOW;
  }

  private long failedOnDevice(Decision decision, DeviceException e) throws SutureException {
    stepFailure = Optional.of(Failure.of(e));
    LOG.error("{}: {}", decision.step(), e.getMessage());
    if (!journal.attempt().isPresent()) {
      throw e;
    }
    Attempt attempt = attempt();
    if (!attempt.fullPayload() && Rebuilder.fullMayHelp(e)) {
      LOG.warn("the delta is given up, the full image is fetched instead");
      save(journal.with(attempt.withFullPayload()));
      return NOW;
    }
    if (++deviceFailures < DEVICE_FAILURES_MAX
        || attempt.phase().number() >= Phase.ARMED.number()) {
      return backOff(++stepsFailed);
    }
    deviceFailures = 0;
    save(journal.with(attempt.because(Failure.of(e)).in(Phase.ABANDONED)));
    return NOW;
  }

  private long perform(Decision decision) throws SutureException {
    return switch (decision.step()) {
      case IDLE, WAIT -> idle();
      case BEGIN -> begin();
      case BEGIN_REMOVAL -> beginRemoval();
      case SUPERSEDE -> supersede();
      case VERIFY_MANIFEST -> verifyManifest();
      case FETCH_PAYLOADS -> fetchPayloads();
      case MARK_UNUSABLE -> markUnusable();
      case REBUILD -> rebuild();
      case COUNT_ARM -> advance(attempt().arming());
      case ARM -> arm();
      case NOTE_ARMED -> advance(attempt().in(Phase.ARMED));
      case RESTART -> restart();
      case JUDGE -> judge();
      case GIVE_UP_TRIAL -> giveUpTrial(decision.because());
      case CONCLUDE_ACTIVE -> advance(attempt().in(Phase.ACTIVE));
      case CONCLUDE_REVERTED -> concludeReverted(decision.because());
      case CONCLUDE_REMOVED -> advance(attempt().in(Phase.REMOVED));
      case CLOSE -> close();
      case FAIL_SAFE -> failSafe(decision.because());
    };
  }

  private long idle() {
    installRequested = false;
    removalRequested = false;
    return Math.max(1, lookAtMillis - parts.clock().monotonicMillis());
  }

  private long begin() throws SutureException {
    Patch patch = candidate().orElseThrow(IllegalStateException::new);
    Attempt attempt =
        Attempt.install(
            journal.lastNumber() + 1, patch, parts.bootControl().load().free(), installRequested);
    save(journal.released(patch.manifest().sha256()).with(attempt));
    installRequested = false;
    applyMillis = Optional.empty();
    deviceFailures = 0;
    return NOW;
  }

  private long beginRemoval() throws SutureException {
    save(journal.with(Attempt.remove(journal.lastNumber() + 1)));
    removalRequested = false;
    return NOW;
  }

  private long supersede() throws SutureException {
    save(journal.superseded(attempt()));
    return NOW;
  }

  private long verifyManifest() throws SutureException {
    byte[] manifest = metadata.fetchManifest(goal());
    parts.stateFiles().makeDirectory(ManifestCopy.DIRECTORY);
    parts.manifestCopy().store(manifest);
    return advance(attempt().in(Phase.VERIFIED));
  }

  private long fetchPayloads() throws SutureException {
    Manifest manifest = manifest();
    boolean full = attempt().fullPayload();
    requireSpace(manifest, full);
    Set<FileRef> files = new HashSet<>();
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      files.add(payload.file());
    }
    parts.payloadCache().keepOnly(files);
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      mirror.fetch(payload.file(), parts.payloadCache());
    }
    return advance(attempt().in(Phase.FETCHED));
  }

  private void requireSpace(Manifest manifest, boolean full) throws SutureException {
    long needed = Rebuilder.slotBytes(manifest) + SPARE_BYTES;
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      needed += payload.file().bytes();
    }
    long usable =
        parts.slotFiles().usableBytes() + parts.slotFiles().imageBytes(attempt().target());
    if (usable < needed) {
      throw new RetryableException(
          FailureCode.DISK_FULL,
          "space for "
              + goal().title()
              + ": expected "
              + needed
              + " bytes, got "
              + usable
              + " (nothing was written)");
    }
  }

  private long markUnusable() throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    parts.bootControl().store(record.unusable(attempt().target(), goal().manifest().sha256()));
    return advance(attempt().in(Phase.WRITING));
  }

  private long rebuild() throws SutureException {
    long start = parts.clock().monotonicMillis();
    rebuilder.rebuild(
        attempt().target(),
        manifest(),
        new SlotFiles.Documents(metadata.envelope(), parts.manifestCopy().load()),
        attempt().fullPayload());
    applyMillis = Optional.of(parts.clock().monotonicMillis() - start);
    return advance(attempt().in(Phase.STAGED));
  }

  private long arm() throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    parts
        .bootControl()
        .store(
            attempt().isRemoval()
                ? record.base()
                : record.onTrial(attempt().target(), goal().manifest().sha256(), TRIES));
    return advance(attempt().in(Phase.ARMED));
  }

  private long restart() throws SutureException {
    if (journal.attempt().isPresent()) {
      save(journal.with(attempt().restarting()));
    }
    report();
    parts.device().restart(RestartScope.REBOOT);
    return STOPPED;
  }

  private long judge() throws SutureException {
    if (!running.manifest().isPresent()) {
      return unhealthy("the documents of the running slot cannot be verified any more");
    }
    Manifest manifest = running.manifest().get();
    long now = parts.clock().monotonicMillis();
    if (!judge.isPresent()) {
      judge = Optional.of(new HealthJudge(manifest.health(), parts.probe(), now));
    }
    Verdict verdict = judge.get().look(now);
    return switch (verdict.kind()) {
      case UNDECIDED -> {
        stepFailure = Optional.empty();
        yield JUDGE_EVERY_MILLIS;
      }
      case HEALTHY -> {
        LOG.info("{} is healthy: {}", manifest.title(), verdict.because());
        ActivationRecord record = parts.bootControl().load();
        parts.bootControl().store(record.confirmed(attempt().target()));
        judge = Optional.empty();
        yield advance(attempt().in(Phase.ACTIVE));
      }
      case FAILED -> unhealthy(verdict.because());
    };
  }

  private long unhealthy(String because) throws SutureException {
    LOG.error("{} is not healthy: {}", attempt().title(), because);
    save(journal.with(attempt().because(new Failure(FailureCode.HEALTH_FAILED, because))));
    parts.bootControl().store(parts.bootControl().load().failed(attempt().target()));
    judge = Optional.empty();
    return NOW;
  }

  private long giveUpTrial(String because) throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    Slot trial = record.trial().orElseThrow(IllegalStateException::new);
    if (journal.attempt().isPresent()) {
      save(journal.with(attempt().because(new Failure(FailureCode.TRIES_EXHAUSTED, because))));
    }
    parts.bootControl().store(record.failed(trial));
    return NOW;
  }

  private long concludeReverted(String because) throws SutureException {
    Failure reason =
        attempt()
            .failure()
            .orElse(running.failure().orElse(new Failure(FailureCode.TRIES_EXHAUSTED, because)));
    return advance(attempt().because(reason).in(Phase.REVERTED));
  }

  private long close() throws SutureException {
    Attempt ended = attempt();
    save(journal.closed(ended, metadata.published()));
    LOG.info("{} ended as {}", ended.title(), ended.phase());
    return NOW;
  }

  private long failSafe(String because) throws SutureException {
    Failure failure = new Failure(FailureCode.STATE_UNEXPECTED, because);
    if (!facts().record().isPresent()) {
      failure = new Failure(FailureCode.ACTIVATION_RECORD_DAMAGED, because);
      parts.metadataStore().keepRecordAside(parts.bootControl().raw());
      parts.bootControl().store(ActivationRecord.factory(parts.device().bootChoice().osSlot()));
    }
    LOG.error("fail-safe: {}", failure.message());
    lastFailure = Optional.of(failure);
    if (!journal.attempt().isPresent()) {
      return NOW;
    }
    return advance(attempt().because(failure).in(Phase.ABANDONED));
  }

  private long advance(Attempt next) throws SutureException {
    save(journal.with(next));
    return NOW;
  }

  private void save(JournalState next) throws SutureException {
    parts.journal().save(next);
    journal = next;
  }

  /** Reports what is new. Returns whether the other side knows everything. */
  private boolean report() {
    boolean reported = reporter.report(status(), journal.hasUnreported());
    if (reported && journal.hasUnreported()) {
      try {
        save(journal.acknowledged());
      } catch (SutureException e) {
        LOG.warn(
            "cannot note that outcomes are reported, they will be reported again: {}",
            e.getMessage());
      }
    }
    return reported;
  }

  private Facts facts() throws DeviceException {
    try {
      return new Facts(running.slot(), Optional.of(parts.bootControl().load()));
    } catch (DeviceException e) {
      if (e.code() != FailureCode.ACTIVATION_RECORD_DAMAGED) {
        throw e;
      }
      return new Facts(running.slot(), Optional.empty());
    }
  }

  private Conditions conditions() {
    boolean requested = installRequested || journal.attempt().map(Attempt::requested).orElse(false);
    return new Conditions(
        candidate(),
        removalRequested,
        parts.settings().policy().mayInstall(requested),
        parts.settings().policy().mayRestart(requested));
  }

  private Optional<Patch> candidate() {
    Optional<Level> ours = running.manifest().map(Manifest::level);
    return metadata.candidate(ours, manifest -> !installRequested && journal.holds(manifest));
  }

  private boolean isConfirmed() {
    try {
      ActivationRecord record = parts.bootControl().load();
      return running.slot() != Slot.BASE
          && record.active() == running.slot()
          && running.manifest().isPresent();
    } catch (DeviceException e) {
      return false;
    }
  }

  private Attempt attempt() {
    return journal.attempt().orElseThrow(IllegalStateException::new);
  }

  private Patch goal() {
    return attempt().goal().orElseThrow(IllegalStateException::new);
  }

  /** The manifest of the attempt, verified again from its stored bytes. */
  private Manifest manifest() throws SutureException {
    return metadata.verify(parts.manifestCopy().load(), goal());
  }

  private static long backOff(int failures) {
    return Math.min(RETRY_MAX_MILLIS, RETRY_FIRST_MILLIS << Math.min(failures - 1, 12));
  }

  private void log(Decision decision) {
    String line =
        journal
                .attempt()
                .map(one -> "attempt " + one.number() + " " + one.title() + " " + one.phase())
                .orElse("no attempt")
            + " -> "
            + decision.step()
            + ", because "
            + decision.because();
    if (!line.equals(lastLogged)) {
      LOG.info("{}", line);
      lastLogged = line;
    }
  }
}
