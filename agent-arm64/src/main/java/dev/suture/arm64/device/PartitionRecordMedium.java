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

/**
 * Two sectors of a raw partition that the bootloader reads too. They lie half a MiB apart, so that
 * no erase block holds both. Every access is direct: what is read is what the disk has, and a write
 * touches exactly one sector.
 *
 * <p>A plain file on a file system with direct I/O will do as well.
 */
public final class PartitionRecordMedium implements RecordMedium {
  /** Length of a copy: one sector. */
  private static final int COPY_BYTES = ActivationRecordCodec.BYTES;

  private static final long COPY_DISTANCE_BYTES = 512 * 1024;

  private final Path device;

  /** The copies on this device or file, which must exist. */
  public PartitionRecordMedium(Path device) {
    this.device = device;
  }

  /**
   * Reads a copy, 0 or 1, from the disk.
   *
   * @return its 512 bytes, which belong to the caller
   * @throws DeviceException {@code STORAGE_IO}
   */
  @Override
  public byte[] read(int copy) throws DeviceException {
    try (LinuxFile file = open(Uapi.O_RDONLY)) {
      return read(file, copy);
    } catch (LinuxException e) {
      throw failed("read", copy, e);
    }
  }

  /**
   * Writes a copy, 0 or 1: one write of one sector, then fdatasync, then it is read back from the
   * disk and compared. Durable on return. If power fails inside, the sector holds its old content,
   * the new one, or (on a bad disk) garbage; the other copy is not touched.
   *
   * @throws DeviceException {@code STORAGE_READ_ONLY} or {@code STORAGE_IO}; what the copy holds is
   *     unknown then
   */
  @Override
  public void write(int copy, byte[] bytes) throws DeviceException {
    if (bytes.length != COPY_BYTES) {
      throw new IllegalArgumentException(
          "record: expected " + COPY_BYTES + " bytes, got " + bytes.length);
    }
    ByteBuffer sector = LinuxFile.directMemory(COPY_BYTES);
    sector.put(0, bytes);
    try (LinuxFile file = open(Uapi.O_RDWR)) {
      int written = file.write(sector, COPY_BYTES, position(copy));
      if (written != COPY_BYTES) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "write " + name(copy) + ": expected " + COPY_BYTES + " bytes, got " + written);
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
    ByteBuffer sector = LinuxFile.directMemory(COPY_BYTES);
    int got = file.read(sector, COPY_BYTES, position(copy));
    if (got != COPY_BYTES) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          "read " + name(copy) + ": expected " + COPY_BYTES + " bytes, got " + got);
    }
    byte[] bytes = new byte[COPY_BYTES];
    sector.get(0, bytes);
    return bytes;
  }

  private LinuxFile open(int access) throws LinuxException {
    return LinuxFile.open(device.toString(), access | LinuxFile.O_DIRECT);
  }

  private static long position(int copy) {
    if (copy < 0 || copy >= COPIES) {
      throw new IllegalArgumentException("copy: expected 0 or 1, got " + copy);
    }
    return copy * COPY_DISTANCE_BYTES;
  }

  private String name(int copy) {
    return "copy " + copy + " of the activation record on " + device;
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
