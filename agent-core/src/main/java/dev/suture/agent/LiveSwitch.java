package dev.suture.agent;

import dev.suture.attempt.Failure;
import dev.suture.health.CheckResult;
import dev.suture.live.Processes;
import dev.suture.live.RestartPlan;
import dev.suture.live.ServiceRestart;
import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Service;
import dev.suture.live.UnexposedProcesses;
import dev.suture.live.UserspaceRestart;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.RestartScope;
import dev.suture.slot.ActivationRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the device to what the activation record says without restarting it: mounts it over what
 * runs, restarts the services that run old code, and proves that nothing does any more. Where that
 * is not enough, and the device's maker allows it, its userspace is restarted. The same rules hold
 * as for a start of the device: a try is taken, or a start counted, durably before anything is
 * mounted. Whatever goes wrong on the way is for a restart of the whole device to put right, which
 * depends on nothing that was done here.
 */
final class LiveSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(LiveSwitch.class);

  private final AgentParts parts;
  private final WhatRuns running;
  private final ServiceRestart services;

  /** Those that the newest switch of this boot restarted and that were up before it. */
  private List<Service> mustBeUp;

  LiveSwitch(AgentParts parts, WhatRuns running) {
    this.parts = parts;
    this.running = running;
    this.services = parts.serviceRestart(parts.processes());
    this.mustBeUp = remembered(parts);
  }

  /** An agent that was restarted alone judges, and goes back, as the one before it. */
  private static List<Service> remembered(AgentParts parts) {
    List<String> names = parts.device().mustBeUp();
    if (names.isEmpty()) {
      return Collections.emptyList();
    }
    try {
      return parts.services().inOrder().stream()
          .filter(service -> names.contains(service.name()))
          .collect(Collectors.toList());
    } catch (DeviceException e) {
      LOG.error("whether {} are up is not looked at: {}", names, e.getMessage());
      return Collections.emptyList();
    }
  }

  /**
   * Does it, if this device and both patches allow it.
   *
   * @return whether it was done: what runs is what the record says, and nothing runs older code.
   *     Otherwise the device must be restarted; the log says why
   */
  boolean happened() {
    try {
      return attempt();
    } catch (SutureException e) {
      LOG.error("no live switch, the device is restarted instead: {}", e.getMessage());
      return false;
    }
  }

  /**
   * What keeps it from being proven that nothing runs older code than the trial that is mounted,
   * but for services that are never restarted, if some are borne.
   */
  Optional<Failure> oldCode(boolean isExposureBorne) {
    try {
      parts.serviceRestart(processes(isExposureBorne)).requireNone();
      return Optional.empty();
    } catch (DeviceException e) {
      return Optional.of(Failure.of(e));
    }
  }

  /**
   * The services that are never restarted and run older code than what is mounted, by their names.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if processes cannot be looked at
   */
  Set<String> exposed() throws DeviceException {
    return UnexposedProcesses.exposed(parts.processes(), parts.services()).stream()
        .map(Service::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Who must not be on old code behind a switch. Only a trial bears what is never restarted: until
   * that has ended it is not confirmed, and no slot is written. What is left is gone.
   */
  private Processes processes(boolean isExposureBorne) {
    return isExposureBorne
        ? new UnexposedProcesses(parts.processes(), parts.services())
        : parts.processes();
  }

  /**
   * What says that a service which was up before the newest switch, and was restarted by it, is
   * not: required checks, named after the services. What was broken before is nobody's fault now.
   */
  List<CheckResult> restartedAndNotUp() {
    List<CheckResult> results = new ArrayList<>();
    services
        .notUp(mustBeUp)
        .forEach(
            (service, condition) ->
                results.add(
                    new CheckResult(
                        "service " + service.name(),
                        true,
                        condition.kind() == Condition.Kind.FAILED
                            ? CheckResult.Kind.FAILED
                            : CheckResult.Kind.NOT_YET,
                        condition.said())));
    return results;
  }

  private boolean attempt() throws SutureException {
    ActivationRecord record = parts.bootControl().load();
    Slot destination = record.trial().orElse(record.active());
    if (destination == running.slot() || !userspace().isPresent() && !services.isPossible()) {
      return false;
    }
    Optional<Manifest> to =
        destination == Slot.BASE
            ? Optional.empty()
            : Optional.of(parts.startup().verified(destination));
    Optional<String> tooMuch = whatNeedsMore(to);
    if (tooMuch.isPresent()) {
      LOG.info("the device is restarted: {}", tooMuch.get());
      return false;
    }
    boolean isServices = true;
    if (userspace().isPresent()) {
      // Before a try is taken for what cannot come to a good end.
      RestartPlan plan = plan(to, record.isOnTrial(destination));
      LOG.info("{} restarts: {}", plan.scope().word(), plan.because());
      if (plan.scope() == RestartScope.REBOOT) {
        return false;
      }
      isServices = plan.scope() == RestartScope.SERVICES;
    }
    long start = parts.clock().monotonicMillis();
    Set<Service> upBefore = services.up();
    if (!record.isOnTrial(destination)) {
      upBefore.addAll(mustBeUp); // What a trial broke must be up again behind it.
    }
    if (destination != Slot.BASE) {
      parts.bootControl().store(counted(record, destination));
    }
    parts.device().beginSwitch();
    Processes who = processes(record.isOnTrial(destination));
    Restarted done =
        isServices
            ? switchServices(destination, to, upBefore, who)
            : switchUserspace(destination, to, upBefore, who);
    mustBeUp =
        upBefore.stream()
            .filter(one -> done.scope == RestartScope.USERSPACE || done.services.contains(one))
            .filter(one -> !one.isNeverRestarted()) // Whatever it does, it was not our doing.
            .collect(Collectors.toList());
    List<String> names = names(done.services);
    parts.device().decide(destination, names(mustBeUp));
    long millis = parts.clock().monotonicMillis() - start;
    LOG.info(
        "slot {} runs without a restart of the device after {} ms, by {}; restarted: {}",
        destination.word(),
        millis,
        done.scope.word(),
        names);
    running.switched(
        new Startup.Running(destination, to, Optional.empty()),
        new StatusDocument.Activation(done.scope.word(), millis, names));
    return true;
  }

  private static List<String> names(List<Service> services) {
    return services.stream().map(Service::name).collect(Collectors.toList());
  }

  /** How much was restarted, and of it the services. */
  private record Restarted(RestartScope scope, List<Service> services) {}

  private Restarted switchServices(
      Slot destination, Optional<Manifest> to, Set<Service> upBefore, Processes who)
      throws DeviceException {
    parts.device().switchTo(running.manifest(), destination, to);
    try {
      return new Restarted(RestartScope.SERVICES, parts.serviceRestart(who).run());
    } catch (DeviceException e) {
      if (!isForUserspace(e, who)) {
        throw e;
      }
      LOG.warn("services are not enough, the userspace restarts: {}", e.getMessage());
      UserspaceRestart restart = parts.userspaceRestart(who, userspace().get());
      restart.stop(upBefore);
      return new Restarted(RestartScope.USERSPACE, restart.run());
    }
  }

  /** What no process holds, no end of processes sets free. */
  private boolean isForUserspace(DeviceException e, Processes who) throws DeviceException {
    return userspace().isPresent()
        && e.code() == FailureCode.OLD_CODE_RUNS
        && !who.oldCode().isEmpty();
  }

  private Restarted switchUserspace(
      Slot destination, Optional<Manifest> to, Set<Service> upBefore, Processes who)
      throws DeviceException {
    UserspaceRestart restart = parts.userspaceRestart(who, userspace().get());
    restart.stop(upBefore);
    parts.device().switchTo(running.manifest(), destination, to);
    return new Restarted(RestartScope.USERSPACE, restart.run());
  }

  private Optional<UserspaceTerms> userspace() {
    return parts.config().userspace();
  }

  /** Why a restart of the device is needed, whatever runs. */
  private Optional<String> whatNeedsMore(Optional<Manifest> to) {
    RestartScope most = userspace().isPresent() ? RestartScope.USERSPACE : RestartScope.SERVICES;
    if (parts.device().bootChoice().patchedOs().isPresent()) {
      return Optional.of("an OS of a patch runs, which belongs to its images");
    }
    return isRunningUnknown()
        ? Optional.of("what runs cannot be verified any more")
        : RestartPlan.whatNeedsMore(most, running.manifest(), to);
  }

  private boolean isRunningUnknown() {
    return running.slot() != Slot.BASE && !running.manifest().isPresent();
  }

  /**
   * What would restart if this ran instead; nothing is done.
   *
   * @param to empty for base
   * @param isTrial whether it would be on trial
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if processes cannot be looked at, or as
   *     {@link dev.suture.live.Services#inOrder}
   */
  RestartPlan plan(Optional<Manifest> to, boolean isTrial) throws DeviceException {
    Set<ComponentName> replaced = new HashSet<>();
    Stream.of(running.manifest(), to)
        .filter(Optional::isPresent)
        .flatMap(manifest -> manifest.get().components().stream())
        .forEach(component -> replaced.add(component.name()));
    return RestartPlan.of(
        new RestartPlan.Needs(
            whatNeedsMore(to),
            RestartPlan.whatNeedsMore(RestartScope.SERVICES, running.manifest(), to),
            isTrial),
        userspace(),
        parts.processes().usersOf(replaced),
        parts.services(),
        parts.processes().agent());
  }

  /** As the bootloader counts a trial, and a start of the device what is active. */
  private static ActivationRecord counted(ActivationRecord record, Slot destination)
      throws DeviceException {
    if (record.isOnTrial(destination)) {
      if (record.tries() == 0) {
        throw new DeviceException(
            FailureCode.TRIES_EXHAUSTED,
            "slot " + destination.word() + ": expected a try left, got none");
      }
      return record.tryTaken();
    }
    if (record.isWornOut()) {
      throw new DeviceException(
          FailureCode.STARTS_EXHAUSTED,
          "slot " + destination.word() + ": expected fewer than " + record.starts() + " starts");
    }
    return record.started();
  }
}
