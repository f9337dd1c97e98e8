package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import java.util.Optional;

/**
 * Judges one trial: all checks must pass, without interruption for the settling time, before the
 * deadline. Time is given by the caller, in milliseconds of a clock that does not jump.
 */
public final class HealthJudge {
  private static final long MILLIS = 1_000;

  private final HealthPlan plan;
  private final HealthProbe probe;
  private final long startedMillis;
  private long healthySinceMillis = -1;

  /** Begins to judge now. */
  public HealthJudge(HealthPlan plan, HealthProbe probe, long nowMillis) {
    this.plan = plan;
    this.probe = probe;
    this.startedMillis = nowMillis;
  }

  /** Runs every check once and judges. */
  public Verdict look(long nowMillis) {
    Optional<String> complaint = firstComplaint();
    if (complaint.isPresent()) {
      healthySinceMillis = -1;
      return nowMillis - startedMillis >= plan.deadlineSeconds() * MILLIS
          ? new Verdict(
              Verdict.Kind.FAILED,
              complaint.get()
                  + " (for "
                  + plan.deadlineSeconds()
                  + " s after the start of the trial)")
          : new Verdict(Verdict.Kind.UNDECIDED, complaint.get());
    }
    if (healthySinceMillis < 0) {
      healthySinceMillis = nowMillis;
    }
    return nowMillis - healthySinceMillis >= plan.settleSeconds() * MILLIS
        ? new Verdict(
            Verdict.Kind.HEALTHY,
            plan.checks().size() + " checks passed for " + plan.settleSeconds() + " s")
        : new Verdict(Verdict.Kind.UNDECIDED, "all checks pass, settling");
  }

  private Optional<String> firstComplaint() {
    for (HealthCheck check : plan.checks()) {
      Optional<String> complaint = probe.complaint(check);
      if (complaint.isPresent()) {
        return complaint;
      }
    }
    return Optional.empty();
  }
}
