package dev.suture.protocol.manifest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How to tell that a patch works.
 *
 * @param deadlineSeconds all checks must have passed this long after the trial was mounted, 1 to
 *     3600
 * @param settleSeconds they must go on passing for this long before the slot is confirmed, 0 to
 *     3600
 * @param checks what is checked, at most {@link #CHECKS_MAX}
 */
public record HealthPlan(int deadlineSeconds, int settleSeconds, List<HealthCheck> checks) {
  /** Most checks of one patch. */
  public static final int CHECKS_MAX = 16;

  /** Longest deadline and longest settling time. */
  public static final int SECONDS_MAX = 3_600;

  /** Copies the list. */
  public HealthPlan {
    checks = Collections.unmodifiableList(new ArrayList<>(checks));
  }

  /** Those that are asked of the device from outside; each once. */
  public List<HealthCheck> probes() {
    return checks.stream()
        .filter(check -> !(check instanceof HealthCheck.Command))
        .distinct()
        .collect(Collectors.toList());
  }

  /** Those that are programs of the device, asked for by this patch; each once. */
  public List<HealthCheck.Command> commands() {
    return checks.stream()
        .filter(HealthCheck.Command.class::isInstance)
        .map(HealthCheck.Command.class::cast)
        .distinct()
        .collect(Collectors.toList());
  }
}
