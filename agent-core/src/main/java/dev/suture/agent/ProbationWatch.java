package dev.suture.agent;

import dev.suture.attempt.Failure;
import dev.suture.attempt.Probation;
import dev.suture.attempt.ProbationTerms;
import dev.suture.attempt.ServiceWatch;
import dev.suture.health.CheckResult;
import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Service;
import dev.suture.live.Services.Tally;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.slot.ActivationRecord;
import dev.suture.store.JournalState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a level for some time after it was confirmed: how often its services end by themselves,
 * and whether checks fail. What is counted, and how much of the time is over, is in the journal.
 */
final class ProbationWatch {
  /** How often it looks. */
  static final long LOOK_EVERY_MILLIS = 30_000;

  /** Something fails on end only if so many looks in a row say so. */
  static final int FAILING_LOOKS_MIN = 3;

  private static final Logger LOG = LoggerFactory.getLogger(ProbationWatch.class);
  private static final long NOW = 0;
  private static final long MILLIS_PER_MINUTE = 60_000;

  private final AgentParts parts;
  private final WhatRuns running;
  private final Memory memory;
  private final Metadata metadata;
  private final ProbationTerms terms;

  /** How services were when the slot was about to be written. */
  private Map<Service, Tally> earlier = Collections.emptyMap();

  /** Whose time is paid for by this run of the agent, and until when. */
  private Optional<Sha256> paidFor = Optional.empty();

  private long paidUntilMillis;
  private long nextLookMillis;
  private boolean areUsersKnown;
  private boolean isDeaf;

  /** Whether something else ran since the newest look: what was counted meanwhile is not ours. */
  private boolean takesStock;

  /** What has failed on end, since when, and how many looks said so. */
  private Optional<Failure> failing = Optional.empty();

  private long failingSinceMillis;
  private int failingLooks;

  /** Why what is bad is not left. */
  private Optional<Failure> stays = Optional.empty();

  ProbationWatch(AgentParts parts, WhatRuns running, Memory memory, Metadata metadata) {
    this.parts = parts;
    this.running = running;
    this.memory = memory;
    this.metadata = metadata;
    this.terms = parts.config().probation();
    this.nextLookMillis = parts.clock().monotonicMillis();
  }

  /** What was seen so far was of something else. */
  void switched() {
    areUsersKnown = false;
    takesStock = true;
    failing = Optional.empty();
    failingLooks = 0;
    stays = Optional.empty();
    nextLookMillis = parts.clock().monotonicMillis();
  }

  /** How services are, while the slot is about to be written: what ends until the switch counts. */
  void noteServices() {
    if (!terms.isOn()) {
      return;
    }
    try {
      earlier = parts.services().tallies();
    } catch (DeviceException e) {
      earlier = Collections.emptyMap();
      LOG.warn("how services are is not known: {}", e.getMessage());
    }
  }

  /**
   * The journal's next state, with how services are before a level runs. Who is not up, ended by
   * itself since the slot was about to be written, or as often as a level may not, is excused: it
   * is no witness against the level. If nothing can be told, nobody is one.
   */
  JournalState noted(JournalState next, Sha256 manifest) {
    if (!terms.isOn()) {
      return next;
    }
    List<ServiceWatch> services = new ArrayList<>();
    try {
      parts
          .services()
          .tallies()
          .forEach(
              (service, tally) ->
                  services.add(
                      ServiceWatch.of(
                          service.name(),
                          isInTrouble(tally, Optional.ofNullable(earlier.get(service))))));
    } catch (DeviceException e) {
      LOG.warn("how services are is not known, none will be counted: {}", e.getMessage());
    }
    services.stream()
        .filter(ServiceWatch::isExcused)
        .forEach(one -> LOG.info("service {} is in trouble already: it is excused", one.name()));
    return next.with(Probation.before(manifest, services));
  }

  private boolean isInTrouble(Tally now, Optional<Tally> before) {
    return !now.kind().isWell()
        || now.deaths() >= terms.deaths()
        || now.crashes() >= terms.crashes()
        || before
            .filter(one -> one.epoch().equals(now.epoch()) && one.deaths() < now.deaths())
            .isPresent();
  }

  /** The journal's next state, with the watch over a level that is confirmed now. */
  JournalState begun(JournalState next, Sha256 manifest) {
    if (!terms.isOn()) {
      return next;
    }
    switched();
    long now = parts.clock().monotonicMillis();
    Probation begun =
        next.probation(manifest)
            .orElse(Probation.before(manifest, Collections.emptyList()))
            .begun(terms);
    paidFor = Optional.of(manifest);
    paidUntilMillis = now + begun.paidMillis();
    return next.with(begun);
  }

  /** The watch over what runs, while it goes on. */
  private Optional<Probation> current() {
    return terms.isOn()
        ? running
            .digest()
            .flatMap(memory.state()::probation)
            .filter(one -> one.hasBegun() && !one.failure().isPresent())
        : Optional.empty();
  }

  /** Whether a look at what runs is due. */
  boolean isDue() {
    return parts.clock().monotonicMillis() >= nextLookMillis && current().isPresent();
  }

  /**
   * In how many milliseconds the next look is due, at least one; never, if it is due already and
   * something else comes first.
   */
  long waitMillis() {
    long wait = nextLookMillis - parts.clock().monotonicMillis();
    return wait > 0 && current().isPresent() ? wait : Long.MAX_VALUE;
  }

  /** How much longer what runs is watched, if it is. */
  Optional<StatusDocument.Probation> left() {
    return current()
        .map(
            one -> {
              long inStep =
                  isPaidFor(one)
                      ? Math.max(0, paidUntilMillis - parts.clock().monotonicMillis())
                      : 0;
              long left = Math.max(0, terms.millis() - one.paidMillis()) + inStep;
              return new StatusDocument.Probation(
                  (int) ((left + MILLIS_PER_MINUTE - 1) / MILLIS_PER_MINUTE));
            });
  }

  /** What fails now, or why what is bad stays. */
  Optional<Failure> failure() {
    if (!current().isPresent()) {
      return Optional.empty();
    }
    return stays.isPresent() ? stays : failing;
  }

  /** Why the level that the record calls active is to be given up, if it is. */
  Optional<String> activeIsBad(ActivationRecord record) {
    return terms.isOn()
        ? record
            .content(record.active())
            .manifest()
            .flatMap(memory.state()::probation)
            .flatMap(Probation::failure)
            .map(Failure::message)
        : Optional.empty();
  }

  /**
   * Looks once. Durable on return: what was counted, how much of the time is paid for, and if the
   * level is bad, why; an attempt that is under way is dropped then, because the slots change their
   * parts.
   *
   * @param checked is told what came of the device's checks
   */
  long look(Consumer<List<CheckResult>> checked) throws SutureException {
    try {
      return look(parts.clock().monotonicMillis(), checked);
    } finally {
      // From the end on: a look that takes long must leave time for something else.
      nextLookMillis = parts.clock().monotonicMillis() + LOOK_EVERY_MILLIS;
    }
  }

  private long look(long now, Consumer<List<CheckResult>> checked) throws SutureException {
    Probation before = current().orElseThrow(IllegalStateException::new);
    Manifest manifest = running.manifest().orElseThrow(IllegalStateException::new);
    Set<String> givenUp = new HashSet<>();
    Probation next = counted(before, manifest, givenUp);
    Optional<Failure> bad = next.verdict(terms);
    if (!bad.isPresent()) {
      bad = failingOnEnd(complaint(manifest, givenUp, checked), now);
    }
    if (bad.isPresent() && mayLeave(bad.get())) {
      LOG.error("{} is bad: {}", manifest.title(), bad.get().message());
      JournalState state = memory.state();
      if (state.attempt().isPresent()) {
        state = state.superseded(state.attempt().get(), Collections.emptyList());
      }
      memory.save(state.with(next.because(bad.get())));
      return NOW;
    }
    Optional<Probation> paid = paid(next, now);
    if (!paid.isPresent() && failure().isPresent()) {
      paid = Optional.of(next); // Nothing that fails has passed: watched until that is decided.
    }
    if (!paid.isPresent()) {
      LOG.info("{} has passed its probation of {} min", manifest.title(), terms.minutes());
      memory.save(memory.state().withoutProbation(next.manifest()));
    } else if (!paid.get().equals(before)) {
      memory.save(memory.state().with(paid.get()));
    }
    return NOW;
  }

  /** Gives up what is active in the record. Durable on return. */
  long giveUp(String because) throws DeviceException {
    ActivationRecord record = parts.bootControl().load();
    LOG.error("slot {} is given up: {}", record.active().word(), because);
    parts.bootControl().store(without(record));
    return NOW;
  }

  /** The record without its active slot: a level that was withdrawn is not gone back to. */
  private ActivationRecord without(ActivationRecord record) {
    ActivationRecord failed = record.activeFailed();
    boolean isWithdrawn =
        failed.content(failed.active()).manifest().filter(metadata::mustBeLeft).isPresent();
    return isWithdrawn ? record.activeFailedToBase() : failed;
  }

  /** Nothing if the time is over. A run of the agent pays for its first step at once. */
  private Optional<Probation> paid(Probation probation, long now) {
    if (!isPaidFor(probation)) {
      paidFor = Optional.of(probation.manifest());
      paidUntilMillis = now;
    }
    Probation paid = probation;
    while (now >= paidUntilMillis) {
      if (paid.isPaid(terms)) {
        return Optional.empty();
      }
      Probation more = paid.paid(terms);
      paidUntilMillis += more.paidMillis() - paid.paidMillis();
      paid = more;
    }
    return Optional.of(paid);
  }

  private boolean isPaidFor(Probation probation) {
    return paidFor.equals(Optional.of(probation.manifest()));
  }

  private Probation counted(Probation probation, Manifest manifest, Set<String> givenUp) {
    Map<String, Tally> now;
    try {
      now =
          parts.services().tallies().entrySet().stream()
              .collect(Collectors.toMap(one -> one.getKey().name(), Map.Entry::getValue));
      isDeaf = false;
    } catch (DeviceException e) {
      if (!isDeaf) {
        LOG.warn("services are not counted: {}", e.getMessage());
      }
      isDeaf = true;
      return probation;
    }
    List<ServiceWatch> services = new ArrayList<>();
    boolean isNewCrash = false;
    for (ServiceWatch service : probation.services()) {
      Tally tally = now.get(service.name());
      if (tally == null) {
        services.add(service);
        continue;
      }
      ServiceWatch looked =
          takesStock
              ? service.stocked(tally.epoch(), tally.deaths(), tally.crashes())
              : service.looked(tally.epoch(), tally.deaths(), tally.crashes());
      if (looked.deaths() > service.deaths()) {
        LOG.warn(
            "service {} has ended by itself {} times, crashed {} times, on probation{}",
            looked.name(),
            looked.deaths(),
            looked.crashes(),
            looked.isExcused() ? "; it is excused" : "");
      }
      isNewCrash |= looked.crashes() > service.crashes() && !looked.usesPatch();
      if (tally.kind() == Condition.Kind.FAILED && !looked.isExcused()) {
        givenUp.add(looked.name());
      }
      services.add(looked);
    }
    takesStock = false;
    return probation.with(isNewCrash || !areUsersKnown ? marked(services, manifest) : services);
  }

  /** Who uses patched code now is marked, for the rest of the watch. */
  private List<ServiceWatch> marked(List<ServiceWatch> services, Manifest manifest) {
    Set<ComponentName> components =
        manifest.components().stream().map(PatchComponent::name).collect(Collectors.toSet());
    Set<String> users;
    try {
      users =
          parts.services().owners(parts.processes().usersOf(components)).values().stream()
              .map(Service::name)
              .collect(Collectors.toCollection(TreeSet::new));
    } catch (DeviceException e) {
      LOG.warn("who uses patched code is not known: {}", e.getMessage());
      return services;
    }
    if (!areUsersKnown) {
      LOG.info("{} is on probation; services that use it: {}", manifest.title(), users);
    }
    areUsersKnown = true;
    return services.stream()
        .map(one -> users.contains(one.name()) ? one.usingPatch() : one)
        .collect(Collectors.toList());
  }

  /** What fails now, by more than that it takes time. */
  private Optional<String> complaint(
      Manifest manifest, Set<String> givenUp, Consumer<List<CheckResult>> checked) {
    for (HealthCheck check : manifest.health().probes()) {
      Optional<String> complaint = parts.probe().complaint(check);
      if (complaint.isPresent()) {
        return complaint;
      }
    }
    List<CheckResult> results = parts.checks().run(manifest.level(), manifest.health().commands());
    checked.accept(
        results.stream()
            .filter(one -> one.kind() != CheckResult.Kind.PASSED)
            .collect(Collectors.toList()));
    Optional<String> failed =
        results.stream()
            .filter(one -> one.isRequired() && one.kind() == CheckResult.Kind.FAILED)
            .map(CheckResult::toString)
            .findFirst();
    return failed.isPresent()
        ? failed
        : givenUp.stream().sorted().findFirst().map(name -> "service " + name + " was given up");
  }

  private Optional<Failure> failingOnEnd(Optional<String> complaint, long now) {
    if (!complaint.isPresent()) {
      failing = Optional.empty();
      failingLooks = 0;
      return Optional.empty();
    }
    if (failingLooks++ == 0) {
      LOG.warn("on probation: {}", complaint.get());
      failing = Optional.of(new Failure(FailureCode.HEALTH_FAILED, complaint.get()));
      failingSinceMillis = now;
    }
    return failingLooks >= FAILING_LOOKS_MIN && now - failingSinceMillis >= terms.failingMillis()
        ? Optional.of(
            new Failure(
                FailureCode.PROBATION_FAILED,
                complaint.get() + " (on end for " + terms.failingMinutes() + " min)"))
        : Optional.empty();
  }

  /** A level is not left for one that must not run any more. */
  private boolean mayLeave(Failure bad) throws DeviceException {
    if (stays.isPresent()) {
      return false; // Neither floor nor data go back.
    }
    Optional<Failure> forbidden = wayBackForbidden();
    if (forbidden.isPresent()) {
      LOG.error("what runs is bad, but stays: {}; {}", bad.message(), forbidden.get().message());
      stays =
          Optional.of(
              new Failure(bad.code(), bad.message() + "; it stays: " + forbidden.get().message()));
    }
    return !forbidden.isPresent();
  }

  private Optional<Failure> wayBackForbidden() throws DeviceException {
    Slot back = without(parts.bootControl().load()).active();
    if (back == Slot.BASE) {
      return metadata.baseForbidden();
    }
    try {
      return metadata.forbidden(parts.startup().verified(back));
    } catch (SutureException e) {
      LOG.warn("slot {} cannot be gone back to: {}", back.word(), e.getMessage());
      return metadata.baseForbidden(); // That is what is mounted then.
    }
  }
}
