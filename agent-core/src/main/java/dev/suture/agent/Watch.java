package dev.suture.agent;

import dev.suture.attempt.Failure;
import dev.suture.attempt.Phase;
import dev.suture.background.Pacer;
import dev.suture.health.CheckResult;
import dev.suture.health.HealthJudge;
import dev.suture.health.Verdict;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.ActivationRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The eyes of the agent on what was started: it judges a trial, confirms it or ends it, and looks
 * after what was confirmed when it has started again. Each step returns how many milliseconds may
 * pass until the next one; what it reached is durable on return.
 */
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private static final long NOW = 0;
  private static final long JUDGE_EVERY_MILLIS = 1_000;

  /** It may go on for weeks. */
  private static final long EXPOSED_EVERY_MILLIS = 30_000;

  /** While it does, something is only believed that so many looks in a row say. */
  private static final int EXPOSED_LOOKS = 3;

  private final AgentParts parts;
  private final WhatRuns running;
  private final Memory memory;
  private final Metadata metadata;
  private final LiveSwitch liveSwitch;
  private final ProbationWatch probation;
  private Optional<HealthJudge> judge = Optional.empty();
  private Optional<Failure> unhealthySinceStart = Optional.empty();
  private List<CheckResult> notPassed = Collections.emptyList();
  private Set<String> exposed = Collections.emptySet();
  private int looksAgainst;

  Watch(
      AgentParts parts,
      WhatRuns running,
      Memory memory,
      Metadata metadata,
      LiveSwitch liveSwitch,
      ProbationWatch probation) {
    this.parts = parts;
    this.running = running;
    this.memory = memory;
    this.metadata = metadata;
    this.liveSwitch = liveSwitch;
    this.probation = probation;
  }

  /** What was seen so far was of something else. */
  void switched() {
    judge = Optional.empty();
    unhealthySinceStart = Optional.empty();
    notPassed = Collections.emptyList();
    exposed = Collections.emptySet();
    looksAgainst = 0;
    probation.switched();
  }

  /** One look at what is on probation. */
  long probation() throws SutureException {
    return probation.look(this::note);
  }

  /** Why what is active is not healthy on probation, or was not after its start, if it was not. */
  Optional<Failure> unhealthy() {
    return probation.failure().isPresent() ? probation.failure() : unhealthySinceStart;
  }

  /** What did not pass when the device's own checks were run last, for what runs. */
  List<CheckResult> notPassed() {
    return notPassed;
  }

  /** The services that keep the trial from being confirmed, because they are never restarted. */
  List<StatusDocument.Exposed> exposed() {
    return exposed.stream()
        .map(name -> new StatusDocument.Exposed(name, parts.device().decidedAt()))
        .collect(Collectors.toList());
  }

  /** Whether the trial goes on, is over, or is confirmed. */
  long judge() throws SutureException {
    if (metadata.withdrawal(memory.goal().manifest().sha256()).isPresent()) {
      return leaveTrial(
          new Failure(
              FailureCode.LEVEL_WITHDRAWN, memory.goal().title() + " was withdrawn on its trial"));
    }
    if (!running.manifest().isPresent()) {
      return unhealthy("the documents of the running slot cannot be verified any more");
    }
    Manifest manifest = running.manifest().get();
    Verdict verdict = look(manifest);
    return switch (verdict.kind()) {
      case UNDECIDED -> JUDGE_EVERY_MILLIS;
      case HEALTHY -> confirm(manifest, verdict.because());
      case FAILED -> isExposedYet() ? EXPOSED_EVERY_MILLIS : unhealthy(verdict.because());
    };
  }

  /**
   * What is healthy protects nobody while something still runs what was there before. Who is
   * exposed is asked for first: the proof behind it is about everybody else, or about all.
   */
  private long confirm(Manifest manifest, String because) throws SutureException {
    Set<String> nowExposed = liveSwitch.exposed();
    Optional<Failure> old = liveSwitch.oldCode(!nowExposed.isEmpty());
    if (!nowExposed.isEmpty()) {
      return heldUp(manifest, nowExposed, old);
    }
    if (old.isPresent()) {
      LOG.error("{} is healthy, but: {}", manifest.title(), old.get().message());
      if (isExposedYet()) {
        return EXPOSED_EVERY_MILLIS; // It may be about to end.
      }
      // The next start may be clean, and takes a try, so this ends.
      memory.save(memory.attempt().because(old.get()).restarting());
      parts.device().restart(RestartScope.REBOOT);
      return PatchAgent.STOPPED;
    }
    exposed = Collections.emptySet();
    LOG.info("{} is healthy: {}", manifest.title(), because);
    ActivationRecord record = parts.bootControl().load();
    parts.bootControl().store(record.confirmed(memory.attempt().target()));
    judge = Optional.empty();
    return concludeActive();
  }

  /** The device is not restarted for anything while what must not be restarted runs older code. */
  private long heldUp(Manifest manifest, Set<String> nowExposed, Optional<Failure> others) {
    others.ifPresent(failure -> LOG.warn("{}", failure.message()));
    if (!nowExposed.equals(exposed)) {
      LOG.warn(
          "{} is healthy, but these services run older code and are never restarted: {}",
          manifest.title(),
          nowExposed);
    }
    exposed = nowExposed;
    looksAgainst = 0;
    return EXPOSED_EVERY_MILLIS;
  }

  /** Whether a service was exposed, and what speaks against the trial may have to do with it. */
  private boolean isExposedYet() {
    return !exposed.isEmpty() && ++looksAgainst < EXPOSED_LOOKS;
  }

  private long unhealthy(String because) throws SutureException {
    return leaveTrial(new Failure(FailureCode.HEALTH_FAILED, because));
  }

  private long leaveTrial(Failure failure) throws SutureException {
    LOG.error("trial of {} ends: {}", memory.attempt().title(), failure.message());
    memory.save(memory.attempt().because(failure));
    parts.bootControl().store(parts.bootControl().load().failed(memory.attempt().target()));
    judge = Optional.empty();
    exposed = Collections.emptySet();
    return NOW;
  }

  /**
   * Any verdict will do: a machine that was stopped by what it started gives none. What is not
   * healthy, but was when it was confirmed, is reported; it is only left when its slot does not
   * hold any more what was written.
   */
  long start() throws SutureException {
    if (running.manifest().isPresent()) {
      Verdict verdict = look(running.manifest().get());
      unhealthySinceStart =
          verdict.kind() == Verdict.Kind.FAILED
              ? Optional.of(new Failure(FailureCode.HEALTH_FAILED, verdict.because()))
              : Optional.empty();
      if (verdict.kind() == Verdict.Kind.UNDECIDED || isTooEarly()) {
        return JUDGE_EVERY_MILLIS;
      }
      LOG.info("seen alive since its start: {}", verdict.because());
      judge = Optional.empty();
      if (unhealthySinceStart.isPresent()) {
        Optional<Failure> damage = damage(running.manifest().get());
        if (damage.isPresent()) {
          return leaveDamaged(running.manifest().get(), damage.get());
        }
      }
    }
    if (running.manifest().isPresent()) {
      metadata.confirmed(running.manifest().get());
    }
    parts.bootControl().store(parts.bootControl().load().alive());
    return NOW;
  }

  /** A check that fails at once says nothing about whether the device would live on. */
  private boolean isTooEarly() {
    long now = parts.clock().monotonicMillis();
    return judge.map(one -> !one.isSettlingTimeOver(now)).orElse(false);
  }

  /** A block that has gone bad since the images were read back is only met when it is used. */
  private Optional<Failure> damage(Manifest manifest) throws RetryableException {
    for (PatchComponent component : manifest.components()) {
      try {
        parts.device().readBack(running.slot(), component, Pacer.FREE);
      } catch (DeviceException e) {
        if (e.code() == FailureCode.READ_BACK_MISMATCH) {
          return Optional.of(Failure.of(e));
        }
        LOG.warn("{} is not read back: {}", component.name(), e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** Not the patch's fault: it is not held, so it is written once more. */
  private long leaveDamaged(Manifest manifest, Failure damage) throws SutureException {
    LOG.error("slot {} has become damaged: {}", running.slot().word(), damage.message());
    memory.note(manifest.title(), Phase.REVERTED, damage);
    parts.bootControl().store(parts.bootControl().load().activeDamaged());
    return NOW;
  }

  private Verdict look(Manifest manifest) {
    long now = parts.clock().monotonicMillis();
    if (!judge.isPresent()) {
      judge =
          Optional.of(
              new HealthJudge(manifest.health(), parts.probe(), () -> checked(manifest), now));
    }
    Verdict verdict = judge.get().look(now);
    note(judge.get().notPassed());
    return verdict;
  }

  /** The device's own checks, and that what was restarted for the patch is up. */
  private List<CheckResult> checked(Manifest manifest) {
    List<CheckResult> results = new ArrayList<>(liveSwitch.restartedAndNotUp());
    results.addAll(parts.checks().run(manifest.level(), manifest.health().commands()));
    return results;
  }

  /** What says the same in other words, as one that counts seconds, says nothing new. */
  private void note(List<CheckResult> newest) {
    if (kinds(newest).equals(kinds(notPassed))) {
      return;
    }
    notPassed = newest;
    newest.forEach(result -> LOG.warn("{}", result));
    if (newest.isEmpty()) {
      LOG.info("all checks of the device pass now");
    }
  }

  private static List<String> kinds(List<CheckResult> results) {
    return results.stream()
        .map(result -> result.name() + " " + result.kind())
        .collect(Collectors.toList());
  }

  /**
   * Floor and data schema rise now, and not before: a trial must be able to go back. What runs may
   * be base, because the slot could not be mounted in this boot: it is confirmed all the same.
   */
  long concludeActive() throws SutureException {
    parts.device().trialConfirmed();
    Optional<Manifest> confirmed = confirmedManifest();
    if (confirmed.isPresent()) {
      metadata.confirmed(confirmed.get());
    }
    memory.save(
        probation.begun(
            memory.state().with(memory.attempt().confirmed()), memory.goal().manifest().sha256()));
    return NOW;
  }

  /** The manifest of the attempt that was confirmed; nothing if no copy is whole any more. */
  private Optional<Manifest> confirmedManifest() throws SutureException {
    Sha256 expected = memory.goal().manifest().sha256();
    if (running.manifest().filter(manifest -> manifest.digest().equals(expected)).isPresent()) {
      return running.manifest();
    }
    try {
      byte[] copy = parts.manifestCopy().load();
      if (Sha256.of(copy).equals(expected)) {
        return Optional.of(ManifestCodec.decode(copy));
      }
      LOG.error("manifest copy: expected {}, got {}", expected, Sha256.of(copy));
    } catch (RetryableException e) {
      LOG.error("{}", e.getMessage());
    }
    return Optional.empty(); // The start that mounts it raises them.
  }
}
