package dev.suture.slot;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * {@link BootControl} as AOSP's {@code bootloader_control} in {@code misc}. Its 32 bytes are the
 * decision: which of base, A and B is active, which is on trial, how often both may be started.
 * What they have no room for, above all which patch a slot holds, is in two detail copies in the
 * format of the raw record. Of these the newest counts that says the same as the 32 bytes; if none
 * does, the newest that would if what has priority 0 were given up.
 *
 * <p>So one write of 32 bytes commits: the details of the new decision are durable before it, in
 * the copy that does not count, and those of the old one are written over only behind it.
 */
public final class MiscRecord implements BootControl {
  private static final int TRIAL_PRIORITY = 15;
  private static final int ACTIVE_PRIORITY = 14;

  /** Whatever else is there comes first; a bootloader that finds nothing else starts base. */
  private static final int BASE_PRIORITY = 1;

  private final MiscMedium misc;
  private final RecordMedium details;

  /** The record in this partition, with its details there. */
  public MiscRecord(MiscMedium misc, RecordMedium details) {
    this.misc = misc;
    this.details = details;
  }

  /**
   * Passes a partition that is ours to write.
   *
   * @throws DeviceException {@code CONFIG_INVALID} if a bootloader uses another layout
   */
  public void requireLayout() throws DeviceException {
    MiscLayout.requireOurs(misc.read());
  }

  /**
   * The record.
   *
   * @throws DeviceException {@code ACTIVATION_RECORD_DAMAGED} if the 32 bytes are not valid, say
   *     what nobody of ours says, or no details agree with them; {@code CONFIG_INVALID} for another
   *     layout
   */
  @Override
  public ActivationRecord load() throws DeviceException {
    byte[] bytes = misc.read();
    MiscLayout.requireOurs(bytes);
    try {
      Decision decision = Decision.of(BootloaderControl.decode(bytes));
      return newest(new ReadCopies(details), decision)
          .orElseThrow(
              () -> damaged("expected details of " + decision + " in one of two copies, got none"))
          .record;
    } catch (IllegalArgumentException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Replaces the record.
   *
   * @throws DeviceException as the interface says; {@code CONFIG_INVALID} for another layout, and
   *     nothing was written
   */
  @Override
  public void store(ActivationRecord record) throws DeviceException {
    byte[] before = misc.read();
    MiscLayout.requireOurs(before);
    Optional<BootloaderControl> control = control(before);
    ReadCopies copies = new ReadCopies(details);
    Optional<Copy> newest = control.isPresent() ? newest(copies, control.get()) : Optional.empty();
    if (newest.isPresent() && record.sequence() != newest.get().record.sequence() + 1) {
      copies.requireBoth();
      throw new IllegalArgumentException(
          "activation record: expected sequence "
              + (newest.get().record.sequence() + 1)
              + ", got "
              + record.sequence());
    }
    byte[] decided = decided(control.orElse(BootloaderControl.fresh()), record).encode();
    byte[] bytes = ActivationRecordCodec.encode(record);
    if (newest.isPresent()) {
      details.write(1 - newest.get().number, bytes);
      misc.write(decided);
      details.write(newest.get().number, bytes);
    } else {
      // Neither counts; an old one that happens to agree with the new decision must not either.
      details.write(0, bytes);
      details.write(1, bytes);
      misc.write(decided);
    }
  }

  @Override
  public byte[] raw() throws DeviceException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] bytes = misc.read();
    all.write(bytes, 0, bytes.length);
    bytes = new ReadCopies(details).all();
    all.write(bytes, 0, bytes.length);
    return all.toByteArray();
  }

  private static Optional<BootloaderControl> control(byte[] bytes) {
    try {
      return Optional.of(BootloaderControl.decode(bytes));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Damaged: it is made anew.
    }
  }

  private static Optional<Copy> newest(ReadCopies copies, BootloaderControl control)
      throws DeviceException {
    Decision decision;
    try {
      decision = Decision.of(control);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return newest(copies, decision);
  }

  private static Optional<Copy> newest(ReadCopies copies, Decision decision)
      throws DeviceException {
    List<Copy> all = new ArrayList<>();
    for (int number = 0; number < RecordMedium.COPIES; number++) {
      if (!copies.copy(number).isPresent()) {
        continue;
      }
      try {
        all.add(new Copy(number, ActivationRecordCodec.decode(copies.copy(number).get())));
      } catch (IllegalArgumentException e) {
        // A damaged copy is what the other one is there for.
      }
    }
    // What agrees was written with this decision, or a cut left it; only when nothing does, others
    // have changed the decision.
    Optional<Copy> newest = newest(all, decision, record -> record);
    if (!newest.isPresent()) {
      newest = newest(all, decision, decision::withoutGivenUp);
    }
    if (!newest.isPresent()) {
      copies.requireBoth();
    }
    return newest;
  }

  private static Optional<Copy> newest(
      List<Copy> all, Decision decision, UnaryOperator<ActivationRecord> read) {
    Optional<Copy> newest = Optional.empty();
    for (Copy copy : all) {
      ActivationRecord record = read.apply(copy.record);
      if (decision.agrees(record)
          && (!newest.isPresent() || record.sequence() > newest.get().record.sequence())) {
        newest = Optional.of(new Copy(copy.number, decision.counted(record)));
      }
    }
    return newest;
  }

  private static BootloaderControl decided(BootloaderControl control, ActivationRecord record) {
    BootloaderControl next = control;
    for (Slot slot : Slot.values()) {
      if (slot == Slot.BASE) {
        next = next.with(index(slot), BASE_PRIORITY, BootloaderControl.TRIES_MAX, true);
      } else if (record.isOnTrial(slot)) {
        next = next.with(index(slot), TRIAL_PRIORITY, record.tries(), false);
      } else if (record.active() == slot) {
        // Never successful: else the bootloader would not count starts without an agent.
        int left = ActivationRecord.STARTS_MAX - record.starts();
        next = next.with(index(slot), ACTIVE_PRIORITY, left, false);
      } else {
        next = next.with(index(slot), 0, 0, false);
      }
    }
    return next;
  }

  /** {@code _a} is A, {@code _b} is B, {@code _c} is base. */
  private static int index(Slot slot) {
    return switch (slot) {
      case A -> 0;
      case B -> 1;
      case BASE -> 2;
    };
  }

  private static DeviceException damaged(String what) {
    return new DeviceException(
        FailureCode.ACTIVATION_RECORD_DAMAGED, "activation record in misc: " + what);
  }

  private static final class Copy {
    final int number;
    final ActivationRecord record;

    Copy(int number, ActivationRecord record) {
      this.number = number;
      this.record = record;
    }
  }

  /** What the 32 bytes say. */
  private static final class Decision {
    private final Slot active;
    private final int starts;
    private final Optional<Slot> trial;
    private final int tries;

    private Decision(Slot active, int starts, Optional<Slot> trial, int tries) {
      this.active = active;
      this.starts = starts;
      this.trial = trial;
      this.tries = tries;
    }

    /** Reads it; what none of ours writes is refused, not interpreted. */
    static Decision of(BootloaderControl control) {
      Slot active = Slot.BASE;
      int starts = 0;
      Optional<Slot> trial = Optional.empty();
      int tries = 0;
      for (Slot slot : Slot.values()) {
        int index = index(slot);
        int priority = control.priority(index);
        if (slot == Slot.BASE) {
          require(
              priority == BASE_PRIORITY
                  && control.isSuccessful(index)
                  && control.tries(index) > 0
                  && !control.isCorrupted(index),
              "base to be successful, with priority " + BASE_PRIORITY + " and tries",
              control,
              slot);
        } else if (priority == TRIAL_PRIORITY) {
          require(!trial.isPresent(), "one slot on trial", control, slot);
          require(!control.isSuccessful(index), "a trial that is not successful", control, slot);
          trial = Optional.of(slot);
          tries = control.isCorrupted(index) ? 0 : control.tries(index);
        } else if (priority == ACTIVE_PRIORITY) {
          require(active == Slot.BASE, "one active slot", control, slot);
          require(!control.isSuccessful(index), "starts that are counted", control, slot);
          require(
              control.tries(index) <= ActivationRecord.STARTS_MAX,
              "at most " + ActivationRecord.STARTS_MAX + " starts",
              control,
              slot);
          active = slot;
          int left = control.isCorrupted(index) ? 0 : control.tries(index);
          starts = ActivationRecord.STARTS_MAX - left;
        } else {
          require(priority == 0, "priority 0, 14 or 15", control, slot);
        }
      }
      return new Decision(active, starts, trial, tries);
    }

    private static void require(
        boolean holds, String expected, BootloaderControl control, Slot slot) {
      if (!holds) {
        int index = index(slot);
        throw new IllegalArgumentException(
            "bootloader_control: expected "
                + expected
                + ", got of "
                + slot.word()
                + " priority "
                + control.priority(index)
                + ", tries "
                + control.tries(index)
                + (control.isSuccessful(index) ? ", successful" : "")
                + (control.isCorrupted(index) ? ", corrupted" : ""));
      }
    }

    boolean agrees(ActivationRecord record) {
      return record.active() == active && record.trial().equals(trial);
    }

    /** Priority 0 of what is active or on trial gives it up: others say that so. */
    ActivationRecord withoutGivenUp(ActivationRecord record) {
      ActivationRecord left = record;
      if (active == Slot.BASE && record.active() != Slot.BASE && !isChosen(record.active())) {
        left = left.givenUpByOthers(record.active());
      }
      if (!trial.isPresent() && record.trial().filter(slot -> !isChosen(slot)).isPresent()) {
        left = left.givenUpByOthers(record.trial().get());
      }
      return left;
    }

    private boolean isChosen(Slot slot) {
      return active == slot || trial.equals(Optional.of(slot));
    }

    ActivationRecord counted(ActivationRecord record) {
      return new ActivationRecord(
          record.sequence(), active, starts, trial, tries, record.a(), record.b(), record.osSlot());
    }

    @Override
    public String toString() {
      return active.word() + " active, " + trial.map(Slot::word).orElse("none") + " on trial";
    }
  }
}
