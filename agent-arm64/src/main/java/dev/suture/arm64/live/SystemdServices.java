package dev.suture.arm64.live;

import dev.suture.agent.DeviceConfig;
import dev.suture.live.OldCode;
import dev.suture.live.Services;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services that systemd runs. A process is of the unit in whose control group it is, whoever its
 * ancestors are. The configured order gives way to systemd's: what is started after another unit is
 * restarted after it.
 */
final class SystemdServices implements Services {
  private static final Logger LOG = LoggerFactory.getLogger(SystemdServices.class);
  private static final Path PROC = Path.of("/proc");

  private static final List<String> TALLIED =
      List.of(
          "Id",
          "ActiveState",
          "Result",
          "Type",
          "Job",
          "NRestarts",
          "ExecMainCode",
          "ExecMainStatus",
          "ExecMainExitTimestampMonotonic",
          "ExecMainStartTimestampMonotonic");

  /** Results of a unit that nobody stopped. */
  private static final Set<String> GIVEN_UP =
      Set.of("start-limit-hit", "core-dump", "signal", "watchdog");

  private static final Set<String> DOWN = Set.of("inactive", "failed");

  /** In whom else a stop ends, in systemd's words. */
  private static final List<String> STOPPED_ALONG =
      List.of("RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo");

  /** As the kernel has them: killed, and killed with a core. */
  private static final Set<String> BY_SIGNAL = Set.of("2", "3");

  private final Map<Service, String> units = new LinkedHashMap<>();
  private final Map<String, Crashes> crashes = new HashMap<>();
  private final Systemctl systemctl;
  private final CrashJournal journal;
  private final Path proc;
  private final List<String> staying;
  private boolean isJournalMissing;
  private boolean isNeverChecked;

  /**
   * Those services of the configuration that are units, in its order.
   *
   * @param staying units that must not be ended
   * @param progress called while systemd has time to answer
   */
  SystemdServices(
      List<DeviceConfig.Service> configured, Collection<String> staying, Runnable progress) {
    this(configured, staying, new Systemctl(progress), new CrashJournal(), PROC);
  }

  SystemdServices(
      List<DeviceConfig.Service> configured,
      Collection<String> staying,
      Systemctl systemctl,
      CrashJournal journal,
      Path proc) {
    this.staying = List.copyOf(staying);
    for (DeviceConfig.Service one : configured) {
      one.unit().ifPresent(unit -> units.put(DeviceServices.service(one), unit));
    }
    this.systemctl = systemctl;
    this.journal = journal;
    this.proc = proc;
  }

  @Override
  public List<Service> inOrder() throws DeviceException {
    if (units.isEmpty() && staying.isEmpty()) {
      return List.of();
    }
    requireNotTheAgents();
    Map<String, Set<String>> after = new HashMap<>();
    List<String> names = List.copyOf(units.values());
    List<String> asked = new ArrayList<>(names);
    asked.addAll(staying);
    List<Map<String, String>> all = systemctl.show(asked, List.of("Id", "LoadState", "After"));
    for (int i = 0; i < asked.size(); i++) {
      requireOwnName(i < names.size() ? "services" : "userspace.stays", asked.get(i), all.get(i));
    }
    for (Map<String, String> unit : all.subList(0, names.size())) {
      String id = property(unit, "Id");
      if (!property(unit, "LoadState").equals("loaded")) {
        LOG.warn("unit {}: expected to be loaded, is {}", id, property(unit, "LoadState"));
      }
      after.put(id, new HashSet<>(Arrays.asList(property(unit, "After").split(" ", -1))));
    }
    if (!isNeverChecked) {
      for (Service service : units.keySet()) {
        requireRestartsNoneThatIsNever(service);
      }
      isNeverChecked = true;
    }
    List<Service> order = ordered(after);
    if (!order.equals(List.copyOf(units.keySet()))) {
      LOG.warn(
          "services: the configured order {} is not systemd's; they are restarted in this one: {}",
          names,
          order.stream().map(units::get).toList());
    }
    return order;
  }

  /** A process is only ever told to be of a unit by that. */
  private static void requireOwnName(String where, String name, Map<String, String> unit)
      throws DeviceException {
    String id = property(unit, "Id");
    if (!id.equals(name)) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          where + ": expected a unit's own name, got " + name + ", which is " + id);
    }
  }

  /** Each time the first of the configured order that none is before which is left. */
  private List<Service> ordered(Map<String, Set<String>> after) {
    List<Service> order = new ArrayList<>();
    Map<Service, String> left = new LinkedHashMap<>(units);
    while (!left.isEmpty()) {
      Service next =
          left.entrySet().stream()
              .filter(
                  one ->
                      Collections.disjoint(
                          left.values(), after.getOrDefault(one.getValue(), Set.of())))
              .findFirst()
              .orElse(left.entrySet().iterator().next()) // A circle, which systemd breaks as well.
              .getKey();
      order.add(next);
      left.remove(next);
    }
    return order;
  }

  /** Its restart would end who waits for it. */
  private void requireNotTheAgents() throws DeviceException {
    Optional<String> own = ownUnit();
    if (own.isPresent() && units.containsValue(own.get())) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          "services: expected none to be the agent's own unit, got " + own.get());
    }
  }

  private Optional<String> ownUnit() throws DeviceException {
    return unitOf("self");
  }

  /** Nothing where there is no such process. */
  private Optional<String> unitOf(String process) throws DeviceException {
    Path file = proc.resolve(process).resolve("cgroup");
    try {
      return ControlGroup.service(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new DeviceException(FailureCode.KERNEL_CALL_FAILED, "read " + file + ": " + e, e);
    }
  }

  @Override
  public Map<OldCode, Service> owners(Collection<OldCode> processes) {
    Map<String, Service> byUnit = new HashMap<>();
    units.forEach((service, unit) -> byUnit.put(unit, service));
    Map<OldCode, Service> owners = new HashMap<>();
    for (OldCode process : processes) {
      process
          .unit()
          .flatMap(unit -> Optional.ofNullable(byUnit.get(unit)))
          .ifPresent(service -> owners.put(process, service));
    }
    return owners;
  }

  /**
   * {@inheritDoc} A unit that has started too often of late is started all the same: a restart for
   * a patch is no sign of a service that does not hold.
   */
  @Override
  public void restart(Service service) throws DeviceException {
    requireRestartsNoneThatIsNever(service);
    String unit = unit(service);
    forgetFailures(unit);
    systemctl.run(List.of("--no-block", "restart", "--", unit));
  }

  private void forgetFailures(String unit) {
    try {
      systemctl.run(List.of("reset-failed", "--", unit));
    } catch (DeviceException e) {
      LOG.warn("{}", e.getMessage()); // Of a unit that never failed it may know nothing.
    }
  }

  /**
   * {@inheritDoc} Others that systemd would stop along with it, and not start along with it, keep
   * it from being stopped: a restart is what systemd takes to them as well.
   */
  @Override
  public boolean stop(Service service) throws DeviceException {
    requireRestartsNoneThatIsNever(service);
    String unit = unit(service);
    List<String> along = stoppedAlong(unit);
    if (!along.isEmpty()) {
      LOG.info("unit {} is not stopped: these would be stopped along with it: {}", unit, along);
      return false;
    }
    systemctl.run(List.of("--no-block", "stop", "--", unit));
    return true;
  }

  /** Those that are not down. */
  private List<String> stoppedAlong(String unit) throws DeviceException {
    Map<String, Boolean> isDown = needing(unit);
    Optional<String> own = ownUnit();
    if (own.isPresent() && isDown.containsKey(own.get())) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          "services: expected none that the agent's own unit needs, got " + unit);
    }
    return isDown.entrySet().stream()
        .filter(one -> !one.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * What systemd would stop along with a unit, and whether it is down: what needs it, and along
   * with that what needs that, be it down itself or not.
   */
  private Map<String, Boolean> needing(String unit) throws DeviceException {
    List<String> asked = new ArrayList<>(STOPPED_ALONG);
    asked.addAll(List.of("Id", "ActiveState", "Job"));
    Map<String, Boolean> isDown = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>(Set.of(unit));
    List<String> names = List.of(unit);
    while (!names.isEmpty()) {
      Set<String> next = new LinkedHashSet<>();
      for (Map<String, String> shown : systemctl.show(names, asked)) {
        isDown.put(property(shown, "Id"), isDown(shown));
        for (String relation : STOPPED_ALONG) {
          next.addAll(Arrays.asList(property(shown, relation).split(" ", -1)));
        }
      }
      next.remove("");
      next.removeAll(seen);
      seen.addAll(next);
      names = List.copyOf(next);
    }
    isDown.remove(unit);
    return isDown;
  }

  /**
   * A restart of one would be a restart of the other. Looked at when the agent starts, so that it
   * is told of, and before each restart.
   */
  private void requireRestartsNoneThatIsNever(Service service) throws DeviceException {
    List<String> never =
        units.entrySet().stream()
            .filter(one -> one.getKey().isNeverRestarted())
            .map(Map.Entry::getValue)
            .toList();
    if (never.isEmpty() || service.isNeverRestarted()) {
      return;
    }
    List<String> along = new ArrayList<>(needing(unit(service)).keySet());
    along.retainAll(never);
    if (!along.isEmpty()) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          "services: expected none along with which systemd restarts what is never restarted, got "
              + unit(service)
              + ", which "
              + along.get(0)
              + " needs");
    }
  }

  /**
   * Processes that are never restarted are in no unit that is: systemd would end them along with
   * it.
   *
   * @param pid the number of such a process
   */
  void requireInNoUnitThatRestarts(String service, int pid) throws DeviceException {
    Optional<String> unit = unitOf(Integer.toString(pid));
    if (unit.isPresent()
        && units.entrySet().stream()
            .anyMatch(
                one -> one.getValue().equals(unit.get()) && !one.getKey().isNeverRestarted())) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          "services: expected "
              + service
              + ", which is never restarted, in no unit that is, got "
              + unit.get());
    }
  }

  @Override
  public boolean isStopped(Service service) throws DeviceException {
    return isDown(
        systemctl.show(List.of(unit(service)), List.of("Id", "ActiveState", "Job")).get(0));
  }

  private static boolean isDown(Map<String, String> unit) {
    return isJobOver(unit) && DOWN.contains(property(unit, "ActiveState"));
  }

  /** {@inheritDoc} Systemd ends its job then, as if it had ended by itself. */
  @Override
  public void kill(Service service) throws DeviceException {
    systemctl.run(List.of("kill", "--signal=SIGKILL", "--", unit(service)));
  }

  @Override
  public void start(Service service) throws DeviceException {
    String unit = unit(service);
    forgetFailures(unit);
    systemctl.run(List.of("--no-block", "start", "--", unit));
  }

  @Override
  public Condition condition(Service service) throws DeviceException {
    String unit = unit(service);
    Map<String, String> now =
        systemctl
            .show(
                List.of(unit),
                List.of("ActiveState", "SubState", "Result", "Type", "Job", "NRestarts"))
            .get(0);
    String job = property(now, "Job");
    boolean isJobOver = isJobOver(now);
    return new Condition(
        isJobOver ? kind(now) : Condition.Kind.DOWN,
        "%s is %s (%s), result %s, restarted by itself %s times%s"
            .formatted(
                unit,
                property(now, "ActiveState"),
                property(now, "SubState"),
                property(now, "Result"),
                property(now, "NRestarts"),
                isJobOver ? "" : ", job " + job + " is not done"));
  }

  private static boolean isJobOver(Map<String, String> unit) {
    String job = property(unit, "Job");
    return job.isEmpty() || job.equals("0");
  }

  /**
   * What is known of a unit's crashes.
   *
   * @param deaths how often it had ended when its crashes were asked for
   * @param counted how many of them the journal knew, or were seen before it was started again
   * @param exit when the newest end was that was seen, in systemd's words
   * @param start when it was started last, when its crashes were asked for
   */
  private record Crashes(long deaths, long counted, String exit, String start) {
    /** Of a unit that was never asked for. */
    private static final Crashes UNKNOWN = new Crashes(-1, 0, "", "");
  }

  /**
   * {@inheritDoc} One question for all units. Who was restarted by systemd ended by itself; one
   * that has failed ended once more than it was restarted, unless systemd refused the newest of
   * these starts. The journal is asked only behind a new end.
   */
  @Override
  public Map<Service, Tally> tallies() throws DeviceException {
    Map<Service, Tally> tallies = new LinkedHashMap<>();
    if (units.isEmpty()) {
      return tallies;
    }
    String boot = boot();
    List<Map<String, String>> all = systemctl.show(List.copyOf(units.values()), TALLIED);
    Map<Service, Map<String, String>> byService = new LinkedHashMap<>();
    Set<String> ended = new HashSet<>();
    int i = 0;
    for (Map.Entry<Service, String> one : units.entrySet()) {
      Map<String, String> unit = all.get(i++);
      byService.put(one.getKey(), unit);
      long deaths = deaths(unit);
      // What crashed before is known before anything new is counted, whoever set systemd's count
      // back by starting the unit.
      Crashes known = crashes.getOrDefault(one.getValue(), Crashes.UNKNOWN);
      if (deaths != known.deaths() || !started(unit).equals(known.start())) {
        ended.add(one.getValue());
      }
      crashes.put(one.getValue(), seen(known, deaths, unit));
    }
    told(ended)
        .forEach(
            (unit, count) ->
                crashes.computeIfPresent(
                    unit,
                    (name, known) ->
                        new Crashes(
                            known.deaths(),
                            Math.max(known.counted(), count),
                            known.exit(),
                            known.start())));
    byService.forEach(
        (service, unit) -> {
          Crashes known = crashes.getOrDefault(unit(service), Crashes.UNKNOWN);
          Condition.Kind kind = isJobOver(unit) ? kind(unit) : Condition.Kind.DOWN;
          kind = kind == Condition.Kind.FAILED && !isGivenUp(unit) ? Condition.Kind.DOWN : kind;
          tallies.put(service, new Tally(kind, boot, known.deaths(), known.counted()));
        });
    return tallies;
  }

  /** A unit that was not started again yet says itself how it ended. */
  private static Crashes seen(Crashes known, long deaths, Map<String, String> unit) {
    String exit = property(unit, "ExecMainExitTimestampMonotonic");
    boolean isCrash =
        BY_SIGNAL.contains(property(unit, "ExecMainCode"))
            && CrashSignal.is(property(unit, "ExecMainStatus"));
    return isCrash && !exit.equals(known.exit())
        ? new Crashes(deaths, known.counted() + 1, exit, started(unit))
        : new Crashes(deaths, known.counted(), known.exit(), started(unit));
  }

  private static String started(Map<String, String> unit) {
    return property(unit, "ExecMainStartTimestampMonotonic");
  }

  private Map<String, Long> told(Set<String> units) {
    if (units.isEmpty()) {
      return Map.of();
    }
    try {
      isJournalMissing = false;
      return journal.crashes(units);
    } catch (DeviceException e) {
      if (!isJournalMissing) {
        LOG.warn("how services ended is seen only where nobody starts them: {}", e.getMessage());
      }
      isJournalMissing = true;
      return Map.of();
    }
  }

  private static long deaths(Map<String, String> unit) throws DeviceException {
    String restarts = property(unit, "NRestarts");
    try {
      return Integer.toUnsignedLong(Integer.parseUnsignedInt(restarts))
          + (isEndedOnceMore(unit) ? 1L : 0L);
    } catch (NumberFormatException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED,
          "NRestarts of " + property(unit, "Id") + ": expected a number, got \"" + restarts + "\"",
          e);
    }
  }

  /**
   * Whether systemd itself decided that a unit that has failed is over. One that ended with an
   * error may have been stopped by hand.
   */
  private static boolean isGivenUp(Map<String, String> unit) {
    return GIVEN_UP.contains(property(unit, "Result")) && !property(unit, "Type").equals("oneshot");
  }

  /** Behind a start that systemd refuses, because there were too many, no end is left to count. */
  private static boolean isEndedOnceMore(Map<String, String> unit) {
    return property(unit, "ActiveState").equals("failed")
        && !property(unit, "Result").equals("start-limit-hit");
  }

  private String boot() throws DeviceException {
    Path file = proc.resolve("sys/kernel/random/boot_id");
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      throw new DeviceException(FailureCode.KERNEL_CALL_FAILED, "read " + file + ": " + e, e);
    }
  }

  private static Condition.Kind kind(Map<String, String> unit) {
    return switch (property(unit, "ActiveState")) {
      case "active", "reloading", "refreshing" -> Condition.Kind.UP;
      case "failed" -> Condition.Kind.FAILED;
      case "inactive" -> // One that never ran has no work to do either, as far as we know.
          property(unit, "Type").equals("oneshot") && property(unit, "Result").equals("success")
              ? Condition.Kind.DONE
              : Condition.Kind.DOWN;
      default -> Condition.Kind.DOWN;
    };
  }

  private String unit(Service service) {
    return Optional.ofNullable(units.get(service))
        .orElseThrow(() -> new IllegalArgumentException("service: none is " + service.name()));
  }

  private static String property(Map<String, String> unit, String name) {
    return unit.getOrDefault(name, "");
  }
}
