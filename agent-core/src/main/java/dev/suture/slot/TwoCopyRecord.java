package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.util.Optional;

/**
 * {@link BootControl} as two checksummed copies with a sequence number. A write goes to the copy
 * that is not the newest valid one, so that a cut inside leaves the newest untouched, and then to
 * the other one, so that damage of one copy loses nothing.
 */
public final class TwoCopyRecord implements BootControl {
  private final RecordMedium medium;

  /** The record on this medium. */
  public TwoCopyRecord(RecordMedium medium) {
    this.medium = medium;
  }

  @Override
  public ActivationRecord load() throws DeviceException {
    return newest(new ReadCopies(medium)).orElseThrow(() -> damaged()).record;
  }

  @Override
  public void store(ActivationRecord record) throws DeviceException {
    ReadCopies copies = new ReadCopies(medium);
    Optional<Copy> newest = newest(copies);
    if (newest.isPresent() && record.sequence() != newest.get().record.sequence() + 1) {
      copies.requireBoth();
      throw new IllegalArgumentException(
          "activation record: expected sequence "
              + (newest.get().record.sequence() + 1)
              + ", got "
              + record.sequence());
    }
    byte[] bytes = ActivationRecordCodec.encode(record);
    int target = newest.isPresent() ? 1 - newest.get().number : 0;
    medium.write(target, bytes);
    // The record is changed. The other copy gets it as well, or else damage of one copy would bring
    // an older decision back.
    medium.write(1 - target, bytes);
  }

  @Override
  public byte[] raw() throws DeviceException {
    return new ReadCopies(medium).all();
  }

  private static Optional<Copy> newest(ReadCopies copies) throws DeviceException {
    Optional<Copy> newest = Optional.empty();
    for (int number = 0; number < RecordMedium.COPIES; number++) {
      if (!copies.copy(number).isPresent()) {
        continue;
      }
      ActivationRecord record;
      try {
        record = ActivationRecordCodec.decode(copies.copy(number).get());
      } catch (IllegalArgumentException e) {
        continue; // A damaged copy is what the other one is there for.
      }
      if (!newest.isPresent() || record.sequence() > newest.get().record.sequence()) {
        newest = Optional.of(new Copy(number, record));
      }
    }
    if (!newest.isPresent()) {
      copies.requireBoth();
    }
    return newest;
  }

  private static DeviceException damaged() {
    return new DeviceException(
        FailureCode.ACTIVATION_RECORD_DAMAGED,
        "activation record: expected a valid copy, got none of two");
  }

  private static final class Copy {
    final int number;
    final ActivationRecord record;

    Copy(int number, ActivationRecord record) {
      this.number = number;
      this.record = record;
    }
  }
}
