package dev.suture.slot;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.Optional;

/**
 * {@link BootControl} as variables of a redundant U-Boot environment, which other programs read and
 * write as well: their variables stay as they are. Which copy counts is decided as U-Boot decides
 * it; what the record is, by that copy alone.
 */
public final class EnvironmentRecord implements BootControl {
  private final RecordMedium medium;
  private final EnvironmentNames names;
  private final boolean isOurs;
  private final RecordLock lock;

  /**
   * The record in this environment.
   *
   * @param names what its variables are called
   * @param isOurs whether nobody else has variables in it: then it is made anew when no copy is
   *     valid. Otherwise it never is, since U-Boot would take what is left for all of its variables
   * @param lock held while it is read, changed and written back
   */
  public EnvironmentRecord(
      RecordMedium medium, EnvironmentNames names, boolean isOurs, RecordLock lock) {
    this.medium = medium;
    this.names = names;
    this.isOurs = isOurs;
    this.lock = lock;
  }

  /**
   * The record in the copy that counts.
   *
   * @throws DeviceException {@code ACTIVATION_RECORD_DAMAGED} if no copy is valid, or there is no
   *     record in the one that counts, or one that contradicts itself
   */
  @Override
  public ActivationRecord load() throws DeviceException {
    Copy copy = current(new ReadCopies(medium)).orElseThrow(EnvironmentRecord::noCopy);
    try {
      return names.record(copy.environment);
    } catch (IllegalArgumentException e) {
      throw damaged("copy " + copy.number + ": " + e.getMessage());
    }
  }

  /**
   * Replaces the record, and no other variable: first in the copy that does not count, so that a
   * cut inside leaves the other one untouched; then in that one, so that damage of one copy loses
   * nothing.
   *
   * @throws DeviceException {@code DISK_FULL} if it does not fit, {@code ACTIVATION_RECORD_DAMAGED}
   *     if no copy is valid and others have variables in it: nothing was written; {@code
   *     STORAGE_IO}
   */
  @Override
  public void store(ActivationRecord record) throws DeviceException {
    RecordLock.Held held = lock.acquire();
    try {
      storeLocked(record);
    } finally {
      held.close();
    }
  }

  @Override
  public boolean countStart(Slot slot) throws DeviceException {
    RecordLock.Held held = lock.acquire();
    try {
      ActivationRecord before = load();
      Optional<ActivationRecord> counted =
          names.startCounted(
              current(new ReadCopies(medium)).orElseThrow(EnvironmentRecord::noCopy).environment,
              slot);
      if (counted.isPresent() && !counted.get().equals(before)) {
        storeLocked(counted.get());
      }
      return counted.isPresent();
    } finally {
      held.close();
    }
  }

  private void storeLocked(ActivationRecord record) throws DeviceException {
    ReadCopies copies = new ReadCopies(medium);
    Optional<Copy> current = current(copies);
    requireNext(copies, current, record);
    if (!current.isPresent() && !isOurs) {
      throw damaged(
          "expected a valid copy, got none of two; not made anew, since others have variables in"
              + " it: write it with fw_setenv, or U-Boot's saveenv");
    }
    UbootEnvironment next =
        current
            .map(copy -> copy.environment)
            .orElse(UbootEnvironment.EMPTY)
            .with(names.variables(record));
    int target = current.map(copy -> 1 - copy.number).orElse(0);
    int bytes = current.isPresent() ? current.get().bytes : medium.read(target).length;
    write(next, target, bytes, next.flags() + 1);
    write(next, 1 - target, bytes, next.flags() + 2);
  }

  private void requireNext(ReadCopies copies, Optional<Copy> current, ActivationRecord record)
      throws DeviceException {
    long newest;
    try {
      if (!current.isPresent()) {
        return;
      }
      newest = names.record(current.get().environment).sequence();
    } catch (IllegalArgumentException e) {
      return; // No record: the first one may have any sequence.
    }
    if (record.sequence() != newest + 1) {
      copies.requireBoth();
      throw new IllegalArgumentException(
          "activation record: expected sequence " + (newest + 1) + ", got " + record.sequence());
    }
  }

  private void write(UbootEnvironment environment, int copy, int bytes, int flags)
      throws DeviceException {
    byte[] encoded;
    try {
      encoded = environment.encode(bytes, flags % (UbootEnvironment.FLAGS_MAX + 1));
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.DISK_FULL, String.valueOf(e.getMessage()), e);
    }
    medium.write(copy, encoded);
  }

  @Override
  public byte[] raw() throws DeviceException {
    return new ReadCopies(medium).all();
  }

  private static Optional<Copy> current(ReadCopies copies) throws DeviceException {
    Optional<Copy> first = copy(copies, 0);
    Optional<Copy> second = copy(copies, 1);
    if (!first.isPresent() && !second.isPresent()) {
      copies.requireBoth();
    }
    boolean isFirst =
        !second.isPresent()
            || first.isPresent()
                && first.get().environment.isNewerOrEqual(second.get().environment);
    return isFirst ? first : second;
  }

  private static Optional<Copy> copy(ReadCopies copies, int number) {
    Optional<byte[]> bytes = copies.copy(number);
    if (!bytes.isPresent()) {
      return Optional.empty();
    }
    try {
      UbootEnvironment environment = UbootEnvironment.decode(bytes.get());
      return Optional.of(new Copy(number, environment, bytes.get().length));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // A damaged copy is what the other one is there for.
    }
  }

  private static DeviceException noCopy() {
    return damaged("expected a valid copy, got none of two");
  }

  private static DeviceException damaged(String what) {
    return new DeviceException(
        FailureCode.ACTIVATION_RECORD_DAMAGED,
        "activation record in U-Boot's environment: " + what);
  }

  private static final class Copy {
    final int number;
    final UbootEnvironment environment;
    final int bytes;

    Copy(int number, UbootEnvironment environment, int bytes) {
      this.number = number;
      this.environment = environment;
      this.bytes = bytes;
    }
  }
}
