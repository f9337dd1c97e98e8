package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Judges one trial: all checks must pass, without interruption for the settling time, before the
 * deadline. Those of the manifest come first; those of the device are run when they pass. A
 * required check of the device that has failed ends the trial at once, one that asks for time is
 * waited for. Where one that was healthy goes on to be judged, the deadline counts from the newest
 * healthy look. Time is given by the caller, in milliseconds of a clock that does not jump.
 */
public final class HealthJudge {
  private static final long MILLIS = 1_000;

  private final HealthPlan plan;
  private final HealthProbe probe;
  private final Supplier<List<CheckResult>> deviceChecks;
  private final long startedMillis;
  private long deadlineFromMillis;
  private long healthySinceMillis = -1;
  private List<CheckResult> results = Collections.emptyList();

  /**
   * Begins to judge now.
   *
   * @param deviceChecks runs those of the device
   */
  public HealthJudge(
      HealthPlan plan,
      HealthProbe probe,
      Supplier<List<CheckResult>> deviceChecks,
      long nowMillis) {
    this.plan = plan;
    this.probe = probe;
    this.deviceChecks = deviceChecks;
    this.startedMillis = nowMillis;
    this.deadlineFromMillis = nowMillis;
  }

  /** Runs every check once and judges. */
  public Verdict look(long nowMillis) {
    Optional<String> complaint = firstComplaint();
    if (!complaint.isPresent()) {
      results = deviceChecks.get();
      Optional<String> failed = firstRequired(CheckResult.Kind.FAILED);
      if (failed.isPresent()) {
        healthySinceMillis = -1;
        return new Verdict(Verdict.Kind.FAILED, failed.get());
      }
      complaint = firstRequired(CheckResult.Kind.NOT_YET);
    }
    if (complaint.isPresent()) {
      healthySinceMillis = -1;
      return nowMillis - deadlineFromMillis >= plan.deadlineSeconds() * MILLIS
          ? new Verdict(
              Verdict.Kind.FAILED,
              complaint.get()
                  + " (for "
                  + plan.deadlineSeconds()
                  + " s after "
                  + (deadlineFromMillis == startedMillis
                      ? "the start of the trial)"
                      : "all checks had passed)"))
          : new Verdict(Verdict.Kind.UNDECIDED, complaint.get());
    }
    if (healthySinceMillis < 0) {
      healthySinceMillis = nowMillis;
    }
    boolean isSettled = nowMillis - healthySinceMillis >= plan.settleSeconds() * MILLIS;
    if (isSettled) {
      deadlineFromMillis = nowMillis;
    }
    return isSettled
        ? new Verdict(
            Verdict.Kind.HEALTHY,
            (plan.probes().size() + required())
                + " checks passed for "
                + plan.settleSeconds()
                + " s")
        : new Verdict(Verdict.Kind.UNDECIDED, "all checks pass, settling");
  }

  /** Whether this has gone on for as long as what is healthy must stay so. */
  public boolean isSettlingTimeOver(long nowMillis) {
    return nowMillis - startedMillis >= plan.settleSeconds() * MILLIS;
  }

  /** What did not pass when the device's checks were run last, the wanted ones included. */
  public List<CheckResult> notPassed() {
    return results.stream()
        .filter(result -> result.kind() != CheckResult.Kind.PASSED)
        .collect(Collectors.toList());
  }

  private Optional<String> firstRequired(CheckResult.Kind kind) {
    return results.stream()
        .filter(result -> result.isRequired() && result.kind() == kind)
        .findFirst()
        .map(CheckResult::toString);
  }

  private long required() {
    return results.stream().filter(CheckResult::isRequired).count();
  }

  private Optional<String> firstComplaint() {
    for (HealthCheck check : plan.probes()) {
      Optional<String> complaint = probe.complaint(check);
      if (complaint.isPresent()) {
        return complaint;
      }
    }
    return Optional.empty();
  }
}
