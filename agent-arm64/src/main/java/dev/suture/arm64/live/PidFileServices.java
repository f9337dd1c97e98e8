package dev.suture.arm64.live;

import dev.suture.agent.DeviceConfig;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.live.OldCode;
import dev.suture.live.Services;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services that are known by the file in which their first process leaves its number. A process is
 * of a service if it or an ancestor is that one. Who starts services again when they end is not our
 * concern: init, a supervisor, or the configured command. But of one that is never restarted they
 * are part: who ends them ends it.
 */
final class PidFileServices implements Services {
  private static final Logger LOG = LoggerFactory.getLogger(PidFileServices.class);
  private static final int PID_BYTES_MAX = 16;

  private final List<DeviceConfig.Service> configured;

  /** By the service's name, whom SIGTERM was sent to last: known by its number and its start. */
  private final Map<String, ProcessHandle> asked = new HashMap<>();

  /** By the service's name, its newest command, while it may run. */
  private final Map<String, Running> commands = new HashMap<>();

  /** By the service's name, its first process at the newest look that found one alive. */
  private final Map<String, ProcessHandle> alive = new HashMap<>();

  /** By the service's name, of one that is never restarted, whom its pid file named last. */
  private final Map<String, ProcessHandle> named = new HashMap<>();

  private final Map<String, Long> deaths = new HashMap<>();

  /** Nobody counts but this object, since it was made. */
  private final String epoch = UUID.randomUUID().toString();

  /**
   * A command that was started. Its words stay out of what is told of it, which leaves the device.
   *
   * @param what it is for
   */
  private record Running(String what, Process process) {
    @Override
    public String toString() {
      return "command " + what;
    }
  }

  /** Those services of the configuration that have a pid file, in its order. */
  PidFileServices(List<DeviceConfig.Service> configured) {
    this.configured = configured.stream().filter(one -> one.pidFile().isPresent()).toList();
  }

  @Override
  public List<Service> inOrder() {
    List<Service> services = new ArrayList<>();
    for (DeviceConfig.Service one : configured) {
      services.add(DeviceServices.service(one));
    }
    return services;
  }

  @Override
  public Map<OldCode, Service> owners(Collection<OldCode> processes) {
    Map<Integer, Service> firsts = new HashMap<>();
    for (DeviceConfig.Service one : configured) {
      firstProcess(one).ifPresent(first -> firsts.putIfAbsent(first, DeviceServices.service(one)));
    }
    Map<Integer, Service> aboveNever = new HashMap<>();
    neverRestarted().forEach((service, first) -> putAncestors(first, service, aboveNever));
    Map<OldCode, Service> owners = new HashMap<>();
    for (OldCode process : processes) {
      Optional<Service> owner = owner(process, firsts);
      (owner.isPresent() ? owner : Optional.ofNullable(aboveNever.get(process.pid())))
          .ifPresent(service -> owners.put(process, service));
    }
    return owners;
  }

  /** All but the first process, and the agent. */
  private static void putAncestors(int first, Service service, Map<Integer, Service> into) {
    Optional<ProcessHandle> at = ProcessHandle.of(first).flatMap(ProcessHandle::parent);
    while (at.isPresent() && at.get().pid() > 1 && !at.get().equals(ProcessHandle.current())) {
      into.putIfAbsent((int) at.get().pid(), service);
      at = at.get().parent();
    }
  }

  /** Services that are never restarted and run, and their first processes. */
  Map<Service, Integer> neverRestarted() {
    Map<Service, Integer> firsts = new LinkedHashMap<>();
    for (DeviceConfig.Service one : configured) {
      if (one.isNeverRestarted()) {
        firstProcess(one)
            .filter(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent())
            .ifPresent(pid -> firsts.put(DeviceServices.service(one), pid));
      }
    }
    return firsts;
  }

  /** The nearest: a service may have been started by another. */
  private static Optional<Service> owner(OldCode process, Map<Integer, Service> firsts) {
    return Stream.concat(Stream.of(process.pid()), process.ancestors().stream())
        .map(firsts::get)
        .filter(Objects::nonNull)
        .findFirst();
  }

  @Override
  public void restart(Service service) throws DeviceException {
    DeviceConfig.Service one = configured(service);
    alive.remove(service.name());
    if (one.restart().isEmpty()) {
      Optional<ProcessHandle> first = firstProcess(one).flatMap(ProcessHandle::of);
      first.ifPresent(process -> asked.put(service.name(), process));
      first.ifPresent(ProcessHandle::destroy);
      return;
    }
    run("restart", service, one.restart());
  }

  /** {@inheritDoc} Without a command for it, whoever started it would start it at once. */
  @Override
  public boolean stop(Service service) throws DeviceException {
    DeviceConfig.Service one = configured(service);
    if (one.stop().isEmpty()) {
      return false;
    }
    alive.remove(service.name());
    firstProcess(one)
        .flatMap(ProcessHandle::of)
        .ifPresent(process -> asked.put(service.name(), process));
    run("stop", service, one.stop());
    return true;
  }

  /** {@inheritDoc} A command that goes on could meet the next one. */
  @Override
  public boolean isStopped(Service service) {
    return runningCommand(service).isEmpty() && firstsAlive(service).isEmpty();
  }

  /** That of the pid file, and the one that was asked to end, which may have removed the file. */
  private Set<ProcessHandle> firstsAlive(Service service) {
    return Stream.concat(
            firstProcess(configured(service)).flatMap(ProcessHandle::of).stream(),
            Optional.ofNullable(asked.get(service.name())).stream())
        .filter(ProcessHandle::isAlive)
        .collect(Collectors.toSet());
  }

  /**
   * {@inheritDoc} The command to stop it as well, and what the first process has started, but for
   * services that are never restarted.
   */
  @Override
  public void kill(Service service) {
    endCommand(service);
    Set<Long> spared = new HashSet<>();
    neverRestarted().values().forEach(pid -> spared.add(pid.longValue()));
    for (ProcessHandle first : firstsAlive(service)) {
      if (isBelow(ProcessHandle.current(), Set.of(first.pid()))) {
        LOG.warn("service {}: process {} has started the agent", service.name(), first.pid());
        continue;
      }
      List<ProcessHandle> going = first.descendants().filter(one -> !isBelow(one, spared)).toList();
      first.destroyForcibly();
      going.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static boolean isBelow(ProcessHandle process, Set<Long> those) {
    Optional<ProcessHandle> at = Optional.of(process);
    while (at.isPresent()) {
      if (those.contains(at.get().pid())) {
        return true;
      }
      at = at.get().parent();
    }
    return false;
  }

  /** {@inheritDoc} Without a command for it, whoever starts it does so by itself. */
  @Override
  public void start(Service service) throws DeviceException {
    alive.remove(service.name());
    if (!configured(service).start().isEmpty()) {
      run("start", service, configured(service).start());
    }
  }

  /** One after the other: an earlier one that still runs had its time. */
  private void run(String what, Service service, List<String> command) throws DeviceException {
    endCommand(service);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      commands.put(service.name(), new Running(what, process));
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED,
          what + " " + service.name() + " by " + command + ": " + e.getMessage(),
          e);
    }
  }

  /** Not what it started: that may be the service. */
  private void endCommand(Service service) {
    Optional<Running> running = runningCommand(service);
    if (running.isPresent()) {
      LOG.warn("service {}: {} has not ended, it is killed", service.name(), running.get());
      running.get().process().destroyForcibly();
      commands.remove(service.name());
    }
  }

  private Optional<Running> runningCommand(Service service) {
    return Optional.ofNullable(commands.get(service.name())).filter(one -> one.process().isAlive());
  }

  /** What its newest command has to say of it. */
  private Optional<String> complaint(Service service) {
    return Optional.ofNullable(commands.get(service.name()))
        .map(
            one ->
                one.process().isAlive()
                    ? one + " has not ended"
                    : one.process().exitValue() == 0
                        ? ""
                        : one + " ended with exit code " + one.process().exitValue())
        .filter(said -> !said.isEmpty());
  }

  /**
   * Up is a first process that lives, and not the one that was asked to end, when the newest
   * command has ended. With which exit code is for people: what counts is what runs.
   */
  @Override
  public Condition condition(Service service) {
    Condition byPidFile = byPidFile(service);
    Optional<String> complaint = complaint(service);
    if (complaint.isEmpty()) {
      return byPidFile;
    }
    return new Condition(
        runningCommand(service).isPresent() ? Condition.Kind.DOWN : byPidFile.kind(),
        complaint.get() + "; " + byPidFile.said());
  }

  private Condition byPidFile(Service service) {
    DeviceConfig.Service one = configured(service);
    Optional<Integer> first = firstProcess(one);
    if (!first.isPresent()) {
      return new Condition(Condition.Kind.DOWN, pidFile(one) + " names no process");
    }
    String process = "process " + first.get() + " of " + pidFile(one);
    Optional<ProcessHandle> alive = ProcessHandle.of(first.get()).filter(ProcessHandle::isAlive);
    if (!alive.isPresent()) {
      return new Condition(Condition.Kind.DOWN, process + " does not run");
    }
    return alive.get().equals(asked.get(service.name()))
        ? new Condition(Condition.Kind.DOWN, process + " was asked to end, and still runs")
        : new Condition(Condition.Kind.UP, process + " runs");
  }

  /**
   * {@inheritDoc} Known is only what two looks see: a first process that was alive, and is gone or
   * another one at the next. How it ended, who ended it, and what happened in between is not.
   */
  @Override
  public Map<Service, Tally> tallies() {
    Map<Service, Tally> tallies = new LinkedHashMap<>();
    for (DeviceConfig.Service one : configured) {
      Service service = DeviceServices.service(one);
      Optional<ProcessHandle> now =
          firstProcess(one).flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive);
      Optional<ProcessHandle> before = Optional.ofNullable(alive.get(one.name()));
      if (before.isPresent() && !before.equals(now)) {
        deaths.merge(one.name(), 1L, Long::sum);
      }
      alive.remove(one.name());
      now.filter(process -> !process.equals(asked.get(one.name())))
          .ifPresent(process -> alive.put(one.name(), process));
      tallies.put(
          service,
          new Tally(condition(service).kind(), epoch, deaths.getOrDefault(one.name(), 0L), 0));
    }
    return tallies;
  }

  private static String pidFile(DeviceConfig.Service one) {
    return one.pidFile().orElseThrow();
  }

  private DeviceConfig.Service configured(Service service) {
    return configured.stream()
        .filter(candidate -> candidate.name().equals(service.name()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("service: none is " + service.name()));
  }

  /**
   * Nothing if there is no such file, or no number of another process in it: then the service does
   * not run. The file is the service's own; whatever it is, reading it neither waits nor takes
   * long.
   */
  private Optional<Integer> firstProcess(DeviceConfig.Service service) {
    Optional<Integer> first = inPidFile(service);
    if (!service.isNeverRestarted()) {
      return first;
    }
    // One that goes down removes its file long before it ends, and is still never restarted.
    Optional<ProcessHandle> alive = first.flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive);
    alive.ifPresent(process -> named.put(service.name(), process));
    return alive.isPresent()
        ? first
        : Optional.ofNullable(named.get(service.name()))
            .filter(ProcessHandle::isAlive)
            .map(process -> (int) process.pid());
  }

  private static Optional<Integer> inPidFile(DeviceConfig.Service service) {
    try (LinuxFile file =
        LinuxFile.open(pidFile(service), Uapi.O_RDONLY | Uapi.O_NONBLOCK | Uapi.O_CLOEXEC)) {
      if (!Files.isRegularFile(Path.of("/proc/self/fd", Integer.toString(file.number())))) {
        return Optional.empty();
      }
      ByteBuffer text = ByteBuffer.allocateDirect(PID_BYTES_MAX + 1);
      int length = file.read(text, PID_BYTES_MAX + 1, 0);
      byte[] bytes = new byte[Math.max(length, 0)];
      text.get(0, bytes);
      int pid = Integer.parseInt(new String(bytes, StandardCharsets.US_ASCII).strip());
      return pid > 1 && pid != ProcessHandle.current().pid() ? Optional.of(pid) : Optional.empty();
    } catch (LinuxException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
