package dev.suture.slot;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import java.util.Optional;

/**
 * The one durable record that says which of base, A and B is active, which is on trial, and how
 * many tries are left. A value; {@link BootControl} makes it durable. The bootloader reads it, and
 * counts the tries down before it starts the slot on trial.
 *
 * @param sequence grows by one with every write, 0 to {@link #SEQUENCE_MAX}
 * @param active what runs when nothing is on trial
 * @param starts how often the active slot was started since it was last seen alive, 0 to {@link
 *     #STARTS_MAX}; counted before it is mounted, by the bootloader where it counts every start,
 *     else by the agent; 0 for base
 * @param trial what is on trial, A or B, if anything
 * @param tries how often the bootloader may still start the trial, 0 to {@link #TRIES_MAX}; 0 when
 *     nothing is on trial
 * @param a content of slot A
 * @param b content of slot B
 * @param osSlot which OS slot boots, {@code a} or {@code b}
 */
public record ActivationRecord(
    long sequence,
    Slot active,
    int starts,
    Optional<Slot> trial,
    int tries,
    SlotContent a,
    SlotContent b,
    char osSlot) {
  /** Most tries: one hexadecimal digit on disk. */
  public static final int TRIES_MAX = 15;

  /** So many starts without a sign of life are enough: the active slot is not mounted any more. */
  public static final int STARTS_MAX = 5;

  /** Never reached by counting; what is above it was not written by us or the bootloader. */
  public static final long SEQUENCE_MAX = 1L << 62;

  /** Checks that the parts agree. */
  public ActivationRecord {
    if (sequence < 0 || sequence > SEQUENCE_MAX) {
      throw new IllegalArgumentException(
          "sequence: expected 0 to "
              + Long.toHexString(SEQUENCE_MAX)
              + ", got "
              + Long.toHexString(sequence));
    }
    if (starts < 0 || starts > (active == Slot.BASE ? 0 : STARTS_MAX)) {
      throw new IllegalArgumentException(
          "starts: expected 0 to " + STARTS_MAX + ", and 0 for base, got " + starts);
    }
    if (tries < 0 || tries > TRIES_MAX) {
      throw new IllegalArgumentException("tries: expected 0 to " + TRIES_MAX + ", got " + tries);
    }
    if (trial.isPresent() && trial.get() == Slot.BASE) {
      throw new IllegalArgumentException("trial: expected a or b, got base, which needs no trial");
    }
    if (trial.isPresent() && trial.get() == active) {
      throw new IllegalArgumentException(
          "trial: expected another slot than the active one, got " + active.word());
    }
    if (osSlot != 'a' && osSlot != 'b') {
      throw new IllegalArgumentException("OS slot: expected a or b, got character " + (int) osSlot);
    }
  }

  /** The record of a freshly flashed device: base, nothing else. */
  public static ActivationRecord factory(char osSlot) {
    return new ActivationRecord(
        1, Slot.BASE, 0, Optional.empty(), 0, SlotContent.EMPTY, SlotContent.EMPTY, osSlot);
  }

  /** What slot A or B holds; base holds nothing of its own. */
  public SlotContent content(Slot slot) {
    return switch (slot) {
      case BASE -> SlotContent.EMPTY;
      case A -> a;
      case B -> b;
    };
  }

  /** Whether this slot is on trial. */
  public boolean isOnTrial(Slot slot) {
    return trial.isPresent() && trial.get() == slot;
  }

  /** Whether a trial of this patch was given up, as far as a slot still says so. */
  public boolean gaveUp(Sha256 manifest) {
    return a.isFailed(manifest) || b.isFailed(manifest);
  }

  /**
   * Whether this patch was removed, as far as a slot still says so: it is whole, and yet base is
   * active. Only removal leaves that behind.
   */
  public boolean removed(Sha256 manifest) {
    return active == Slot.BASE
        && !trial.isPresent()
        && (a.isWhole(manifest) || b.isWhole(manifest));
  }

  /**
   * The slot that a new patch goes to: the one that is neither active nor on trial; A when both are
   * free.
   */
  public Slot free() {
    return active == Slot.A || isOnTrial(Slot.A) ? Slot.B : Slot.A;
  }

  /** Before the first byte is written: the slot cannot be started any more. */
  public ActivationRecord unusable(Slot slot, Sha256 manifest) {
    if (slot == active || isOnTrial(slot)) {
      throw new IllegalArgumentException(
          "slot " + slot.word() + ": expected neither active nor on trial");
    }
    return with(
        slot, new SlotContent(SlotContent.State.UNUSABLE, Optional.of(manifest)), trial, tries);
  }

  /** The activation: the slot, read back and whole, goes on trial. */
  public ActivationRecord onTrial(Slot slot, Sha256 manifest, int newTries) {
    return with(
        slot,
        new SlotContent(SlotContent.State.WHOLE, Optional.of(manifest)),
        Optional.of(slot),
        newTries);
  }

  /**
   * The slot on trial is about to be started by the agent itself, without the bootloader: one try
   * less, as the bootloader does it.
   */
  public ActivationRecord tryTaken() {
    if (!trial.isPresent() || tries == 0) {
      throw new IllegalArgumentException("trial: expected one with a try left, got " + tries);
    }
    return new ActivationRecord(sequence + 1, active, starts, trial, tries - 1, a, b, osSlot);
  }

  /** The same with what is left of the trial's tries, and with these starts of what is active. */
  ActivationRecord withCounts(int newStarts, int newTries) {
    return new ActivationRecord(sequence, active, newStarts, trial, newTries, a, b, osSlot);
  }

  /**
   * The bootloader counted a start of this slot, and so do we: what has less left, counts.
   *
   * @param own the same record with our own counts, from before this start
   * @return empty if nothing was left by our own count
   */
  Optional<ActivationRecord> startCounted(Slot slot, ActivationRecord own) {
    if (isOnTrial(slot)) {
      return own.tries == 0
          ? Optional.empty()
          : Optional.of(next().withCounts(starts, Math.min(tries, own.tries - 1)));
    }
    if (active == slot && slot != Slot.BASE) {
      return own.isWornOut()
          ? Optional.empty()
          : Optional.of(next().withCounts(Math.max(starts, own.starts + 1), tries));
    }
    return Optional.of(this);
  }

  private ActivationRecord next() {
    return new ActivationRecord(sequence + 1, active, starts, trial, tries, a, b, osSlot);
  }

  /**
   * The trial passed: the slot is what runs from now on. The other one stays whole, to go back to,
   * only if it was active until now.
   */
  public ActivationRecord confirmed(Slot slot) {
    if (!isOnTrial(slot)) {
      throw new IllegalArgumentException(
          "slot " + slot.word() + ": expected on trial, to be confirmed");
    }
    return new ActivationRecord(
        sequence + 1,
        slot,
        0,
        Optional.empty(),
        0,
        slot == Slot.A || active == Slot.A ? a : a.unusable(),
        slot == Slot.B || active == Slot.B ? b : b.unusable(),
        osSlot);
  }

  /** The trial is given up: the active one runs from now on. */
  public ActivationRecord failed(Slot slot) {
    return with(
        slot,
        new SlotContent(SlotContent.State.FAILED, content(slot).manifest()),
        isOnTrial(slot) ? Optional.empty() : trial,
        isOnTrial(slot) ? 0 : tries);
  }

  /**
   * The bootloader, or a program of others, gave up what is active or on trial: as {@link
   * #activeFailedToBase} and {@link #failed}. That was their write, not the agent's: the sequence
   * stays.
   */
  ActivationRecord givenUpByOthers(Slot slot) {
    ActivationRecord left = slot == active ? activeFailedToBase() : failed(slot);
    return new ActivationRecord(
        sequence, left.active, left.starts, left.trial, left.tries, left.a, left.b, osSlot);
  }

  /** Removal: base runs from now on, nothing is on trial; the slots keep what they hold. */
  public ActivationRecord base() {
    return new ActivationRecord(sequence + 1, Slot.BASE, 0, Optional.empty(), 0, a, b, osSlot);
  }

  /** Another OS release was flashed: base runs, and what the slots hold is of no use to it. */
  public ActivationRecord retired() {
    return new ActivationRecord(
        sequence + 1,
        Slot.BASE,
        0,
        Optional.empty(),
        0,
        SlotContent.EMPTY,
        SlotContent.EMPTY,
        osSlot);
  }

  /** Whether the active slot was started so often without a sign of life that it is given up. */
  public boolean isWornOut() {
    return starts >= STARTS_MAX;
  }

  /** The active slot is about to be mounted: counted. */
  public ActivationRecord started() {
    return new ActivationRecord(sequence + 1, active, starts + 1, trial, tries, a, b, osSlot);
  }

  /** The active slot is seen alive: its starts are forgotten. */
  public ActivationRecord alive() {
    return new ActivationRecord(sequence + 1, active, 0, trial, tries, a, b, osSlot);
  }

  /** The active slot is given up: what was active before it runs from now on, or else base. */
  public ActivationRecord activeFailed() {
    return withoutActive(SlotContent.State.FAILED);
  }

  /** The active slot is given up, and what was active before it must not run: base runs. */
  public ActivationRecord activeFailedToBase() {
    Slot other = active == Slot.A ? Slot.B : Slot.A;
    ActivationRecord failed =
        with(
            active,
            new SlotContent(SlotContent.State.FAILED, content(active).manifest()),
            trial,
            tries);
    SlotContent left = isOnTrial(other) ? content(other) : content(other).unusable();
    return new ActivationRecord(
        sequence + 1,
        Slot.BASE,
        0,
        trial,
        tries,
        other == Slot.A ? left : failed.a,
        other == Slot.B ? left : failed.b,
        osSlot);
  }

  /**
   * The active slot is not what was written any more: as if given up, but not the patch's fault.
   */
  public ActivationRecord activeDamaged() {
    return withoutActive(SlotContent.State.UNUSABLE);
  }

  private ActivationRecord withoutActive(SlotContent.State left) {
    Slot other = active == Slot.A ? Slot.B : Slot.A;
    boolean isThere = !trial.isPresent() && content(other).state() == SlotContent.State.WHOLE;
    return with(active, new SlotContent(left, content(active).manifest()), trial, tries)
        .withActive(isThere ? other : Slot.BASE);
  }

  private ActivationRecord withActive(Slot next) {
    return new ActivationRecord(sequence, next, 0, trial, tries, a, b, osSlot);
  }

  private ActivationRecord with(
      Slot slot, SlotContent content, Optional<Slot> newTrial, int newTries) {
    if (slot == Slot.BASE) {
      throw new IllegalArgumentException("slot: expected a or b, got base, which is never written");
    }
    return new ActivationRecord(
        sequence + 1,
        active,
        starts,
        newTrial,
        newTries,
        slot == Slot.A ? content : a,
        slot == Slot.B ? content : b,
        osSlot);
  }
}
