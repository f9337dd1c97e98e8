package dev.suture.attempt;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The watch over a level, from the moment before it runs until it has been confirmed for long
 * enough. Time is paid for in steps before it passes: so a start of the agent costs the watch at
 * most one step, and no number of starts makes it endless. No clock is kept.
 *
 * @param manifest which level
 * @param hasBegun whether the level was confirmed; before that it only says how services were
 * @param paidMillis how much of the watch has passed, or was paid for and may have
 * @param services what was counted, at most {@link #SERVICES_MAX}
 * @param failure why the level is bad, once that is decided
 */
public record Probation(
    Sha256 manifest,
    boolean hasBegun,
    long paidMillis,
    List<ServiceWatch> services,
    Optional<Failure> failure) {
  /** Most services that are counted; more cannot be configured. */
  public static final int SERVICES_MAX = 64;

  /** Longest that can be paid for. */
  public static final long PAID_MILLIS_MAX = 1L << 40;

  /** Copies the list. */
  public Probation {
    if (services.size() > SERVICES_MAX) {
      throw new IllegalArgumentException(
          "probation: expected at most " + SERVICES_MAX + " services, got " + services.size());
    }
    if (paidMillis < 0 || paidMillis > PAID_MILLIS_MAX) {
      throw new IllegalArgumentException(
          "probation: expected 0 to " + PAID_MILLIS_MAX + " ms, got " + paidMillis);
    }
    services = Collections.unmodifiableList(new ArrayList<>(services));
  }

  /** Before a level runs: how its services are without it. */
  public static Probation before(Sha256 manifest, List<ServiceWatch> services) {
    return new Probation(manifest, false, 0, services, Optional.empty());
  }

  /** The level is confirmed: from now on it counts; the first step is paid for. */
  public Probation begun(ProbationTerms terms) {
    return new Probation(manifest, true, 0, services, Optional.empty()).paid(terms);
  }

  /** One more step is paid for, or what is left. */
  public Probation paid(ProbationTerms terms) {
    return new Probation(
        manifest,
        hasBegun,
        Math.max(paidMillis, Math.min(terms.millis(), paidMillis + terms.stepMillis())),
        services,
        failure);
  }

  /** Whether nothing is left to pay for. */
  public boolean isPaid(ProbationTerms terms) {
    return paidMillis >= terms.millis();
  }

  /** The same with what was counted now. */
  public Probation with(List<ServiceWatch> counted) {
    return new Probation(manifest, hasBegun, paidMillis, counted, failure);
  }

  /** Something else ran since the newest look: what was counted meanwhile is not this level's. */
  public Probation unlooked() {
    List<ServiceWatch> unlooked = new ArrayList<>();
    services.forEach(service -> unlooked.add(service.unlooked()));
    return with(unlooked);
  }

  /** The level is bad. */
  public Probation because(Failure reason) {
    return new Probation(manifest, hasBegun, paidMillis, services, Optional.of(reason));
  }

  /** Why what was counted is too much, if it is. */
  public Optional<Failure> verdict(ProbationTerms terms) {
    for (ServiceWatch service : services) {
      if (service.isExcused()) {
        continue;
      }
      if (service.usesPatch() && service.crashes() >= terms.crashes()) {
        return Optional.of(bad(service, "crashed", service.crashes(), terms.crashes()));
      }
      if (service.deaths() >= terms.deaths()) {
        return Optional.of(bad(service, "ended by itself", service.deaths(), terms.deaths()));
      }
    }
    return Optional.empty();
  }

  private static Failure bad(ServiceWatch service, String how, int count, int limit) {
    return new Failure(
        FailureCode.PROBATION_FAILED,
        "service "
            + service.name()
            + " "
            + how
            + " "
            + count
            + " times since the level was confirmed, expected fewer than "
            + limit);
  }
}
