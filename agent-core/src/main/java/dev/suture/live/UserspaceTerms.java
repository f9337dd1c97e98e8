package dev.suture.live;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

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

  /**
   * Why a process of no service must not be ended, if it must not: then only a restart of the
   * device helps.
   *
   * @param agent the number of the agent's process
   */
  Optional<String> whyItStays(OldCode process, int agent) {
    if (process.pid() == INIT) {
      return Optional.of("is the first process");
    }
    if (process.pid() == agent || process.ancestors().contains(agent)) {
      return Optional.of("is the agent's");
    }
    return stays.contains(process.name()) || process.unit().filter(stays::contains).isPresent()
        ? Optional.of("stays by configuration")
        : Optional.empty();
  }
}
