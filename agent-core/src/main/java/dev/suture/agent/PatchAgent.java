package dev.suture.agent;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Conditions;
import dev.suture.attempt.Decision;
import dev.suture.attempt.Facts;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Planner;
import dev.suture.attempt.Probation;
import dev.suture.attempt.Step;
import dev.suture.background.GivingWay;
import dev.suture.protocol.Level;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.slot.ActivationRecord;
import dev.suture.store.JournalState;
import dev.suture.store.Outcome;
import java.util.Optional;
import java.util.stream.Stream;
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
  private static final long NOW = 0;

  /**
   * How often a step that failed because of the device is done again before the attempt is
   * abandoned.
   */
  private static final int DEVICE_FAILURES_MAX = 3;

  /** A report that did not get through is tried again this often. */
  private static final long REPORT_EVERY_MILLIS = 5_000;

  private final AgentParts parts;
  private final WhatRuns running;
  private final Mirror mirror;
  private final Memory memory;
  private final Metadata metadata;
  private final Lookout lookout;
  private final Wishes wishes = new Wishes();
  private final Steps steps;
  private final Reporter reporter;
  private final GivingWay givingWay;

  /** Why no switch without a restart of the device will be made, if that is so. */
  private final Optional<Failure> misconfigured;

  private boolean metadataLoaded;
  private Optional<Failure> damage = Optional.empty();
  private Optional<Failure> stepFailure = Optional.empty();
  private int stepsFailed;
  private int deviceFailures;
  private Optional<Decision> lastDecision = Optional.empty();
  private String lastLogged = "";

  /**
   * An agent for a device on which {@code running} was mounted.
   *
   * @param parts what it works with
   * @param running what {@link Startup} mounted
   */
  public PatchAgent(AgentParts parts, Startup.Running running) {
    this.parts = parts;
    this.running = new WhatRuns(running);
    this.mirror = new Mirror(parts.payloadSource());
    this.memory = new Memory(parts.journal(), parts.config().baseline());
    this.metadata =
        new Metadata(
            mirror,
            parts.metadataStore(),
            parts.trust(),
            parts.config(),
            parts.settings(),
            parts.clock());
    this.lookout = new Lookout(parts.notices(), metadata, parts.clock());
    this.givingWay = parts.givingWay();
    parts
        .device()
        .refusedOsSlot()
        .map(PatchAgent::refused)
        .ifPresent(failure -> LOG.error("{}: {}", failure.code(), failure.message()));
    this.steps =
        new Steps(parts, this.running, memory, metadata, mirror, lookout, wishes, givingWay);
    this.reporter = new Reporter(parts);
    this.misconfigured = misconfigured(parts);
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
      if (!isUrgent()) {
        lookout.lookIfDue();
      }
      wait = step();
    } catch (SutureException e) {
      LOG.error("{}", e.getMessage());
      stepFailure = Optional.of(Failure.of(e));
      wait = BackOff.millis(++stepsFailed);
    }
    if (wait == STOPPED) {
      report();
      return wait;
    }
    if (!stepFailure.isPresent()) {
      wait = Math.min(wait, steps.probation().waitMillis());
    }
    return report() ? wait : Math.min(wait, REPORT_EVERY_MILLIS);
  }

  /** Asks for a look at the metadata, as a notice does. */
  public void check() {
    lookout.ask();
  }

  /** Asks for the newest level, even when automatic installation is off or the level is held. */
  public void requestInstall() {
    wishes.wishInstall();
    lookout.ask();
  }

  /**
   * Asks for the newest level, of which a bundle is here: without network, by the same rules.
   *
   * @throws SutureException what is wrong with the bundle or its metadata; nothing was begun
   */
  public void requestInstall(BundleFile bundle) throws SutureException {
    load();
    metadata.refreshFrom(bundle);
    mirror.bundle(bundle);
    wishes.wishInstall();
  }

  /**
   * Says step by step what this device thinks of a bundle; changes nothing.
   *
   * @throws SutureException if journal or trust cannot be read
   */
  public BundleFindings explain(BundleFile bundle) throws SutureException {
    load();
    return metadata.explain(bundle, manifest -> PatchChecks.refusal(parts, manifest));
  }

  /**
   * Asks for the way back to base.
   *
   * @throws RejectedException {@code NOTHING_TO_DO} on base, {@code BUSY} while a trial is under
   *     way, {@code BELOW_FLOOR} or {@code DATA_SCHEMA_UNREADABLE} if there is no going back
   * @throws DeviceException if journal or record cannot be read
   */
  public void requestRemoval() throws SutureException {
    load();
    requireRemovable();
    wishes.wishRemoval();
  }

  private void requireRemovable() throws SutureException {
    Optional<Attempt> attempt = memory.state().attempt();
    if (attempt.isPresent() && attempt.get().phase().number() >= Phase.ARMING.number()) {
      throw new RejectedException(
          FailureCode.BUSY, "removal: expected no trial under way, got " + attempt.get().title());
    }
    ActivationRecord record = parts.bootControl().load();
    if (record.active() == Slot.BASE && running.slot() == Slot.BASE && !attempt.isPresent()) {
      throw new RejectedException(
          FailureCode.NOTHING_TO_DO, "removal: expected a patch, base runs");
    }
    Optional<Failure> forbidden = metadata.baseForbidden();
    if (forbidden.isPresent()) {
      throw new RejectedException(forbidden.get().code(), forbidden.get().message());
    }
  }

  /**
   * What an installation that is asked for now would restart; changes nothing. The manifest is
   * fetched if it is not here.
   *
   * @throws RejectedException {@code NOTHING_TO_DO} if no level is there to go to
   * @throws SutureException if metadata or manifest cannot be had, or processes cannot be looked at
   */
  public Rehearsal rehearseInstall() throws SutureException {
    load();
    Patch patch = goalOfInstall();
    return rehearsed(metadata.fetchManifest(patch), patch);
  }

  /**
   * What {@link #requestInstall(BundleFile)} would restart. Newer metadata in the bundle is taken
   * over, as by any look; nothing else changes.
   *
   * @throws SutureException as {@link #requestInstall(BundleFile)} and {@link #rehearseInstall()}
   */
  public Rehearsal rehearseInstall(BundleFile bundle) throws SutureException {
    load();
    metadata.refreshFrom(bundle);
    Patch patch = goalOfInstall();
    return rehearsed(
        bundle.has(patch.manifest().path())
            ? bundle.document(patch.manifest().path(), Manifest.BYTES_MAX)
            : metadata.fetchManifest(patch),
        patch);
  }

  private Patch goalOfInstall() throws RejectedException {
    return memory
        .state()
        .attempt()
        .flatMap(Attempt::goal)
        .map(Optional::of)
        .orElseGet(() -> metadata.candidate(levelToExceed(), held -> false, true))
        .orElseThrow(
            () ->
                new RejectedException(
                    FailureCode.NOTHING_TO_DO,
                    "rehearsal: expected a level above what runs, none is known"));
  }

  private Rehearsal rehearsed(byte[] manifest, Patch patch) throws SutureException {
    Manifest verified = metadata.verify(manifest, patch);
    PatchChecks.require(parts, verified);
    return rehearsed(Optional.of(verified));
  }

  /**
   * What a removal would restart; changes nothing.
   *
   * @throws RejectedException as {@link #requestRemoval}
   * @throws SutureException if processes cannot be looked at
   */
  public Rehearsal rehearseRemoval() throws SutureException {
    load();
    requireRemovable();
    return rehearsed(Optional.empty());
  }

  private Rehearsal rehearsed(Optional<Manifest> to) throws SutureException {
    return new Rehearsal(
        title(running.manifest()), title(to), steps.plan(to), running.activation());
  }

  private static String title(Optional<Manifest> manifest) {
    return manifest.map(Manifest::title).orElse("base");
  }

  /** What the device says about itself now. */
  public StatusDocument status() {
    return status(memory.state().lastOutcome());
  }

  private StatusDocument status(Optional<Outcome> outcome) {
    return reporter.document(
        running,
        memory.state(),
        outcome,
        stepFailure,
        lastFailure(),
        steps.notPassed(),
        steps.exposed(),
        steps.probation().left(),
        steps.apply(),
        waitsFor(),
        isConfirmed());
  }

  /** What has to change before anything more is done, if there is something to do. */
  private Optional<String> waitsFor() {
    return lastDecision
        .filter(decision -> decision.step() == Step.WAIT || decision.step() == Step.HOLD)
        .map(Decision::because);
  }

  /** The outcomes of earlier attempts, and what is remembered. */
  public JournalState history() {
    return memory.state();
  }

  /**
   * What is wrong besides the attempt under way: the step, the newest look, the start, what was
   * found damaged, what runs, or the OS slot that does not.
   */
  private Optional<Failure> lastFailure() {
    if (stepFailure.isPresent() && !memory.state().attempt().isPresent()) {
      return stepFailure;
    }
    if (lookout.failure().isPresent()) {
      return lookout.failure();
    }
    if (running.now().failure().isPresent()) {
      return running.now().failure();
    }
    Optional<Failure> found = damage.isPresent() ? damage : steps.unhealthy();
    if (!found.isPresent()) {
      found = parts.device().refusedOsSlot().map(PatchAgent::refused);
    }
    return found.isPresent() ? found : misconfigured;
  }

  private static Optional<Failure> misconfigured(AgentParts parts) {
    try {
      parts.services().inOrder();
      return Optional.empty();
    } catch (DeviceException e) {
      LOG.error("each patch will restart the device: {}", e.getMessage());
      return e.code() == FailureCode.CONFIG_INVALID
          ? Optional.of(Failure.of(e))
          : Optional.empty(); // Who does not answer now may do so when he is needed.
    }
  }

  private static Failure refused(char osSlot) {
    return new Failure(
        FailureCode.OS_SLOT_REFUSED,
        "OS slot "
            + osSlot
            + ": expected what the bootloader starts, got something damaged or not signed; the other"
            + " one runs, and is the last: write slot "
            + osSlot
            + " anew");
  }

  /**
   * A trial, a restart and a removal wait for no server; a trial that waits for somebody to restart
   * a service has the time to hear that it is withdrawn.
   */
  private boolean isUrgent() {
    return wishes.removal()
        || steps.exposed().isEmpty()
            && memory
                .state()
                .attempt()
                .map(attempt -> attempt.phase().number() >= Phase.ARMING.number())
                .orElse(false);
  }

  private void load() throws SutureException {
    Optional<Failure> journalDamage = memory.load();
    if (journalDamage.isPresent()) {
      damage = journalDamage;
    }
    if (metadataLoaded) {
      return;
    }
    try {
      metadata.load();
    } catch (DeviceException e) {
      if (e.code() != FailureCode.TRUST_STATE_DAMAGED) {
        throw e;
      }
      LOG.error("{}", e.getMessage());
      damage = Optional.of(Failure.of(e));
      memory.note("trust state", Phase.ABANDONED, Failure.of(e));
    }
    metadataLoaded = true;
  }

  private long step() throws SutureException {
    Facts facts = facts();
    Situation situation = new Situation(facts, conditions(facts));
    Decision decision =
        Planner.decide(memory.state().attempt(), situation.facts(), situation.conditions());
    if (decision.step() == Step.WATCH_PROBATION) {
      return steps.perform(decision, situation); // A glance: it says nothing about what goes on.
    }
    lastDecision = Optional.of(decision);
    log(decision);
    try {
      long wait = steps.perform(decision, situation);
      stepsFailed = 0;
      stepFailure = Optional.empty();
      if (decision.step() == Step.BEGIN || decision.step() == Step.BEGIN_REMOVAL) {
        deviceFailures = 0;
      }
      return wait;
    } catch (RetryableException e) {
      if (e.code() == FailureCode.WORK_HELD_UP) {
        LOG.info("{}: {}", decision.step(), e.getMessage());
        return NOW; // The next decision looks whether it still is.
      }
      stepFailure = Optional.of(Failure.of(e));
      LOG.warn("{}: {}", decision.step(), e.getMessage());
      return isCopyOfManifestLost(decision.step(), e)
          ? fetchManifestAgain(e)
          : BackOff.millis(++stepsFailed);
    } catch (RejectedException e) {
      LOG.error("{} refused: {}", memory.attempt().title(), e.getMessage());
      return fullInstead(e) ? NOW : end(e, Phase.REJECTED);
    } catch (DeviceException e) {
      return failedOnDevice(decision, e);
    }
  }

  private long failedOnDevice(Decision decision, DeviceException e) throws SutureException {
    stepFailure = Optional.of(Failure.of(e));
    if (!memory.state().attempt().isPresent()) {
      throw e;
    }
    LOG.error("{}: {}", decision.step(), e.getMessage());
    if (fullInstead(e)) {
      return NOW;
    }
    // What is armed is settled by trial and bootloader, not by giving up on it here.
    if (++deviceFailures < DEVICE_FAILURES_MAX
        || memory.attempt().phase().number() >= Phase.ARMED.number()) {
      return BackOff.millis(++stepsFailed);
    }
    return end(e, Phase.ABANDONED);
  }

  /** Behind NOTICED, it is not the mirror's manifest that has other bytes, but our copy of it. */
  private static boolean isCopyOfManifestLost(Step step, RetryableException e) {
    return e.code() == FailureCode.MANIFEST_DIGEST_MISMATCH && step != Step.VERIFY_MANIFEST;
  }

  /** A disk that loses copies is the device's failure: not for ever. */
  private long fetchManifestAgain(RetryableException e) throws SutureException {
    if (++deviceFailures >= DEVICE_FAILURES_MAX) {
      return end(e, Phase.ABANDONED);
    }
    memory.save(memory.attempt().in(Phase.NOTICED));
    return BackOff.millis(++stepsFailed);
  }

  /** Gives the delta up for the full image, once, if that may help. */
  private boolean fullInstead(SutureException e) throws SutureException {
    if (memory.attempt().fullPayload() || !Rebuilder.fullMayHelp(e)) {
      return false;
    }
    LOG.warn("the delta is given up, the full image is fetched instead");
    memory.save(memory.attempt().withFullPayload());
    return true;
  }

  private long end(SutureException e, Phase phase) throws SutureException {
    deviceFailures = 0;
    memory.save(memory.attempt().because(Failure.of(e)).in(phase));
    return NOW;
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

  private Conditions conditions(Facts facts) {
    boolean requested =
        wishes.install() || memory.state().attempt().map(Attempt::requested).orElse(false);
    Optional<String> mustLeave = mustLeave();
    return new Conditions(
        unnoted(facts),
        metadata.candidate(
            levelToExceed(), manifest -> !wishes.install() && isHeld(manifest, facts), requested),
        wishes.removal(),
        mustLeave,
        metadata.baseForbidden().map(Failure::message),
        steps.isSealedMissing(),
        parts.settings().policy().mayInstall(requested),
        parts.settings().policy().mayRestart(requested),
        facts.record().flatMap(steps.probation()::activeIsBad),
        steps.probation().isDue(),
        requested ? Optional.empty() : heldUp(mustLeave));
  }

  /** Only where the next step may have to give way the device is asked how it is. */
  private Optional<String> heldUp(Optional<String> mustLeave) {
    Optional<Attempt> attempt = memory.state().attempt();
    if (!attempt.isPresent()) {
      return mustLeave.flatMap(why -> givingWay.holdsRestart());
    }
    return switch (attempt.get().phase()) {
      // What replaces a patch that was withdrawn waits no longer than leaving it would.
      case VERIFIED, WRITING ->
          mustLeave.isPresent() ? givingWay.holdsRestart() : givingWay.holdsWork();
      case STAGED -> givingWay.holdsRestart();
      case NOTICED, FETCHED, ARMING, ARMED, ACTIVE, REVERTED, REJECTED, ABANDONED, REMOVED ->
          Optional.empty();
    };
  }

  /** The level that runs; none if it must be left, for whatever there is. */
  private Optional<Level> levelToExceed() {
    return mustLeave().isPresent() ? Optional.empty() : running.manifest().map(Manifest::level);
  }

  /** Why what runs must not run any more: the publisher says so. */
  private Optional<String> mustLeave() {
    return running
        .digest()
        .filter(metadata::mustBeLeft)
        .flatMap(digest -> running.manifest())
        .map(manifest -> manifest.title() + " was withdrawn");
  }

  /** A slot whose patch was given up without an attempt that could say so. */
  private Optional<Slot> unnoted(Facts facts) {
    if (!facts.record().isPresent()) {
      return Optional.empty();
    }
    Optional<Sha256> goal =
        memory.state().attempt().flatMap(Attempt::goal).map(patch -> patch.manifest().sha256());
    return Stream.of(Slot.A, Slot.B)
        .filter(
            slot ->
                facts
                    .record()
                    .get()
                    .content(slot)
                    .failed()
                    .filter(id -> !goal.equals(Optional.of(id)) && !isNoted(id))
                    .isPresent())
        .findFirst();
  }

  private boolean isNoted(Sha256 manifest) {
    return memory.state().holds(manifest)
        && !memory.state().probation(manifest).flatMap(Probation::failure).isPresent();
  }

  /**
   * A trial that was given up and a patch that was removed are known from the record, even when the
   * journal was lost.
   */
  private boolean isHeld(Sha256 manifest, Facts facts) {
    return memory.state().holds(manifest)
        || facts
            .record()
            .map(record -> record.gaveUp(manifest) || record.removed(manifest))
            .orElse(false);
  }

  /** Reports what is new. Returns whether the other side knows everything. */
  private boolean report() {
    // A status says how one attempt ended: each that nobody knows of has one of its own.
    for (Outcome outcome : memory.state().unreported()) {
      if (!reporter.report(status(Optional.of(outcome)), true)) {
        return false;
      }
    }
    boolean reported = reporter.report(status(), false);
    if (reported && memory.state().hasUnreported()) {
      try {
        memory.save(memory.state().acknowledged());
      } catch (SutureException e) {
        LOG.warn("outcomes will be reported again, this one cannot be noted: {}", e.getMessage());
      }
    }
    return reported;
  }

  private boolean isConfirmed() {
    try {
      ActivationRecord record = parts.bootControl().load();
      return !parts.device().isSwitching()
          && running.slot() != Slot.BASE
          && record.active() == running.slot()
          && running.manifest().isPresent();
    } catch (DeviceException e) {
      return false;
    }
  }

  private void log(Decision decision) {
    String line =
        memory
                .state()
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
