package dev.suture.live;

import dev.suture.live.Services.Service;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.RestartScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What would restart if something else were mounted now. A look and nothing more: a process that
 * starts meanwhile is not in it, nor what only other mount name spaces see.
 *
 * @param scope {@code services}, or {@code reboot} for the whole device
 * @param because why it is not less
 * @param services what would restart by itself, and the processes that make it so, in the order in
 *     which it would; known for a restart of the whole device as well
 * @param others processes that use it and belong to no service
 */
public record RestartPlan(
    RestartScope scope,
    String because,
    Map<Service, List<OldCode>> services,
    List<OldCode> others) {

  /** Keeps copies. */
  public RestartPlan {
    services = Collections.unmodifiableMap(new LinkedHashMap<>(services));
    others = Collections.unmodifiableList(new ArrayList<>(others));
  }

  /**
   * Why these patches need more than a restart of services, if they do: both what is left and what
   * is gone to have a say.
   *
   * @param from empty for base
   * @param to empty for base
   */
  public static Optional<String> whatNeedsMore(Optional<Manifest> from, Optional<Manifest> to) {
    return Stream.of(from, to)
        .filter(Optional::isPresent)
        .map(Optional::get)
        .filter(manifest -> manifest.restart().compareTo(RestartScope.SERVICES) > 0)
        .map(manifest -> manifest.title() + " asks for " + manifest.restart().word())
        .findFirst();
  }

  /**
   * Plans.
   *
   * @param needsMore why services are not enough, whatever runs
   * @param users who uses what would be replaced
   * @throws DeviceException as {@link Services#inOrder}
   */
  public static RestartPlan of(Optional<String> needsMore, List<OldCode> users, Services configured)
      throws DeviceException {
    Map<Service, List<OldCode>> restarting = new LinkedHashMap<>();
    configured.inOrder().forEach(service -> restarting.put(service, new ArrayList<>()));
    List<OldCode> others = new ArrayList<>();
    Map<OldCode, Service> owners = configured.owners(users);
    for (OldCode user : users) {
      Service owner = owners.get(user);
      if (owner != null) {
        restarting.computeIfAbsent(owner, any -> new ArrayList<>()).add(user);
      } else {
        others.add(user);
      }
    }
    boolean isPossible = !restarting.isEmpty();
    restarting.values().removeIf(List::isEmpty);
    if (needsMore.isPresent()) {
      return new RestartPlan(RestartScope.REBOOT, needsMore.get(), restarting, others);
    }
    if (!isPossible) {
      return new RestartPlan(
          RestartScope.REBOOT,
          "no service is configured that may be restarted",
          restarting,
          others);
    }
    if (!others.isEmpty()) {
      return new RestartPlan(
          RestartScope.REBOOT,
          "process " + others.get(0) + ", belongs to no service",
          restarting,
          others);
    }
    return new RestartPlan(RestartScope.SERVICES, "the patches need no more", restarting, others);
  }

  /**
   * The longest that a restart of the services may take, in milliseconds: each has its time to end,
   * and then the same time to be up again.
   */
  public long millisMax() {
    return services.keySet().stream().mapToLong(one -> 2 * one.timeoutMillis()).sum();
  }
}
