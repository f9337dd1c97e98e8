package dev.suture.sim;

import dev.suture.live.OldCode;
import dev.suture.live.Processes;
import dev.suture.live.Services;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
  private static final int INIT = 1;
  private static final int AGENT = 50;
  private static final int SUPERVISOR = 40;

  private final SimSlotDevice kernel;
  private final SimPower power;
  private final SimClock clock;
  private final List<SimProcess> processes = new ArrayList<>();
  private final Set<Service> known = new LinkedHashSet<>();
  private final Map<Service, Temper> stopped = new LinkedHashMap<>();
  private final Map<Service, Temper> fallen = new HashMap<>();
  private final Set<String> restartedOnly = new HashSet<>();
  private final List<String> restarts = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final Map<String, Condition> conditions = new HashMap<>();
  private final Map<String, Deque<Condition.Kind>> whenRestarted = new HashMap<>();
  private final Map<String, Long> deaths = new HashMap<>();
  private final Map<String, Long> crashes = new HashMap<>();
  private final Set<String> untold = new HashSet<>();

  /** How often the mount was changed when base was mounted. */
  private final Set<Long> startedOnBase = new HashSet<>();

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
    IS_IMMORTAL,
    /** It ends, but what comes in its place by itself runs the same old code. */
    RETURNS_OLD
  }

  /** One process. */
  private static final class SimProcess {
    final int pid;
    final Optional<Service> service;
    final String name;
    final int parent;
    final long mounted;
    final Temper temper;
    long endsAtMillis = Long.MAX_VALUE;

    SimProcess(int pid, Service service, long mounted, Temper temper) {
      this(pid, Optional.of(service), service.name(), INIT, mounted, temper);
    }

    SimProcess(
        int pid, Optional<Service> service, String name, int parent, long mounted, Temper temper) {
      this.pid = pid;
      this.service = service;
      this.name = name;
      this.parent = parent;
      this.mounted = mounted;
      this.temper = temper;
    }

    void end(Signal signal, long nowMillis) {
      boolean isForced = signal == Signal.KILL;
      switch (temper) {
        case OBEYS, RETURNS_OLD -> endsAtMillis = nowMillis;
        case IS_SLOW -> endsAtMillis = isForced ? nowMillis : nowMillis + TIMEOUT_MILLIS / 2;
        case IGNORES -> endsAtMillis = isForced ? nowMillis : endsAtMillis;
        case IS_IMMORTAL -> {}
      }
    }
  }

  /** Starts a service on what is mounted now. */
  public void start(String name, Temper temper) {
    start(new Service(name, TIMEOUT_MILLIS), temper);
  }

  /** Starts a service that must not be restarted on what is mounted now. */
  public void startNeverRestarted(String name) {
    start(new Service(name, 0, true), Temper.OBEYS);
  }

  /** Somebody who may restarts it. */
  public void restartByHand(String name) {
    note("by hand " + name);
    end(new Service(name, 0, true), Signal.TERM);
  }

  /** Starts a process of no service that runs what was mounted before. */
  public void startOldStranger(String name) {
    processes.add(
        new SimProcess(
            nextPid++, Optional.empty(), name, INIT, kernel.mountCount() - 1, Temper.OBEYS));
  }

  /** Nobody knows any more that the service's processes are its own. */
  public void becomeStranger(String name) {
    processes.replaceAll(
        one ->
            one.name.equals(name)
                ? new SimProcess(
                    one.pid, Optional.empty(), name, one.parent, one.mounted, one.temper)
                : one);
  }

  /** Ends such a process. */
  public void endStranger(String name) {
    processes.removeIf(one -> one.name.equals(name) && one.service.isEmpty());
  }

  /** Starts a process that belongs to no service. */
  public void startStranger() {
    startStranger(Temper.IGNORES);
  }

  /** Likewise; when it ends, another one comes in its place, as with a console. */
  public void startStranger(Temper temper) {
    startStranger("stranger", temper);
  }

  /** Likewise, of this name. */
  public void startStranger(String name, Temper temper) {
    processes.add(new SimProcess(nextPid++, Optional.empty(), name, INIT, mountedNow(), temper));
  }

  /** Starts what starts the agent again when it ends, on what is mounted now. */
  public void startSupervisor() {
    processes.add(
        new SimProcess(
            SUPERVISOR, Optional.empty(), "supervisor", INIT, mountedNow(), Temper.OBEYS));
  }

  /** Starts a process of the agent's. */
  public void startHelper() {
    processes.add(
        new SimProcess(nextPid++, Optional.empty(), "helper", AGENT, mountedNow(), Temper.OBEYS));
  }

  private void start(Service service, Temper temper) {
    known.add(service);
    processes.add(new SimProcess(nextPid++, service, mountedNow(), temper));
  }

  /** The services that were asked to restart, one after the other. */
  public List<String> restarts() {
    return Collections.unmodifiableList(restarts);
  }

  /** From now on such a service can be restarted, but not stopped. */
  public void restartOnly(String name) {
    restartedOnly.add(name);
  }

  /** What was stopped, started and ended, and what was mounted then, one after the other. */
  public List<String> events() {
    return Collections.unmodifiableList(events);
  }

  /** Those that nobody has started again. */
  public Set<Service> stopped() {
    return Collections.unmodifiableSet(stopped.keySet());
  }

  private void note(String what) {
    events.add(what + " on " + kernel.mountedSlot().word());
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

  /** What is below everything else is still what it was. */
  private boolean isOld(SimProcess process) {
    boolean isOnBaseAgain =
        kernel.mountedSlot() == Slot.BASE && startedOnBase.contains(process.mounted);
    return process.mounted != kernel.mountCount() && !isOnBaseAgain;
  }

  /** What is mounted now, as a process remembers it. */
  private long mountedNow() {
    if (kernel.mountedSlot() == Slot.BASE) {
      startedOnBase.add(kernel.mountCount());
    }
    return kernel.mountCount();
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
    return new OldCode(process.pid, List.of(process.parent), process.name, "maps it");
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
    Service service = new Service(name, TIMEOUT_MILLIS);
    known.add(service);
    processes.add(new SimProcess(nextPid++, service, kernel.mountCount() - 1, Temper.OBEYS));
  }

  @Override
  public void signal(OldCode to, Signal signal) {
    power.require();
    note(signal + " " + to.name());
    for (SimProcess process : processes) {
      if (process.pid == to.pid()) {
        process.end(signal, clock.monotonicMillis());
      }
    }
    settle();
  }

  @Override
  public Agent agent() {
    return new Agent(AGENT, List.of(SUPERVISOR, INIT));
  }

  @Override
  public List<Service> inOrder() {
    return new ArrayList<>(known);
  }

  @Override
  public boolean stop(Service service) {
    power.require();
    if (restartedOnly.contains(service.name())) {
      return false;
    }
    note("stop " + service.name());
    stopped.put(service, Temper.OBEYS);
    end(service, Signal.TERM);
    return true;
  }

  @Override
  public boolean isStopped(Service service) {
    power.require();
    settle();
    return stopped.containsKey(service) && pidsOf(service).isEmpty();
  }

  @Override
  public void start(Service service) {
    power.require();
    note("start " + service.name());
    Temper temper = stopped.remove(service);
    if (temper != null && pidsOf(service).isEmpty()) {
      start(service, temper);
    }
    become(service);
  }

  @Override
  public void kill(Service service) {
    power.require();
    note("kill " + service.name());
    end(service, Signal.KILL);
  }

  private List<Integer> pidsOf(Service service) {
    return processes.stream()
        .filter(process -> process.service.filter(service::equals).isPresent())
        .map(process -> process.pid)
        .collect(Collectors.toList());
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
  public Condition condition(Service service) throws DeviceException {
    power.require();
    if (untold.contains(service.name())) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED,
          "ask how " + service.name() + " is: expected an answer, got none");
    }
    return conditionNow(service);
  }

  private Condition conditionNow(Service service) {
    if (stopped.containsKey(service)) {
      return new Condition(Condition.Kind.DOWN, "is stopped");
    }
    return conditions.getOrDefault(
        service.name(), new Condition(Condition.Kind.UP, "one of its processes runs"));
  }

  /** Whether a service runs. */
  public boolean isUp(String name) {
    return conditionNow(new Service(name, TIMEOUT_MILLIS)).kind() == Condition.Kind.UP
        && !pidsOf(new Service(name, TIMEOUT_MILLIS)).isEmpty();
  }

  /** From now on nobody says how a service is. */
  public void refuseToTell(String name) {
    untold.add(name);
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
              conditionNow(service).kind(),
              "boot",
              deaths.getOrDefault(service.name(), 0L),
              crashes.getOrDefault(service.name(), 0L)));
    }
    return tallies;
  }

  /** Until it is started or restarted a service is so: without a process, if it is not up. */
  public void become(String name, Condition.Kind kind) {
    conditions.put(name, new Condition(kind, "is " + kind));
    Service service =
        known.stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElse(new Service(name, TIMEOUT_MILLIS));
    if (kind == Condition.Kind.UP) {
      Optional.ofNullable(fallen.remove(service)).ifPresent(temper -> start(service, temper));
      return;
    }
    processes.stream()
        .filter(process -> process.service.filter(service::equals).isPresent())
        .forEach(process -> fallen.put(service, process.temper));
    processes.removeIf(process -> process.service.filter(service::equals).isPresent());
  }

  /** From its next restart or start on a service is so; asked for twice, the next but one too. */
  public void becomeWhenRestarted(String name, Condition.Kind kind) {
    whenRestarted.computeIfAbsent(name, any -> new ArrayDeque<>()).add(kind);
  }

  @Override
  public void restart(Service service) {
    power.require();
    restarts.add(service.name());
    note("restart " + service.name());
    end(service, Signal.TERM);
    become(service);
  }

  /** What was started is up, unless something is the matter with it. */
  private void become(Service service) {
    Condition.Kind kind =
        whenRestarted.getOrDefault(service.name(), new ArrayDeque<>()).pollFirst();
    become(service.name(), kind == null ? Condition.Kind.UP : kind);
  }

  private void end(Service service, Signal signal) {
    for (SimProcess process : processes) {
      if (process.service.filter(service::equals).isPresent()) {
        process.end(signal, clock.monotonicMillis());
      }
    }
    settle();
  }

  /** Who has ended is gone; one that was not stopped comes back at once, in its old place. */
  private void settle() {
    List<SimProcess> gone = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      SimProcess process = processes.get(i);
      if (process.endsAtMillis > clock.monotonicMillis()) {
        continue;
      }
      if (process.service.filter(stopped::containsKey).isPresent()) {
        process.service.ifPresent(service -> stopped.put(service, process.temper));
        gone.add(process);
        continue;
      }
      long mounted = process.temper == Temper.RETURNS_OLD ? process.mounted : mountedNow();
      processes.set(
          i,
          new SimProcess(
              nextPid++, process.service, process.name, process.parent, mounted, process.temper));
    }
    processes.removeAll(gone);
  }
}
