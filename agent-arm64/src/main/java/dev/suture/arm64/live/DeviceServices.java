package dev.suture.arm64.live;

import dev.suture.agent.DeviceConfig;
import dev.suture.live.OldCode;
import dev.suture.live.Services;
import dev.suture.live.UserspaceTerms;
import dev.suture.protocol.failure.DeviceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The services of the configuration: units of systemd, and those that are known by a pid file. A
 * process that is in a unit's control group is that unit's, whatever a pid file says, unless that
 * is of a service that is never restarted.
 */
public final class DeviceServices implements Services {
  private static final long MILLIS = 1_000;

  private final List<DeviceConfig.Service> configured;
  private final SystemdServices systemd;
  private final PidFileServices pidFiles;

  /**
   * The services of the configuration, in its order.
   *
   * @param userspace what it says of who must not be ended
   * @param progress called while systemd has time to answer
   */
  public DeviceServices(
      List<DeviceConfig.Service> configured,
      Optional<UserspaceTerms> userspace,
      Runnable progress) {
    this(
        configured,
        new SystemdServices(
            configured, userspace.map(UserspaceTerms::stayingUnits).orElse(List.of()), progress));
  }

  DeviceServices(List<DeviceConfig.Service> configured, SystemdServices systemd) {
    this.configured = List.copyOf(configured);
    this.systemd = systemd;
    this.pidFiles = new PidFileServices(configured);
  }

  static Service service(DeviceConfig.Service one) {
    return new Service(one.name(), one.timeoutSeconds() * MILLIS, one.isNeverRestarted());
  }

  /** Units change places among themselves, where systemd has them in another order. */
  @Override
  public List<Service> inOrder() throws DeviceException {
    for (Map.Entry<Service, Integer> one : pidFiles.neverRestarted().entrySet()) {
      systemd.requireInNoUnitThatRestarts(one.getKey().name(), one.getValue());
    }
    Iterator<Service> units = systemd.inOrder().iterator();
    List<Service> order = new ArrayList<>();
    for (DeviceConfig.Service one : configured) {
      order.add(one.unit().isPresent() ? units.next() : service(one));
    }
    return order;
  }

  @Override
  public Map<OldCode, Service> owners(Collection<OldCode> processes) {
    Map<OldCode, Service> owners = pidFiles.owners(processes);
    systemd
        .owners(processes)
        .forEach(
            (process, service) -> {
              Service other = owners.get(process);
              if (other == null || !other.isNeverRestarted()) {
                owners.put(process, service);
              }
            });
    return owners;
  }

  @Override
  public void restart(Service service) throws DeviceException {
    keeperOf(service).restart(service);
  }

  @Override
  public boolean stop(Service service) throws DeviceException {
    return keeperOf(service).stop(service);
  }

  @Override
  public boolean isStopped(Service service) throws DeviceException {
    return keeperOf(service).isStopped(service);
  }

  @Override
  public void kill(Service service) throws DeviceException {
    keeperOf(service).kill(service);
  }

  @Override
  public void start(Service service) throws DeviceException {
    keeperOf(service).start(service);
  }

  @Override
  public Condition condition(Service service) throws DeviceException {
    return keeperOf(service).condition(service);
  }

  @Override
  public Map<Service, Tally> tallies() throws DeviceException {
    Map<Service, Tally> tallies = pidFiles.tallies();
    tallies.putAll(systemd.tallies());
    return tallies;
  }

  private Services keeperOf(Service service) {
    return configured.stream()
            .anyMatch(one -> one.name().equals(service.name()) && one.unit().isPresent())
        ? systemd
        : pidFiles;
  }
}
