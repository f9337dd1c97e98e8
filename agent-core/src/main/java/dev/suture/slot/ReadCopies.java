package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Both copies of a record, as far as the disk gives them. One that it does not give is what the
 * other one is there for, like a damaged one, and as for U-Boot: the next write goes over it.
 */
final class ReadCopies {
  /** How often a copy is read that the disk does not give: one failure may be the last. */
  private static final int READS_MAX = 3;

  private final List<Optional<byte[]>> copies = new ArrayList<>();
  private Optional<DeviceException> failure = Optional.empty();

  /** Reads both. */
  ReadCopies(RecordMedium medium) {
    for (int number = 0; number < RecordMedium.COPIES; number++) {
      copies.add(read(medium, number));
    }
  }

  private Optional<byte[]> read(RecordMedium medium, int number) {
    for (int read = 1; ; read++) {
      try {
        return Optional.of(medium.read(number));
      } catch (DeviceException e) {
        if (read == READS_MAX) {
          failure = Optional.of(e);
          return Optional.empty();
        }
      }
    }
  }

  /** What a copy holds; empty if it cannot be read. */
  Optional<byte[]> copy(int number) {
    return copies.get(number);
  }

  /** What both hold, as far as it can be read, one behind the other. */
  byte[] all() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Optional<byte[]> copy : copies) {
      copy.ifPresent(bytes -> all.write(bytes, 0, bytes.length));
    }
    return all.toByteArray();
  }

  /**
   * Passes if both were read. If not, and the other one is no record, or not the one that was read
   * before, nobody knows what the record is.
   *
   * @throws DeviceException what the disk said, for most {@code STORAGE_IO}
   */
  void requireBoth() throws DeviceException {
    if (failure.isPresent()) {
      throw failure.get();
    }
  }
}
