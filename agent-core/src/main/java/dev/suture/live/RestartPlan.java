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
 * @param scope {@code services}, {@code userspace}, or {@code reboot} for the whole device
 * @param because why it is not less
 * @param services what would restart by itself, and the processes that make it so, in the order in
 *     which it would; known for a restart of the whole device as well. All services, if the
 *     userspace restarts
 * @param others processes that use it and belong to no service; they end, if the userspace restarts
 * @param exposed services that would go on with old code, and their processes that do
 * @param othersMillisMax how long these may take to be gone, in milliseconds
 */
public record RestartPlan(
    RestartScope scope,
    String because,
    Map<Service, List<OldCode>> services,
    List<OldCode> others,
    Map<Service, List<OldCode>> exposed,
    long othersMillisMax) {

  /** Keeps copies. */
  public RestartPlan {
    services = Collections.unmodifiableMap(new LinkedHashMap<>(services));
    others = Collections.unmodifiableList(new ArrayList<>(others));
    exposed = Collections.unmodifiableMap(new LinkedHashMap<>(exposed));
  }

  /**
   * Why these patches need more than such a restart, if they do: both what is left and what is gone
   * to have a say.
   *
   * @param from empty for base
   * @param to empty for base
   */
  public static Optional<String> whatNeedsMore(
      RestartScope than, Optional<Manifest> from, Optional<Manifest> to) {
    return Stream.of(from, to)
        .filter(Optional::isPresent)
        .map(Optional::get)
        .filter(manifest -> manifest.restart().compareTo(than) > 0)
        .map(manifest -> manifest.title() + " asks for " + manifest.restart().word())
        .findFirst();
  }

  /**
   * What is asked for, whatever runs.
   *
   * @param reboot why nothing but a restart of the device is enough
   * @param userspace why services alone are not enough
   * @param isExposureBorne whether services that are never restarted may go on with old code
   */
  public record Needs(
      Optional<String> reboot, Optional<String> userspace, boolean isExposureBorne) {}

  /**
   * Plans.
   *
   * @param userspace how the userspace may be restarted; empty if it may not
   * @param users who uses what would be replaced
   * @param agent the agent's own process
   * @throws DeviceException as {@link Services#inOrder}
   */
  public static RestartPlan of(
      Needs needs,
      Optional<UserspaceTerms> userspace,
      List<OldCode> users,
      Services configured,
      Processes.Agent agent)
      throws DeviceException {
    Map<Service, List<OldCode>> restarting = new LinkedHashMap<>();
    configured.inOrder().forEach(service -> restarting.put(service, new ArrayList<>()));
    boolean hasServices = !restarting.isEmpty();
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
    Map<Service, List<OldCode>> exposed = new LinkedHashMap<>(restarting);
    exposed
        .entrySet()
        .removeIf(one -> !one.getKey().isNeverRestarted() || one.getValue().isEmpty());
    restarting.keySet().removeIf(Service::isNeverRestarted);
    Optional<String> tooMuch = needs.reboot();
    if (!tooMuch.isPresent() && !needs.isExposureBorne()) {
      tooMuch = exposed.entrySet().stream().findFirst().map(RestartPlan::neverRestarted);
    }
    Optional<String> tooMuchForServices =
        needs.userspace().isPresent() ? needs.userspace() : ofNoService(others);
    if (!tooMuch.isPresent() && tooMuchForServices.isPresent()) {
      tooMuch =
          userspace.isPresent()
              ? staying(userspace.get(), users, owners, agent)
              : tooMuchForServices;
    }
    if (!tooMuch.isPresent() && !hasServices && !userspace.isPresent()) {
      tooMuch = Optional.of("no service is configured that may be restarted");
    }
    if (tooMuch.isPresent()) {
      restarting.values().removeIf(List::isEmpty);
      return new RestartPlan(
          RestartScope.REBOOT, tooMuch.get(), restarting, others, new LinkedHashMap<>(), 0);
    }
    if (tooMuchForServices.isPresent()) {
      long othersMillisMax =
          others.isEmpty() ? 0 : userspace.get().timeoutMillis() + ServiceRestart.KILL_MILLIS;
      return new RestartPlan(
          RestartScope.USERSPACE,
          tooMuchForServices.get(),
          restarting,
          others,
          exposed,
          othersMillisMax);
    }
    restarting.values().removeIf(List::isEmpty);
    return new RestartPlan(
        RestartScope.SERVICES, "the patches need no more", restarting, others, exposed, 0);
  }

  private static String neverRestarted(Map.Entry<Service, List<OldCode>> one) {
    return "process "
        + one.getValue().get(0)
        + ", belongs to service "
        + one.getKey().name()
        + ", which is never restarted";
  }

  private static Optional<String> ofNoService(List<OldCode> others) {
    return others.stream()
        .findFirst()
        .map(process -> "process " + process + ", belongs to no service");
  }

  /** Who must not be ended, and why. */
  private static Optional<String> staying(
      UserspaceTerms userspace,
      List<OldCode> users,
      Map<OldCode, Service> owners,
      Processes.Agent agent) {
    return users.stream()
        .filter(process -> !owners.containsKey(process) || !owners.get(process).isNeverRestarted())
        .flatMap(
            process ->
                Stream.of(userspace.whyItStays(process, owners.containsKey(process), agent))
                    .filter(Optional::isPresent)
                    .map(why -> "process " + process + ", " + why.get()))
        .findFirst();
  }

  /**
   * The longest that a restart of services and other processes may take, in milliseconds: each
   * service has its time to end, and then the same time to be up again.
   */
  public long millisMax() {
    return services.keySet().stream().mapToLong(one -> 2 * one.timeoutMillis()).sum()
        + othersMillisMax;
  }
}
