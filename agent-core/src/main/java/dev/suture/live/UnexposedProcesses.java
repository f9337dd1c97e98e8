package dev.suture.live;

import dev.suture.live.Services.Service;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The processes of a device without those that go on with old code for now, because they belong to
 * a service that is never restarted.
 */
public final class UnexposedProcesses implements Processes {
  private final Processes all;
  private final Services services;

  /** Without those of these services that are never restarted. */
  public UnexposedProcesses(Processes all, Services services) {
    this.all = all;
    this.services = services;
  }

  /**
   * The services that are never restarted and run old code now.
   *
   * @throws DeviceException as {@link Processes#oldCode}
   */
  public static Set<Service> exposed(Processes all, Services services) throws DeviceException {
    return services.owners(all.oldCode()).values().stream()
        .filter(Service::isNeverRestarted)
        .collect(Collectors.toSet());
  }

  @Override
  public List<OldCode> oldCode() throws DeviceException {
    List<OldCode> old = all.oldCode();
    Map<OldCode, Service> owners = services.owners(old);
    return old.stream()
        .filter(
            process -> {
              Service owner = owners.get(process);
              return owner == null || !owner.isNeverRestarted();
            })
        .collect(Collectors.toList());
  }

  @Override
  public List<OldCode> usersOf(Set<ComponentName> components) throws DeviceException {
    return all.usersOf(components);
  }

  /**
   * {@inheritDoc} What such a process keeps in use cannot be told from what something else does.
   */
  @Override
  public Optional<String> heldWithoutProcess() throws DeviceException {
    return exposed(all, services).isEmpty() ? all.heldWithoutProcess() : Optional.empty();
  }

  @Override
  public void signal(OldCode process, Signal signal) {
    all.signal(process, signal);
  }

  @Override
  public Agent agent() throws DeviceException {
    return all.agent();
  }
}
