package dev.suture.arm64.device;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.RecordMedium;
import java.nio.file.Path;
import java.util.List;

/**
 * Two copies on raw partitions that the bootloader reads too; of the raw record 512 bytes each,
 * half a MiB apart, so that no sector and no erase block holds both. Every access is direct: what
 * is read is what the disk has, and a write touches exactly the sectors of one copy.
 *
 * <p>A plain file on a file system with direct I/O will do as well.
 */
public final class PartitionRecordMedium implements RecordMedium {
  private static final int COPY_BYTES = ActivationRecordCodec.BYTES;
  private static final long COPY_DISTANCE_BYTES = 512 * 1024;

  private final List<DiskBytes> copies;

  /**
   * Where a copy is.
   *
   * @param device a device or file, which must exist
   * @param position where it begins in there
   * @param bytes its length; no sector of it holds bytes of the other copy
   */
  public record Place(Path device, long position, int bytes) {}

  /** The copies of the raw record on this device or file, which must exist. */
  public PartitionRecordMedium(Path device) {
    this(new Place(device, 0, COPY_BYTES), new Place(device, COPY_DISTANCE_BYTES, COPY_BYTES));
  }

  /** Copies in these places, which have one length. */
  public PartitionRecordMedium(Place first, Place second) {
    this.copies = List.of(bytes(first, 0), bytes(second, 1));
  }

  private static DiskBytes bytes(Place place, int copy) {
    return new DiskBytes(
        place.device, place.position, place.bytes, "copy " + copy + " of the activation record");
  }

  /**
   * Reads a copy, 0 or 1, from the disk.
   *
   * @return its bytes, which belong to the caller
   * @throws DeviceException {@code STORAGE_IO}
   */
  @Override
  public byte[] read(int copy) throws DeviceException {
    return copy(copy).read();
  }

  /**
   * Writes a copy, 0 or 1: one write of its sectors, then fdatasync, then it is read back from the
   * disk and compared. Durable on return. If power fails inside, each sector holds its old content,
   * the new one, or (on a bad disk) garbage; the other copy is not touched.
   *
   * @throws DeviceException {@code STORAGE_READ_ONLY} or {@code STORAGE_IO}; what the copy holds is
   *     unknown then
   */
  @Override
  public void write(int copy, byte[] bytes) throws DeviceException {
    copy(copy).write(bytes);
  }

  /**
   * Expects that no sector of the disk holds bytes of both copies: one torn write would damage
   * both.
   *
   * @throws DeviceException {@code CONFIG_INVALID}; {@code STORAGE_IO}
   */
  public void requireSectorsApart() throws DeviceException {
    if (copies.get(0).sharesSectorWith(copies.get(1))) {
      throw new DeviceException(
          FailureCode.CONFIG_INVALID,
          copies.get(0)
              + ": expected no sector of the disk in common with the other copy, got one");
    }
  }

  private DiskBytes copy(int copy) {
    if (copy < 0 || copy >= COPIES) {
      throw new IllegalArgumentException("copy: expected 0 or 1, got " + copy);
    }
    return copies.get(copy);
  }
}
