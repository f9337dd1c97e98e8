package dev.suture.attempt;

import dev.suture.protocol.Slot;
import java.util.Optional;

/**
 * One try to bring the device to another state: to a patch, or back to base. What is in here are
 * decisions; facts that can be read back (what runs, what the slots hold) are not.
 *
 * @param number counts the attempts of this device, for its logs
 * @param goal the patch to install; empty for removal
 * @param target the slot it goes to; base for removal
 * @param requested whether somebody asked for it on the device, which overrides policy and what is
 *     remembered as bad; a removal that nobody asked for is the publisher's withdrawal
 * @param phase how far it is
 * @param fullPayload whether the delta was given up and the full image is fetched
 * @param arms how often it was put on trial, at most {@link #ARMS_MAX}
 * @param restarts how often the device was restarted for it, at most {@link #RESTARTS_MAX}
 * @param failure why it failed, when it did or is about to
 */
public record Attempt(
    long number,
    Optional<Patch> goal,
    Slot target,
    boolean requested,
    Phase phase,
    boolean fullPayload,
    int arms,
    int restarts,
    Optional<Failure> failure) {
  /** Most trials of one attempt. */
  public static final int ARMS_MAX = 2;

  /**
   * Most restarts that the agent itself makes for one attempt; the bootloader's tries are counted
   * apart.
   */
  public static final int RESTARTS_MAX = 6;

  /** Checks that goal and target agree. */
  public Attempt {
    if (goal.isPresent() == (target == Slot.BASE)) {
      throw new IllegalArgumentException(
          "attempt: expected a patch for slot a or b, or no patch for base");
    }
  }

  /** The start of an installation. */
  public static Attempt install(long number, Patch patch, Slot target, boolean requested) {
    return new Attempt(
        number,
        Optional.of(patch),
        target,
        requested,
        Phase.NOTICED,
        false,
        0,
        0,
        Optional.empty());
  }

  /**
   * The start of a removal, which has nothing to fetch or write.
   *
   * @param requested whether somebody asked for it on the device
   */
  public static Attempt remove(long number, boolean requested) {
    return new Attempt(
        number,
        Optional.empty(),
        Slot.BASE,
        requested,
        Phase.ARMING,
        false,
        1,
        0,
        Optional.empty());
  }

  /** Whether it goes back to base. */
  public boolean isRemoval() {
    return !goal.isPresent();
  }

  /** For people: the patch, {@code removal}, or {@code withdrawal}. */
  public String title() {
    return goal.map(Patch::title).orElse(requested ? "removal" : "withdrawal");
  }

  /** The same attempt in another phase. */
  public Attempt in(Phase next) {
    return new Attempt(number, goal, target, requested, next, fullPayload, arms, restarts, failure);
  }

  /** On to a trial: counted. */
  public Attempt arming() {
    return new Attempt(
        number, goal, target, requested, Phase.ARMING, fullPayload, arms + 1, restarts, failure);
  }

  /** About to restart: counted. */
  public Attempt restarting() {
    return new Attempt(
        number, goal, target, requested, phase, fullPayload, arms, restarts + 1, failure);
  }

  /** It went well; what was wrong on the way does not count any more. */
  public Attempt confirmed() {
    return new Attempt(
        number,
        goal,
        target,
        requested,
        Phase.ACTIVE,
        fullPayload,
        arms,
        restarts,
        Optional.empty());
  }

  /** With the reason why it failed. */
  public Attempt because(Failure reason) {
    return new Attempt(
        number, goal, target, requested, phase, fullPayload, arms, restarts, Optional.of(reason));
  }

  /** Back to fetching, now for the whole image. */
  public Attempt withFullPayload() {
    return new Attempt(
        number, goal, target, requested, Phase.VERIFIED, true, arms, restarts, failure);
  }
}
