package dev.suture.live;

import dev.suture.live.Services.Condition;
import dev.suture.live.Services.Service;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts exactly the services that run old code, until it is proven that nothing does any more. A
 * process that is asked to end and does not is killed; one that belongs to no service, or comes
 * back with old code, is a failure: then only a larger restart helps.
 */
public final class ServiceRestart {
  /**
   * So many looks in a row must find nothing: a process that forks while it is looked for, and ends
   * itself, is found by the next look.
   */
  static final int CLEAN_LOOKS = 2;

  /** A service that comes back with old code so often will not do better. */
  static final int ROUNDS_MAX = 3;

  /** How long a killed process may take to be gone. */
  static final long KILL_MILLIS = 5_000;

  private static final Logger LOG = LoggerFactory.getLogger(ServiceRestart.class);
  private static final long LOOK_EVERY_MILLIS = 50;

  private final Processes processes;
  private final Services services;
  private final LongSupplier clockMillis;
  private final LongConsumer pause;

  /**
   * With these.
   *
   * @param clockMillis milliseconds of a clock that only goes forward
   * @param pause waits so many milliseconds
   */
  public ServiceRestart(
      Processes processes, Services services, LongSupplier clockMillis, LongConsumer pause) {
    this.processes = processes;
    this.services = services;
    this.clockMillis = clockMillis;
    this.pause = pause;
  }

  /**
   * Whether there is anything that could be restarted by itself.
   *
   * @throws DeviceException as {@link Services#inOrder}
   */
  public boolean isPossible() throws DeviceException {
    return !services.inOrder().isEmpty();
  }

  /**
   * Restarts what runs old code, one service after the other: the next one when this one is up
   * again, or its time is over. A service that had failed before is tried again on what is mounted
   * now. On return nothing runs old code: {@value #CLEAN_LOOKS} looks in a row found no process,
   * and nothing else holds an old image. Whether all services are up is another question, see
   * {@link #notUp}.
   *
   * @return the services that were restarted, in that order
   * @throws DeviceException {@code OLD_CODE_RUNS}, with the process; {@code KERNEL_CALL_FAILED} if
   *     processes cannot be looked at
   */
  public List<Service> run() throws DeviceException {
    List<Service> order = services.inOrder();
    Set<Service> restarted = new LinkedHashSet<>();
    for (int round = 1; round <= ROUNDS_MAX; round++) {
      List<OldCode> old = lookTwice();
      if (old.isEmpty()) {
        return concluded(order, restarted);
      }
      restart(order, old, restarted);
    }
    List<OldCode> left = lookTwice();
    if (!left.isEmpty()) {
      throw oldCodeRuns(left.get(0), "even after " + ROUNDS_MAX + " restarts");
    }
    return concluded(order, restarted);
  }

  private List<Service> concluded(List<Service> order, Set<Service> restarted)
      throws DeviceException {
    restartFailed(order, restarted);
    requireNothingHeld();
    return new ArrayList<>(restarted);
  }

  /**
   * The services that are up now.
   *
   * @throws DeviceException as {@link Services#inOrder}
   */
  public Set<Service> up() throws DeviceException {
    Set<Service> up = new LinkedHashSet<>();
    for (Service service : services.inOrder()) {
      if (condition(service).kind() == Condition.Kind.UP) {
        up.add(service);
      }
    }
    return up;
  }

  /** How those of these services are that are not up now, and have not done their work either. */
  public Map<Service, Condition> notUp(Collection<Service> of) {
    Map<Service, Condition> notUp = new LinkedHashMap<>();
    for (Service service : of) {
      Condition condition = condition(service);
      if (!condition.kind().isWell()) {
        notUp.put(service, condition);
      }
    }
    return notUp;
  }

  /** Who cannot be asked is not up. */
  private Condition condition(Service service) {
    try {
      return services.condition(service);
    } catch (DeviceException e) {
      return new Condition(Condition.Kind.DOWN, String.valueOf(e.getMessage()));
    }
  }

  /**
   * On return nothing runs old code: {@value #CLEAN_LOOKS} looks in a row found no process, and
   * nothing else holds an old image.
   *
   * @throws DeviceException {@code OLD_CODE_RUNS}, with what does; {@code KERNEL_CALL_FAILED} if
   *     processes cannot be looked at
   */
  public void requireNone() throws DeviceException {
    List<OldCode> old = lookTwice();
    if (!old.isEmpty()) {
      throw oldCodeRuns(old.get(0), "when the patch is to be confirmed");
    }
    requireNothingHeld();
  }

  void requireNothingHeld() throws DeviceException {
    Optional<String> held = processes.heldWithoutProcess();
    if (held.isPresent()) {
      throw new DeviceException(
          FailureCode.OLD_CODE_RUNS,
          "old code: expected the old images to be gone, got " + held.get() + ", still in use");
    }
  }

  List<OldCode> lookTwice() throws DeviceException {
    for (int look = 1; look < CLEAN_LOOKS; look++) {
      List<OldCode> old = processes.oldCode();
      if (!old.isEmpty()) {
        return old;
      }
    }
    return processes.oldCode();
  }

  private void restart(List<Service> order, List<OldCode> old, Set<Service> restarted)
      throws DeviceException {
    Map<OldCode, Service> owners = services.owners(old);
    for (OldCode process : old) {
      Service owner = owners.get(process);
      if (owner == null || owner.isNeverRestarted()) {
        throw oldCodeRuns(
            process,
            owner == null
                ? "and belongs to no service"
                : "and service " + owner.name() + " is never restarted");
      }
    }
    boolean isFirst = true;
    for (Service service : order) {
      List<OldCode> going = of(service, owners);
      if (going.isEmpty()) {
        continue;
      }
      if (isFirst || !still(going).isEmpty()) {
        restart(service, going);
      } else {
        LOG.info("service {} was restarted along with another", service.name());
      }
      isFirst = false;
      restarted.add(service);
      awaitUp(service);
    }
  }

  /** What is mounted now may be what it lacked. */
  private void restartFailed(List<Service> order, Set<Service> restarted) throws DeviceException {
    for (Service service : order) {
      if (!service.isNeverRestarted()
          && !restarted.contains(service)
          && condition(service).kind() == Condition.Kind.FAILED) {
        LOG.info("service {} has failed before; it is tried again", service.name());
        services.restart(service);
        restarted.add(service);
        awaitUp(service);
      }
    }
  }

  /** What the service starts meanwhile is not waited for: the next look finds it if it is old. */
  void restart(Service service, List<OldCode> going) throws DeviceException {
    long startMillis = clockMillis.getAsLong();
    services.restart(service);
    awaitEnd("service " + service.name(), going, service.timeoutMillis());
    LOG.info(
        "service {} was restarted, its old processes were gone after {} ms",
        service.name(),
        clockMillis.getAsLong() - startMillis);
  }

  /**
   * What is not up in its time is for health to judge; those that need it are restarted as well.
   */
  void awaitUp(Service service) {
    long startMillis = clockMillis.getAsLong();
    Condition condition = condition(service);
    while (condition.kind() == Condition.Kind.DOWN
        && clockMillis.getAsLong() - startMillis < service.timeoutMillis()) {
      pause.accept(LOOK_EVERY_MILLIS);
      condition = condition(service);
    }
    long millis = clockMillis.getAsLong() - startMillis;
    if (condition.kind().isWell()) {
      LOG.info("service {} is up again after {} ms", service.name(), millis);
    } else {
      LOG.warn("service {}: not up after {} ms, {}", service.name(), millis, condition.said());
    }
  }

  /** What was asked to end and has not when its time is over is killed. */
  void awaitEnd(String whose, List<OldCode> going, long withinMillis) throws DeviceException {
    if (areGone(going, withinMillis)) {
      return;
    }
    for (OldCode process : still(going)) {
      LOG.warn(
          "{}: process {} does not end within {} ms, it is killed",
          whose,
          process.pid(),
          withinMillis);
      processes.signal(process, Processes.Signal.KILL);
    }
    if (!areGone(going, KILL_MILLIS)) {
      LOG.warn("{}: a killed process is still there", whose);
    }
  }

  private boolean areGone(List<OldCode> going, long withinMillis) throws DeviceException {
    long deadline = clockMillis.getAsLong() + withinMillis;
    while (!still(going).isEmpty()) {
      if (clockMillis.getAsLong() >= deadline) {
        return false;
      }
      pause.accept(LOOK_EVERY_MILLIS);
    }
    return true;
  }

  private List<OldCode> still(List<OldCode> going) throws DeviceException {
    return processes.oldCode().stream()
        .filter(process -> going.stream().anyMatch(process::isSameProcess))
        .collect(Collectors.toList());
  }

  static List<OldCode> of(Service service, Map<OldCode, Service> owners) {
    return owners.entrySet().stream()
        .filter(one -> one.getValue().equals(service))
        .map(Map.Entry::getKey)
        .collect(Collectors.toList());
  }

  static DeviceException oldCodeRuns(OldCode process, String more) {
    return new DeviceException(
        FailureCode.OLD_CODE_RUNS,
        "old code: expected no process to use it, got " + process + ", " + more);
  }
}
