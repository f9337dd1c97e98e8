package dev.suture.live;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the device's maker says about a restart of its userspace.
 *
 * @param stays what must not be ended whatever it runs: names of programs, as the kernel has them,
 *     and units of the service manager
 * @param timeoutMillis how long processes of no service may take to end when they are asked to
 */
public record UserspaceTerms(Set<String> stays, long timeoutMillis) {
  /** Keeps a copy. */
  public UserspaceTerms {
    stays = Collections.unmodifiableSet(new LinkedHashSet<>(stays));
  }

  private static final int INIT = 1;

  /** How the service manager's units are called, and no program that it could be told from. */
  public static final String UNIT_SUFFIX = ".service";

  /** The units among those that stay. */
  public List<String> stayingUnits() {
    return stays.stream().filter(one -> one.endsWith(UNIT_SUFFIX)).collect(Collectors.toList());
  }

  /**
   * Why a process must not be ended, if it must not: then only a restart of the device helps.
   *
   * @param isOfService whether it ends along with a service that may be restarted
   */
  Optional<String> whyItStays(OldCode process, boolean isOfService, Processes.Agent agent) {
    if (process.pid() == INIT) {
      return Optional.of("is the first process");
    }
    if (agent.endsWith(process)) {
      return Optional.of("is the agent, or has started it");
    }
    if (!isOfService && agent.started(process)) {
      return Optional.of("was started by the agent");
    }
    return stays.contains(process.name()) || process.unit().filter(stays::contains).isPresent()
        ? Optional.of("stays by configuration")
        : Optional.empty();
  }
}
