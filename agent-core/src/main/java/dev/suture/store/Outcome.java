package dev.suture.store;

import dev.suture.attempt.Failure;
import dev.suture.attempt.Phase;
import java.util.Optional;

/**
 * How an attempt ended.
 *
 * @param number the attempt's number
 * @param title what it was about: {@code 26.1 (a)}, or {@code removal}
 * @param phase a terminal phase
 * @param failure why, unless it went well
 * @param reported whether the broker has acknowledged it
 */
public record Outcome(
    long number, String title, Phase phase, Optional<Failure> failure, boolean reported) {
  /** Whether it is the same but for the number and the acknowledgement. */
  public boolean saysTheSameAs(Outcome other) {
    return title.equals(other.title) && phase == other.phase && failure.equals(other.failure);
  }

  /** The same outcome, acknowledged. */
  public Outcome acknowledged() {
    return new Outcome(number, title, phase, failure, true);
  }
}
