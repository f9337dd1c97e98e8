package dev.suture.publisher.cli;

import dev.suture.protocol.release.Rollout;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who may install a level. */
final class RolloutOptions {
  private static final String CURVE_FORM = "HOURS=PERCENT";

  @Option(
      names = "--ring",
      paramLabel = "NAME",
      description =
          "Devices of this ring may install it at once; others only as --curve says. With neither"
              + " option every device may.")
  private @Nullable String ring;

  @Option(
      names = "--curve",
      paramLabel = CURVE_FORM,
      split = ",",
      description =
          "So many hours from now on, so many of a hundred devices, for example 0=1,24=10,72=100."
              + " Time is that of the signed metadata: run \"refresh\" every day.")
  private List<Rollout.Step> curve = new ArrayList<>();

  /**
   * The stage that begins now; nothing for everybody.
   *
   * @throws IllegalArgumentException if it is none
   */
  Optional<Rollout> stage(Instant now) {
    if (ring == null && curve.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rollout(Optional.ofNullable(ring), now.truncatedTo(ChronoUnit.SECONDS), curve));
  }

  /** Reads {@code 24=10}. */
  static Rollout.Step parse(String text) {
    int equals = text.indexOf('=');
    try {
      return new Rollout.Step(
          Integer.parseInt(text.substring(0, Math.max(0, equals))),
          Integer.parseInt(text.substring(equals + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected " + CURVE_FORM + ", for example 24=10, got \"" + text + "\"", e);
    }
  }

  /** For people. */
  static String text(Optional<Rollout> stage) {
    if (stage.isEmpty()) {
      return "everybody";
    }
    StringBuilder text = new StringBuilder();
    stage.get().ring().ifPresent(name -> text.append("ring ").append(name));
    for (Rollout.Step step : stage.get().curve()) {
      text.append(text.isEmpty() ? "" : ", ");
      text.append(step.percent()).append(" % after ").append(step.afterHours()).append(" h");
    }
    return text.isEmpty() ? "nobody" : text.toString();
  }
}
