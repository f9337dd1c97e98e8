package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.ByteArrayOutputStream;
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
    return newest().orElseThrow(() -> damaged()).record;
  }

  @Override
  public void store(ActivationRecord record) throws DeviceException {
    Optional<Copy> newest = newest();
    if (newest.isPresent() && record.sequence() != newest.get().record.sequence() + 1) {
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
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int copy = 0; copy < RecordMedium.COPIES; copy++) {
      byte[] bytes = medium.read(copy);
      all.write(bytes, 0, bytes.length);
    }
    return all.toByteArray();
  }

  private Optional<Copy> newest() throws DeviceException {
    Optional<Copy> newest = Optional.empty();
    for (int number = 0; number < RecordMedium.COPIES; number++) {
      byte[] bytes = medium.read(number);
      ActivationRecord record;
      try {
        record = ActivationRecordCodec.decode(bytes);
      } catch (IllegalArgumentException e) {
        continue; // A damaged copy is what the other one is there for.
      }
      if (!newest.isPresent() || record.sequence() > newest.get().record.sequence()) {
        newest = Optional.of(new Copy(number, record));
      }
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
