package dev.suture.sim;

import dev.suture.live.OldCode;
import dev.suture.live.Processes;
import dev.suture.live.Services;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The processes of a device. Each keeps what was mounted when it was started, until it ends; the
 * services are started again when they end.
 */
public final class SimServices implements Processes, Services {
  /** How long a service may take to end. */
  public static final long TIMEOUT_MILLIS = 1_000;

  private static final int FIRST_PID = 100;

  private final SimSlotDevice kernel;
  private final SimPower power;
  private final SimClock clock;
  private final List<SimProcess> processes = new ArrayList<>();
  private final List<String> restarts = new ArrayList<>();
  private final Map<String, Condition> conditions = new HashMap<>();
  private final Map<String, Condition.Kind> whenRestarted = new HashMap<>();
  private final Map<String, Long> deaths = new HashMap<>();
  private final Map<String, Long> crashes = new HashMap<>();
  private boolean areUncounted;
  private int nextPid = FIRST_PID;
  private int refusals;
  private Optional<String> held = Optional.empty();

  SimServices(SimSlotDevice kernel, SimPower power, SimClock clock) {
    this.kernel = kernel;
    this.power = power;
    this.clock = clock;
  }

  /** How a process takes it when it is asked to end. */
  public enum Temper {
    /** It ends. */
    OBEYS,
    /** It takes half of the time that it has. */
    IS_SLOW,
    /** It must be killed. */
    IGNORES,
    /** Not even that ends it. */
    IS_IMMORTAL
  }

  /** One process. */
  private static final class SimProcess {
    final int pid;
    final Optional<Service> service;
    final long mounted;
    final Temper temper;
    long endsAtMillis = Long.MAX_VALUE;

    SimProcess(int pid, Optional<Service> service, long mounted, Temper temper) {
      this.pid = pid;
      this.service = service;
      this.mounted = mounted;
      this.temper = temper;
    }
  }

  /** Starts a service on what is mounted now. */
  public void start(String name, Temper temper) {
    start(Optional.of(new Service(name, TIMEOUT_MILLIS)), temper);
  }

  /** Starts a process that belongs to no service. */
  public void startStranger() {
    start(Optional.empty(), Temper.IGNORES);
  }

  private void start(Optional<Service> service, Temper temper) {
    processes.add(new SimProcess(nextPid++, service, kernel.mountCount(), temper));
  }

  /** The services that were asked to restart, one after the other. */
  public List<String> restarts() {
    return Collections.unmodifiableList(restarts);
  }

  /** Whether some process runs older code than what is mounted: as it is, not as it is told. */
  public boolean isOldCodeRunning() {
    settle();
    return processes.stream().anyMatch(this::isOld);
  }

  @Override
  public List<OldCode> oldCode() throws DeviceException {
    power.require();
    if (refusals > 0) {
      refusals--;
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "look for old code: expected an answer, got none");
    }
    settle();
    List<OldCode> old = new ArrayList<>();
    for (SimProcess process : processes) {
      if (isOld(process)) {
        old.add(described(process));
      }
    }
    return old;
  }

  private boolean isOld(SimProcess process) {
    return process.mounted != kernel.mountCount();
  }

  /** Every process uses every component. */
  @Override
  public List<OldCode> usersOf(Set<ComponentName> components) {
    power.require();
    settle();
    return components.isEmpty()
        ? Collections.emptyList()
        : processes.stream().map(SimServices::described).collect(Collectors.toList());
  }

  private static OldCode described(SimProcess process) {
    String name = process.service.map(Service::name).orElse("stranger");
    return new OldCode(process.pid, List.of(1), name, "maps it");
  }

  @Override
  public Optional<String> heldWithoutProcess() {
    power.require();
    return held;
  }

  /** Something that is no process holds an old image, or nothing does. */
  public void hold(Optional<String> what) {
    held = what;
  }

  /** So many looks from now on are refused. */
  public void refuseLooks(int times) {
    refusals = times;
  }

  /** Starts a service that runs what was mounted before. */
  public void startOld(String name) {
    processes.add(
        new SimProcess(
            nextPid++,
            Optional.of(new Service(name, TIMEOUT_MILLIS)),
            kernel.mountCount() - 1,
            Temper.OBEYS));
  }

  @Override
  public void kill(int pid) {
    power.require();
    for (SimProcess process : processes) {
      if (process.pid == pid && process.temper != Temper.IS_IMMORTAL) {
        process.endsAtMillis = clock.monotonicMillis();
      }
    }
    settle();
  }

  @Override
  public List<Service> inOrder() {
    List<Service> services = new ArrayList<>();
    for (SimProcess process : processes) {
      process.service.filter(one -> !services.contains(one)).ifPresent(services::add);
    }
    return services;
  }

  @Override
  public Map<OldCode, Service> owners(Collection<OldCode> asked) {
    Map<OldCode, Service> owners = new HashMap<>();
    for (OldCode old : asked) {
      processes.stream()
          .filter(process -> process.pid == old.pid())
          .findFirst()
          .flatMap(process -> process.service)
          .ifPresent(service -> owners.put(old, service));
    }
    return owners;
  }

  @Override
  public Condition condition(Service service) {
    power.require();
    return conditions.getOrDefault(
        service.name(), new Condition(Condition.Kind.UP, "one of its processes runs"));
  }

  /** A service ends by itself so often, and is up again; some of these times it crashes. */
  public void die(String name, long times, long crashing) {
    deaths.merge(name, times, Long::sum);
    crashes.merge(name, crashing, Long::sum);
  }

  /** Whether what was counted cannot be told. */
  public void uncounted(boolean cannotBeTold) {
    areUncounted = cannotBeTold;
  }

  /** With an image that crashes, one of them does between any two looks. */
  @Override
  public Map<Service, Tally> tallies() throws DeviceException {
    power.require();
    if (areUncounted) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "count services: expected an answer, got none");
    }
    Map<Service, Tally> tallies = new HashMap<>();
    for (Service service : inOrder()) {
      if (kernel.isMarked(SimPublisher.CRASHES)) {
        die(service.name(), 1, 1);
      }
      tallies.put(
          service,
          new Tally(
              condition(service).kind(),
              "boot",
              deaths.getOrDefault(service.name(), 0L),
              crashes.getOrDefault(service.name(), 0L)));
    }
    return tallies;
  }

  /** From now on a service is so; as it ever was, if it is up. */
  public void become(String name, Condition.Kind kind) {
    conditions.put(name, new Condition(kind, "is " + kind));
  }

  /** From its next restart on a service is so. */
  public void becomeWhenRestarted(String name, Condition.Kind kind) {
    whenRestarted.put(name, kind);
  }

  @Override
  public void restart(Service service) {
    power.require();
    restarts.add(service.name());
    Optional.ofNullable(whenRestarted.remove(service.name()))
        .ifPresent(kind -> become(service.name(), kind));
    for (SimProcess process : processes) {
      if (process.service.filter(service::equals).isPresent()) {
        switch (process.temper) {
          case OBEYS -> process.endsAtMillis = clock.monotonicMillis();
          case IS_SLOW -> process.endsAtMillis = clock.monotonicMillis() + TIMEOUT_MILLIS / 2;
          case IGNORES, IS_IMMORTAL -> {}
        }
      }
    }
    settle();
  }

  /** Who has ended is gone; a service comes back at once, in its old place. */
  private void settle() {
    for (int i = 0; i < processes.size(); i++) {
      SimProcess process = processes.get(i);
      if (process.endsAtMillis <= clock.monotonicMillis()) {
        processes.set(
            i, new SimProcess(nextPid++, process.service, kernel.mountCount(), process.temper));
      }
    }
  }
}
