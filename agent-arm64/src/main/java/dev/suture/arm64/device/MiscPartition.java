package dev.suture.arm64.device;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.slot.MiscMedium;
import java.nio.file.Path;

/**
 * The partition {@code misc}, or a file with its content. Every access is direct: what is read is
 * what the disk has, and a write touches exactly one sector of the disk, 512 or 4096 bytes.
 */
public final class MiscPartition implements MiscMedium {
  private static final int CONTROL_AT = 2048;
  private static final int CONTROL_BYTES = 32;

  private final DiskBytes beginning;
  private final DiskBytes control;

  /** On this device or file, which must exist. */
  public MiscPartition(Path device) {
    this.beginning = new DiskBytes(device, 0, BYTES, "misc");
    this.control = new DiskBytes(device, CONTROL_AT, CONTROL_BYTES, "bootloader_control");
  }

  /**
   * Reads its beginning from the disk.
   *
   * @throws DeviceException {@code STORAGE_IO}
   */
  @Override
  public byte[] read() throws DeviceException {
    return beginning.read();
  }

  /**
   * One write of one sector, then fdatasync, then it is read back from the disk and compared.
   *
   * @throws DeviceException {@code STORAGE_READ_ONLY} or {@code STORAGE_IO}; what the sector holds
   *     is unknown then
   */
  @Override
  public void write(byte[] bytes) throws DeviceException {
    control.write(bytes);
  }
}
