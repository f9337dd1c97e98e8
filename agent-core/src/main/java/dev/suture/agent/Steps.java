package dev.suture.agent;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Decision;
import dev.suture.attempt.Failure;
import dev.suture.attempt.Patch;
import dev.suture.attempt.Phase;
import dev.suture.attempt.Probation;
import dev.suture.background.GivingWay;
import dev.suture.background.Pacer;
import dev.suture.health.CheckResult;
import dev.suture.live.RestartPlan;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotDevice;
import dev.suture.slot.SlotFiles;
import dev.suture.store.Held;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hands of the agent: one method for each {@link dev.suture.attempt.Step}, idempotent, what it
 * reached saved at its end. Each returns how many milliseconds may pass until the next step.
 */
final class Steps {
  private static final Logger LOG = LoggerFactory.getLogger(Steps.class);

  private static final int TRIES = 3;
  private static final long NOW = 0;

  /** How long what is held up waits for the next look whether it still is. */
  private static final long HELD_UP_MILLIS = 5_000;

  /** Free space that a patch leaves to the rest of the device. */
  private static final long SPARE_BYTES = 8 << 20;

  private final AgentParts parts;
  private final WhatRuns running;
  private final LiveSwitch liveSwitch;
  private final Memory memory;
  private final Metadata metadata;
  private final Mirror mirror;
  private final Lookout lookout;
  private final Wishes wishes;
  private final Rebuilder rebuilder;
  private final SealedPatches sealedPatches;
  private final Watch watch;
  private final ProbationWatch probation;
  private final GivingWay givingWay;
  private Optional<StatusDocument.Apply> apply = Optional.empty();

  Steps(
      AgentParts parts,
      WhatRuns running,
      Memory memory,
      Metadata metadata,
      Mirror mirror,
      Lookout lookout,
      Wishes wishes,
      GivingWay givingWay) {
    this.parts = parts;
    this.givingWay = givingWay;
    this.running = running;
    this.memory = memory;
    this.metadata = metadata;
    this.mirror = mirror;
    this.lookout = lookout;
    this.wishes = wishes;
    this.sealedPatches =
        new SealedPatches(parts.stateFiles(), parts.sealedCache(), metadata, mirror);
    this.liveSwitch = new LiveSwitch(parts, running);
    this.probation = new ProbationWatch(parts, running, memory, metadata);
    this.watch = new Watch(parts, running, memory, metadata, liveSwitch, probation);
    this.rebuilder =
        new Rebuilder(parts.slotFiles(), parts.device(), parts.payloadCache(), parts.bases());
  }

  /** How long the newest rebuild of this run took, read-back included. */
  Optional<StatusDocument.Apply> apply() {
    return apply;
  }

  /** What would restart if this ran instead of what does; nothing is done. */
  RestartPlan plan(Optional<Manifest> to) throws DeviceException {
    return liveSwitch.plan(to, to.isPresent()); // What is installed is tried first.
  }

  /** Services that are never restarted and keep the trial from being confirmed. */
  List<StatusDocument.Exposed> exposed() {
    return watch.exposed();
  }

  /** The watch over what was confirmed. */
  ProbationWatch probation() {
    return probation;
  }

  /** Why what is active is not healthy on probation, or was not after its start, if it was not. */
  Optional<Failure> unhealthy() {
    return watch.unhealthy();
  }

  /** What did not pass when the device's own checks were run last, for what runs. */
  List<CheckResult> notPassed() {
    return watch.notPassed();
  }

  /** Whether a sealed file is to be fetched. */
  boolean isSealedMissing() {
    return sealedPatches.isMissing();
  }

  /** Does the step; what the planner has seen is still so. */
  long perform(Decision decision, Situation situation) throws SutureException {
    return switch (decision.step()) {
      case IDLE, WAIT -> idle();
      case HOLD -> HELD_UP_MILLIS;
      case BEGIN -> begin(situation);
      case BEGIN_REMOVAL -> beginRemoval();
      case FETCH_SEALED -> fetchSealed();
      case SUPERSEDE -> supersede();
      case VERIFY_MANIFEST -> verifyManifest();
      case FETCH_PAYLOADS -> fetchPayloads();
      case MARK_UNUSABLE -> markUnusable();
      case REBUILD -> rebuild(situation);
      case COUNT_ARM -> countArm();
      case ARM -> arm();
      case NOTE_ARMED -> advance(memory.attempt().in(Phase.ARMED));
      case RESTART -> restart();
      case JUDGE -> watch.judge();
      case WATCH_START -> watch.start();
      case WATCH_PROBATION -> watch.probation();
      case GIVE_UP_ACTIVE -> probation.giveUp(decision.because());
      case NOTE_GIVEN_UP -> noteGivenUp(decision.because(), situation);
      case GIVE_UP_TRIAL -> giveUpTrial(decision.because());
      case CONCLUDE_ACTIVE -> watch.concludeActive();
      case CONCLUDE_REVERTED -> concludeReverted(decision.because());
      case CONCLUDE_REMOVED -> advance(memory.attempt().in(Phase.REMOVED));
      case CLOSE -> close();
      case FAIL_SAFE -> failSafe(decision.because(), situation);
    };
  }

  private long idle() throws SutureException {
    wishes.clear();
    mirror.withoutBundle();
    sealedPatches.keepListed();
    return lookout.waitMillis();
  }

  private long begin(Situation situation) throws SutureException {
    Patch patch = situation.conditions().candidate().orElseThrow(IllegalStateException::new);
    Attempt attempt =
        Attempt.install(
            memory.state().lastNumber() + 1,
            patch,
            parts.bootControl().load().free(),
            wishes.install());
    memory.save(memory.state().released(patch.manifest().sha256()).with(attempt));
    wishes.clear();
    givingWay.forget();
    apply = Optional.empty();
    return NOW;
  }

  private long beginRemoval() throws SutureException {
    boolean requested = wishes.removal();
    // Now, because afterwards it may not be known any more what runs and what is published. What is
    // left because it was withdrawn leaves other levels alone.
    List<Held> held = new ArrayList<>();
    if (requested) {
      held.addAll(metadata.published());
    }
    running
        .manifest()
        .ifPresent(manifest -> held.add(new Held(manifest.digest(), manifest.title())));
    memory.save(
        memory
            .state()
            .holding(held)
            .with(Attempt.remove(memory.state().lastNumber() + 1, requested)));
    wishes.clear();
    return NOW;
  }

  private long supersede() throws SutureException {
    List<Held> published = wishes.removal() ? metadata.published() : Collections.emptyList();
    memory.save(memory.state().superseded(memory.attempt(), published));
    return NOW;
  }

  private long fetchSealed() throws SutureException {
    sealedPatches.fetchMissing();
    return NOW;
  }

  private long verifyManifest() throws SutureException {
    sealedPatches.open(memory.goal());
    byte[] manifest = metadata.fetchManifest(memory.goal());
    // What this device could not judge is not downloaded, and not tried.
    PatchChecks.require(parts, metadata.verify(manifest, memory.goal()));
    parts.stateFiles().makeDirectory(ManifestCopy.DIRECTORY);
    parts.manifestCopy().store(manifest);
    return advance(memory.attempt().in(Phase.VERIFIED));
  }

  private long fetchPayloads() throws SutureException {
    Manifest manifest = manifest();
    boolean full = memory.attempt().fullPayload();
    Set<FileRef> files = new HashSet<>();
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      files.add(payload.file());
    }
    parts.payloadCache().keepOnly(files);
    requireSpace(manifest, full);
    fetch(manifest, full);
    return advance(memory.attempt().in(Phase.FETCHED));
  }

  /** Makes sure that every payload is in the cache; what is there already is not fetched. */
  private void fetch(Manifest manifest, boolean full) throws SutureException {
    if (isAnyMissing(manifest, full)) {
      sealedPatches.open(memory.goal());
    }
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      mirror.fetch(payload.file(), parts.payloadCache());
    }
  }

  private boolean isAnyMissing(Manifest manifest, boolean full) throws SutureException {
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      if (!parts.payloadCache().has(payload.file())) {
        return true;
      }
    }
    return false;
  }

  private void requireSpace(Manifest manifest, boolean full) throws SutureException {
    long needed = Rebuilder.slotBytes(manifest) + SPARE_BYTES;
    for (Payload payload : Rebuilder.payloads(manifest, full)) {
      needed += payload.file().bytes();
    }
    long usable =
        parts.slotFiles().usableBytes() + parts.slotFiles().imageBytes(memory.attempt().target());
    FreeSpace.require(memory.goal().title(), needed, usable);
  }

  private long markUnusable() throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    parts
        .bootControl()
        .store(record.unusable(memory.attempt().target(), memory.goal().manifest().sha256()));
    probation.noteServices();
    return advance(memory.attempt().in(Phase.WRITING));
  }

  private long rebuild(Situation situation) throws SutureException {
    Manifest manifest = manifest();
    boolean full = memory.attempt().fullPayload();
    fetch(manifest, full); // One that was damaged since was thrown away.
    SlotFiles.Documents documents =
        new SlotFiles.Documents(metadata.proof(), parts.manifestCopy().load());
    boolean urgent =
        wishes.install()
            || memory.attempt().requested()
            || situation.conditions().mustLeave().isPresent();
    Pacer pacer = urgent ? givingWay.rateOnly() : givingWay.pacer();
    long start = parts.clock().monotonicMillis();
    Rebuilder.Written written =
        parts
            .background()
            .run(
                () ->
                    rebuilder.rebuild(memory.attempt().target(), manifest, documents, full, pacer));
    apply =
        Optional.of(
            new StatusDocument.Apply(
                parts.clock().monotonicMillis() - start,
                written.writtenBytes(),
                written.keptBytes()));
    return advance(memory.attempt().in(Phase.STAGED));
  }

  /** The last moment at which a withdrawal costs nothing. */
  private long countArm() throws SutureException {
    manifest();
    memory.save(
        probation.noted(
            memory.state().with(memory.attempt().arming()), memory.goal().manifest().sha256()));
    return NOW;
  }

  private long arm() throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    parts
        .bootControl()
        .store(
            memory.attempt().isRemoval()
                ? record.base()
                : record.onTrial(
                    memory.attempt().target(), memory.goal().manifest().sha256(), TRIES));
    return advance(memory.attempt().in(Phase.ARMED));
  }

  private long restart() throws SutureException {
    if (memory.state().attempt().isPresent()) {
      memory.save(memory.attempt().restarting());
    }
    if (liveSwitch.happened()) {
      watch.switched();
      return NOW;
    }
    parts.device().restart(RestartScope.REBOOT);
    return PatchAgent.STOPPED;
  }

  private long noteGivenUp(String because, Situation situation) throws SutureException {
    Slot slot = situation.conditions().unnoted().orElseThrow(IllegalStateException::new);
    Sha256 id =
        parts.bootControl().load().content(slot).failed().orElseThrow(IllegalStateException::new);
    Held patch =
        metadata.published().stream()
            .filter(held -> held.manifest().equals(id))
            .findFirst()
            .orElse(new Held(id, "slot " + slot.word()));
    Optional<Failure> onProbation = memory.state().probation(id).flatMap(Probation::failure);
    Failure reason = onProbation.isPresent() ? onProbation.get() : whyGivenUp(because);
    LOG.error("{} was given up: {}", patch.title(), reason.message());
    memory.noteGivenUp(patch, reason);
    return NOW;
  }

  private Failure whyGivenUp(String because) {
    return running
        .now()
        .failure()
        .filter(failure -> failure.code() == FailureCode.STARTS_EXHAUSTED)
        .orElse(new Failure(FailureCode.STATE_UNEXPECTED, because));
  }

  private long giveUpTrial(String because) throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    Slot trial = record.trial().orElseThrow(IllegalStateException::new);
    if (memory.state().attempt().isPresent()) {
      memory.save(memory.attempt().because(new Failure(FailureCode.TRIES_EXHAUSTED, because)));
    }
    parts.bootControl().store(record.failed(trial));
    return NOW;
  }

  private long concludeReverted(String because) throws SutureException {
    Failure reason =
        memory
            .attempt()
            .failure()
            .orElse(
                whyTrialIsNotMounted().orElse(new Failure(FailureCode.TRIES_EXHAUSTED, because)));
    return advance(memory.attempt().because(reason).in(Phase.REVERTED));
  }

  /** What this start could not mount may be the old slot: that says nothing about the trial. */
  private Optional<Failure> whyTrialIsNotMounted() {
    SlotDevice.BootChoice choice = parts.device().bootChoice();
    return choice.trial() && choice.run() == memory.attempt().target()
        ? running.now().failure()
        : Optional.empty();
  }

  private long close() throws SutureException {
    Attempt ended = memory.attempt();
    memory.save(memory.state().closed(ended, metadata.published()));
    LOG.info("{} ended as {}", ended.title(), ended.phase());
    return NOW;
  }

  private long failSafe(String because, Situation situation) throws SutureException {
    Failure failure = new Failure(FailureCode.STATE_UNEXPECTED, because);
    if (!situation.facts().record().isPresent()) {
      failure = new Failure(FailureCode.ACTIVATION_RECORD_DAMAGED, because);
      parts.metadataStore().keepRecordAside(parts.bootControl().raw());
      parts.bootControl().store(ActivationRecord.factory(parts.device().bootChoice().osSlot()));
    }
    LOG.error("fail-safe: {}", failure.message());
    if (!memory.state().attempt().isPresent()) {
      memory.note("fail-safe", Phase.ABANDONED, failure);
      return NOW;
    }
    return advance(memory.attempt().because(failure).in(Phase.ABANDONED));
  }

  private long advance(Attempt next) throws SutureException {
    memory.save(next);
    return NOW;
  }

  /** The manifest of the attempt, verified again from its stored bytes. */
  private Manifest manifest() throws SutureException {
    return metadata.verify(parts.manifestCopy().load(), memory.goal());
  }
}
