package dev.suture.live;

import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Service;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A soft restart: every service that runs ends before something else is mounted and begins behind
 * it, and every other process that holds old code is ended, but for those that must stay. Whoever
 * started such a process may start it again. One of these objects is one restart: {@link #stop},
 * then, when something else is mounted, {@link #run}. What was stopped is left so if that fails:
 * then the device is restarted.
 */
public final class UserspaceRestart {
  private static final Logger LOG = LoggerFactory.getLogger(UserspaceRestart.class);
  private static final long LOOK_EVERY_MILLIS = 50;

  private final ServiceRestart restart;
  private final Processes processes;
  private final Services services;
  private final UserspaceTerms terms;
  private final LongSupplier clockMillis;
  private final LongConsumer pause;

  /** Those that are started behind it, for they were stopped, or had failed before. */
  private final Set<Service> toStart = new LinkedHashSet<>();

  /** Those that run, and that nobody can keep from running. */
  private final Set<Service> toRestart = new LinkedHashSet<>();

  /**
   * With these.
   *
   * @param clockMillis milliseconds of a clock that only goes forward
   * @param pause waits so many milliseconds
   */
  public UserspaceRestart(
      Processes processes,
      Services services,
      UserspaceTerms terms,
      LongSupplier clockMillis,
      LongConsumer pause) {
    this.restart = new ServiceRestart(processes, services, clockMillis, pause);
    this.processes = processes;
    this.services = services;
    this.terms = terms;
    this.clockMillis = clockMillis;
    this.pause = pause;
  }

  /**
   * Stops every service that is up and may be restarted, the last one first, and waits for each, as
   * long as it may take. One that does not end in its time is killed. Who is down, or has done its
   * work, stays so: somebody may have stopped it, unless it was up before what is left was tried.
   *
   * @param mustBeUp those that are started in any case
   * @throws DeviceException as {@link Services#inOrder}, {@link Services#condition} and {@link
   *     Services#stop}; {@code OLD_CODE_RUNS} if old code runs already in a process that must stay:
   *     then nothing was stopped; {@code KERNEL_CALL_FAILED} if a service does not end even so
   */
  public void stop(Set<Service> mustBeUp) throws DeviceException {
    List<OldCode> old = processes.oldCode();
    requireEndable(old, services.owners(old));
    List<Service> order = new ArrayList<>(services.inOrder());
    Map<Service, Condition.Kind> kinds = new HashMap<>();
    for (Service service : order) {
      kinds.put(service, services.condition(service).kind());
    }
    Collections.reverse(order);
    order.removeIf(Service::isNeverRestarted);
    for (Service service : order) {
      switch (kinds.getOrDefault(service, Condition.Kind.DOWN)) {
        case UP -> stop(service);
        case FAILED -> toStart.add(service); // What is mounted next may be what it lacked.
        case DOWN, DONE -> {
          if (mustBeUp.contains(service)) {
            toStart.add(service);
          }
        }
      }
    }
  }

  private void stop(Service service) throws DeviceException {
    long startMillis = clockMillis.getAsLong();
    if (!services.stop(service)) {
      toRestart.add(service);
      return;
    }
    toStart.add(service);
    if (!isStoppedWithin(service, service.timeoutMillis())) {
      LOG.warn(
          "service {} does not end within {} ms, it is killed",
          service.name(),
          service.timeoutMillis());
      services.kill(service);
      if (!isStoppedWithin(service, ServiceRestart.KILL_MILLIS)) {
        throw new DeviceException(
            FailureCode.KERNEL_CALL_FAILED,
            "service "
                + service.name()
                + ": expected to end within "
                + ServiceRestart.KILL_MILLIS
                + " ms behind SIGKILL, it did not");
      }
    }
    LOG.info(
        "service {} has ended after {} ms", service.name(), clockMillis.getAsLong() - startMillis);
  }

  private boolean isStoppedWithin(Service service, long millis) throws DeviceException {
    long deadline = clockMillis.getAsLong() + millis;
    while (!services.isStopped(service)) {
      if (clockMillis.getAsLong() >= deadline) {
        return false;
      }
      pause.accept(LOOK_EVERY_MILLIS);
    }
    return true;
  }

  /**
   * Ends what holds old code and starts the services, in order; each is waited for as long as it
   * may take. On return nothing runs old code, as behind {@link ServiceRestart#run}.
   *
   * @return the services that were started or restarted, in that order
   * @throws DeviceException {@code OLD_CODE_RUNS}, with the process; {@code KERNEL_CALL_FAILED} if
   *     processes cannot be looked at, or a service manager does not answer
   */
  public List<Service> run() throws DeviceException {
    List<Service> order = services.inOrder();
    Set<Service> restarted = new LinkedHashSet<>();
    List<OldCode> old = processes.oldCode();
    Map<OldCode, Service> owners = services.owners(old);
    requireEndable(old, owners);
    List<OldCode> ending = ofNoService(old, owners);
    for (Service service : toStart) {
      ending.addAll(ServiceRestart.of(service, owners));
    }
    end(ending);
    for (Service service : order) {
      if (toStart.contains(service)) {
        services.start(service);
      } else if (toRestart.contains(service)) {
        restart.restart(service, ServiceRestart.of(service, owners));
      } else {
        continue;
      }
      restarted.add(service);
      restart.awaitUp(service);
    }
    prove(order, restarted);
    return new ArrayList<>(restarted);
  }

  /** What opened something old between two mounts is found now, as is who does not end. */
  private void prove(List<Service> order, Set<Service> restarted) throws DeviceException {
    for (int round = 1; round <= ServiceRestart.ROUNDS_MAX; round++) {
      List<OldCode> old = restart.lookTwice();
      if (old.isEmpty()) {
        restart.requireNothingHeld();
        return;
      }
      Map<OldCode, Service> owners = services.owners(old);
      requireEndable(old, owners);
      end(ofNoService(old, owners));
      for (Service service : order) {
        List<OldCode> going = ServiceRestart.of(service, owners);
        if (!going.isEmpty()) {
          restart.restart(service, going);
          restarted.add(service);
          restart.awaitUp(service);
        }
      }
    }
    List<OldCode> left = restart.lookTwice();
    if (!left.isEmpty()) {
      throw ServiceRestart.oldCodeRuns(left.get(0), "even after a restart of the userspace");
    }
    restart.requireNothingHeld();
  }

  private void requireEndable(List<OldCode> old, Map<OldCode, Service> owners)
      throws DeviceException {
    for (OldCode process : old) {
      Service owner = owners.get(process);
      if (owner != null && owner.isNeverRestarted()) {
        throw ServiceRestart.oldCodeRuns(
            process, "and service " + owner.name() + " is never restarted");
      }
      Optional<String> why =
          terms.whyItStays(process, owners.containsKey(process), processes.agent());
      if (why.isPresent()) {
        throw ServiceRestart.oldCodeRuns(process, "and " + why.get());
      }
    }
  }

  private static List<OldCode> ofNoService(List<OldCode> old, Map<OldCode, Service> owners) {
    List<OldCode> others = new ArrayList<>(old);
    others.removeAll(owners.keySet());
    return others;
  }

  private void end(List<OldCode> going) throws DeviceException {
    for (OldCode process : going) {
      LOG.info("process {}, is asked to end", process);
      processes.signal(process, Processes.Signal.TERM);
    }
    if (!going.isEmpty()) {
      restart.awaitEnd("userspace", going, terms.timeoutMillis());
    }
  }
}
