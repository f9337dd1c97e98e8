package dev.suture.arm64.device;

import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.slot.MiscMedium;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The partition {@code misc}, or a file with its content. Every access is direct: what is read is
 * what the disk has, and a write touches exactly one sector of the disk, 512 or 4096 bytes.
 */
public final class MiscPartition implements MiscMedium {
  private static final int CONTROL_AT = 2048;
  private static final int CONTROL_BYTES = 32;
  private static final int SECTOR_BYTES = 512;

  private final Path device;

  /** On this device or file, which must exist. */
  public MiscPartition(Path device) {
    this.device = device;
  }

  /**
   * Reads its beginning from the disk.
   *
   * @throws DeviceException {@code STORAGE_IO}
   */
  @Override
  public byte[] read() throws DeviceException {
    try (LinuxFile file = open(Uapi.O_RDONLY)) {
      return read(file, 0, BYTES);
    } catch (LinuxException e) {
      throw failed("read", e);
    }
  }

  /**
   * One write of one sector, then fdatasync, then it is read back from the disk and compared.
   *
   * @throws DeviceException {@code STORAGE_READ_ONLY} or {@code STORAGE_IO}; what the sector holds
   *     is unknown then
   */
  @Override
  public void write(byte[] control) throws DeviceException {
    if (control.length != CONTROL_BYTES) {
      throw new IllegalArgumentException(
          "bootloader_control: expected " + CONTROL_BYTES + " bytes, got " + control.length);
    }
    try (LinuxFile file = open(Uapi.O_RDWR)) {
      int bytes = sectorBytes(file);
      long position = CONTROL_AT / bytes * (long) bytes;
      byte[] sector = read(file, position, bytes);
      System.arraycopy(control, 0, sector, CONTROL_AT % bytes, CONTROL_BYTES);
      ByteBuffer memory = LinuxFile.directMemory(bytes);
      memory.put(0, sector);
      int written = file.write(memory, bytes, position);
      if (written != bytes) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "write " + device + ": expected " + bytes + " bytes, got " + written);
      }
      file.fdatasync();
      if (!Arrays.equals(read(file, position, bytes), sector)) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "read back " + device + ": expected what was written, got other bytes");
      }
    } catch (LinuxException e) {
      throw failed("write", e);
    }
  }

  /** Of a plain file, what its file system takes. */
  private static int sectorBytes(LinuxFile file) throws LinuxException {
    try {
      return file.ioctlGetInt(Uapi.BLKSSZGET) > SECTOR_BYTES ? BYTES : SECTOR_BYTES;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOTTY) {
        return SECTOR_BYTES;
      }
      throw e;
    }
  }

  private byte[] read(LinuxFile file, long position, int bytes)
      throws LinuxException, DeviceException {
    ByteBuffer memory = LinuxFile.directMemory(bytes);
    int got = file.read(memory, bytes, position);
    if (got != bytes) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "read " + device + ": expected " + bytes + " bytes, got " + got);
    }
    byte[] read = new byte[bytes];
    memory.get(0, read);
    return read;
  }

  private LinuxFile open(int access) throws LinuxException {
    return LinuxFile.open(device.toString(), access | LinuxFile.O_DIRECT);
  }

  private DeviceException failed(String attempt, LinuxException e) {
    boolean readOnly =
        e.errno() == Errno.EROFS || e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
    return new DeviceException(
        readOnly ? FailureCode.STORAGE_READ_ONLY : FailureCode.STORAGE_IO,
        attempt + " " + device + ": " + e.getMessage(),
        e);
  }
}
