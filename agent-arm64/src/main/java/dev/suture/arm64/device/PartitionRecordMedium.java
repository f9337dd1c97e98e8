package dev.suture.arm64.device;

import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.RecordMedium;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Two copies on raw partitions that the bootloader reads too; of the raw record one sector each,
 * half a MiB apart, so that no erase block holds both. Every access is direct: what is read is what
 * the disk has, and a write touches exactly the sectors of one copy.
 *
 * <p>A plain file on a file system with direct I/O will do as well.
 */
public final class PartitionRecordMedium implements RecordMedium {
  /** Length of a copy: one sector. */
  private static final int COPY_BYTES = ActivationRecordCodec.BYTES;

  private static final long COPY_DISTANCE_BYTES = 512 * 1024;

  private final List<Place> places;

  /**
   * Where a copy is.
   *
   * @param device a device or file, which must exist
   * @param position where it begins in there, in whole sectors
   * @param bytes its length, in whole sectors
   */
  public record Place(Path device, long position, int bytes) {}

  /** The copies of the raw record on this device or file, which must exist. */
  public PartitionRecordMedium(Path device) {
    this(new Place(device, 0, COPY_BYTES), new Place(device, COPY_DISTANCE_BYTES, COPY_BYTES));
  }

  /** Copies in these places, which have one length. */
  public PartitionRecordMedium(Place first, Place second) {
    this.places = List.of(first, second);
  }

  /**
   * Reads a copy, 0 or 1, from the disk.
   *
   * @return its bytes, which belong to the caller
   * @throws DeviceException {@code STORAGE_IO}
   */
  @Override
  public byte[] read(int copy) throws DeviceException {
    try (LinuxFile file = open(copy, Uapi.O_RDONLY)) {
      return read(file, copy);
    } catch (LinuxException e) {
      throw failed("read", copy, e);
    }
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
    Place place = place(copy);
    if (bytes.length != place.bytes()) {
      throw new IllegalArgumentException(
          "record: expected " + place.bytes() + " bytes, got " + bytes.length);
    }
    ByteBuffer sectors = LinuxFile.directMemory(bytes.length);
    sectors.put(0, bytes);
    try (LinuxFile file = open(copy, Uapi.O_RDWR)) {
      int written = file.write(sectors, bytes.length, place.position());
      if (written != bytes.length) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "write " + name(copy) + ": expected " + bytes.length + " bytes, got " + written);
      }
      file.fdatasync();
      if (!Arrays.equals(read(file, copy), bytes)) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "read back " + name(copy) + ": expected what was written, got other bytes");
      }
    } catch (LinuxException e) {
      throw failed("write", copy, e);
    }
  }

  private byte[] read(LinuxFile file, int copy) throws LinuxException, DeviceException {
    Place place = place(copy);
    ByteBuffer sectors = LinuxFile.directMemory(place.bytes());
    int got = file.read(sectors, place.bytes(), place.position());
    if (got != place.bytes()) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          "read " + name(copy) + ": expected " + place.bytes() + " bytes, got " + got);
    }
    byte[] bytes = new byte[place.bytes()];
    sectors.get(0, bytes);
    return bytes;
  }

  private LinuxFile open(int copy, int access) throws LinuxException {
    return LinuxFile.open(place(copy).device().toString(), access | LinuxFile.O_DIRECT);
  }

  private Place place(int copy) {
    if (copy < 0 || copy >= COPIES) {
      throw new IllegalArgumentException("copy: expected 0 or 1, got " + copy);
    }
    return places.get(copy);
  }

  private String name(int copy) {
    return "copy " + copy + " of the activation record on " + place(copy).device();
  }

  private DeviceException failed(String attempt, int copy, LinuxException e) {
    boolean readOnly =
        e.errno() == Errno.EROFS || e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
    String hint = e.errno() == Errno.EINVAL ? " (expected direct I/O in sectors of 512 bytes)" : "";
    return new DeviceException(
        readOnly ? FailureCode.STORAGE_READ_ONLY : FailureCode.STORAGE_IO,
        attempt + " " + name(copy) + ": " + e.getMessage() + hint,
        e);
  }
}
