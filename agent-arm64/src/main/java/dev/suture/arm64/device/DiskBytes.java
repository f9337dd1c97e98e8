package dev.suture.arm64.device;

import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Some bytes of a disk. Every access is direct: what is read is what the disk has. Only whole
 * sectors can be read and written, of 512 or 4096 bytes as the disk says; what else is in those
 * sectors is written as it was read. A plain file on a file system with direct I/O in blocks of 512
 * bytes will do as well.
 */
final class DiskBytes {
  private static final int SECTOR_BYTES = 512;
  private static final int SECTOR_BYTES_MAX = 4096;

  private final Path device;
  private final long position;
  private final int length;
  private final String name;

  /**
   * On a device or file, which must exist.
   *
   * @param position where they begin in there
   * @param length how many they are
   * @param name what they are, for messages
   */
  DiskBytes(Path device, long position, int length, String name) {
    this.device = device;
    this.position = position;
    this.length = length;
    this.name = name + " on " + device;
  }

  /** Where their sectors are. */
  private record Sectors(long position, int length, int before) {}

  /**
   * Reads them from the disk.
   *
   * @return they, which belong to the caller
   * @throws DeviceException {@code STORAGE_IO}
   */
  byte[] read() throws DeviceException {
    try (LinuxFile file = open(Uapi.O_RDONLY)) {
      Sectors sectors = sectors(file);
      byte[] read = read(file, sectors);
      return Arrays.copyOfRange(read, sectors.before, sectors.before + length);
    } catch (LinuxException e) {
      throw failed("read", e);
    }
  }

  /**
   * One write of their sectors, then fdatasync, then these are read back from the disk and
   * compared. Durable on return. If power fails inside, each sector holds its old content, the new
   * one, or (on a bad disk) garbage; no other sector is touched.
   *
   * @throws DeviceException {@code STORAGE_READ_ONLY} or {@code STORAGE_IO}; what their sectors
   *     hold is unknown then
   */
  void write(byte[] bytes) throws DeviceException {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          name + ": expected " + length + " bytes, got " + bytes.length);
    }
    try (LinuxFile file = open(Uapi.O_RDWR)) {
      Sectors sectors = sectors(file);
      byte[] whole = bytes;
      if (sectors.length != length) {
        whole = read(file, sectors);
        System.arraycopy(bytes, 0, whole, sectors.before, length);
      }
      ByteBuffer memory = LinuxFile.directMemory(sectors.length);
      memory.put(0, whole);
      int written = file.write(memory, sectors.length, sectors.position);
      if (written != sectors.length) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "write " + name + ": expected " + sectors.length + " bytes, got " + written);
      }
      file.fdatasync();
      if (!Arrays.equals(read(file, sectors), whole)) {
        throw new DeviceException(
            FailureCode.STORAGE_IO,
            "read back " + name + ": expected what was written, got other bytes");
      }
    } catch (LinuxException e) {
      throw failed("write", e);
    }
  }

  /**
   * Whether a write of these is one of others as well; no, if the disk cannot be opened, which
   * reading them will say.
   *
   * @throws DeviceException {@code STORAGE_IO} if its sectors are too long
   */
  boolean sharesSectorWith(DiskBytes other) throws DeviceException {
    if (!device.equals(other.device)) {
      return false;
    }
    try (LinuxFile file = open(Uapi.O_RDONLY)) {
      Sectors ours = sectors(file);
      Sectors others = other.sectors(file);
      return ours.position < others.position + others.length
          && others.position < ours.position + ours.length;
    } catch (LinuxException e) {
      return false;
    }
  }

  private Sectors sectors(LinuxFile file) throws LinuxException, DeviceException {
    int sector = sectorBytes(file);
    if (sector > SECTOR_BYTES_MAX) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          name + ": expected sectors of at most " + SECTOR_BYTES_MAX + " bytes, got " + sector);
    }
    long from = position / sector * sector;
    long to = (position + length + sector - 1) / sector * sector;
    return new Sectors(from, Math.toIntExact(to - from), Math.toIntExact(position - from));
  }

  /** Of a plain file, what its file system takes. */
  private static int sectorBytes(LinuxFile file) throws LinuxException {
    try {
      return Math.max(SECTOR_BYTES, file.ioctlGetInt(Uapi.BLKSSZGET));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOTTY) {
        return SECTOR_BYTES;
      }
      throw e;
    }
  }

  private byte[] read(LinuxFile file, Sectors sectors) throws LinuxException, DeviceException {
    ByteBuffer memory = LinuxFile.directMemory(sectors.length);
    int got = file.read(memory, sectors.length, sectors.position);
    if (got != sectors.length) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          "read " + name + ": expected " + sectors.length + " bytes, got " + got);
    }
    byte[] read = new byte[sectors.length];
    memory.get(0, read);
    return read;
  }

  private LinuxFile open(int access) throws LinuxException {
    return LinuxFile.open(device.toString(), access | LinuxFile.O_DIRECT);
  }

  private DeviceException failed(String attempt, LinuxException e) {
    boolean readOnly =
        e.errno() == Errno.EROFS || e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
    String hint = e.errno() == Errno.EINVAL ? " (expected direct I/O in the disk's sectors)" : "";
    return new DeviceException(
        readOnly ? FailureCode.STORAGE_READ_ONLY : FailureCode.STORAGE_IO,
        attempt + " " + name + ": " + e.getMessage() + hint,
        e);
  }

  @Override
  public String toString() {
    return name;
  }
}
