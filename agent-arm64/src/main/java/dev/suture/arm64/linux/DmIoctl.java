package dev.suture.arm64.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * {@code struct dm_ioctl} with one {@code struct dm_target_spec} and its parameters behind it: a
 * request to the device-mapper, and after {@link #call} its answer.
 */
public final class DmIoctl {
  static final StructLayout LAYOUT = new StructLayout("dm_ioctl");
  static final StructLayout.Member VERSION = LAYOUT.member("version", 12);
  static final StructLayout.Member DATA_SIZE = LAYOUT.member("data_size", 4);
  static final StructLayout.Member DATA_START = LAYOUT.member("data_start", 4);
  static final StructLayout.Member TARGET_COUNT = LAYOUT.member("target_count", 4);
  static final StructLayout.Member OPEN_COUNT = LAYOUT.member("open_count", 4);
  static final StructLayout.Member FLAGS = LAYOUT.member("flags", 4);
  static final StructLayout.Member EVENT_NR = LAYOUT.member("event_nr", 4);
  static final StructLayout.Member PADDING = LAYOUT.member("padding", 4);
  static final StructLayout.Member DEV = LAYOUT.member("dev", 8);
  static final StructLayout.Member NAME = LAYOUT.member("name", 128);
  static final StructLayout.Member UUID = LAYOUT.member("uuid", 129);
  static final StructLayout.Member DATA = LAYOUT.member("data", 7);

  static final StructLayout TARGET_LAYOUT = new StructLayout("dm_target_spec");
  static final StructLayout.Member SECTOR_START = TARGET_LAYOUT.member("sector_start", 8);
  static final StructLayout.Member LENGTH = TARGET_LAYOUT.member("length", 8);
  static final StructLayout.Member STATUS = TARGET_LAYOUT.member("status", 4);
  static final StructLayout.Member NEXT = TARGET_LAYOUT.member("next", 4);
  static final StructLayout.Member TARGET_TYPE = TARGET_LAYOUT.member("target_type", 16);

  /** Room for the request, one target and its parameters; a verity table needs about 300 bytes. */
  private static final int REQUEST_BYTES = 4096;

  private static final int TARGET = LAYOUT.bytes();
  private static final int PARAMETERS = TARGET + TARGET_LAYOUT.bytes();

  private final ByteBuffer memory = StructLayout.memory(REQUEST_BYTES);

  /** A request with these {@code DM_*_FLAG}s for no device in particular. */
  public DmIoctl(int flags) {
    memory.putInt(VERSION.offset(), Uapi.DM_VERSION_MAJOR);
    DATA_SIZE.putInt(memory, REQUEST_BYTES);
    DATA_START.putInt(memory, TARGET);
    flags(flags);
  }

  /** Names the device: at most 127 ASCII characters. */
  public DmIoctl name(String name) {
    NAME.putText(memory, 0, name);
    return this;
  }

  /** Names the device by its number. */
  public DmIoctl device(DeviceNumber device) {
    DEV.putLong(memory, device.encoded());
    return this;
  }

  /** Replaces the {@code DM_*_FLAG}s. */
  public DmIoctl flags(int flags) {
    FLAGS.putInt(memory, flags);
    return this;
  }

  /** How often the device is open; the kernel's to say. */
  public DmIoctl openCount(int count) {
    OPEN_COUNT.putInt(memory, count);
    return this;
  }

  /** A second, unique name, given at creation: at most 128 ASCII characters. */
  public DmIoctl uuid(String uuid) {
    UUID.putText(memory, 0, uuid);
    return this;
  }

  /** A table of one target that begins at sector 0. */
  public DmIoctl target(String type, long sectors, String parameters) {
    byte[] ascii = parameters.getBytes(StandardCharsets.US_ASCII);
    if (ascii.length >= REQUEST_BYTES - PARAMETERS) {
      throw new IllegalArgumentException(
          "target parameters: expected fewer than "
              + (REQUEST_BYTES - PARAMETERS)
              + " bytes, got "
              + ascii.length);
    }
    TARGET_COUNT.putInt(memory, 1);
    memory.putLong(TARGET + SECTOR_START.offset(), 0);
    memory.putLong(TARGET + LENGTH.offset(), sectors);
    TARGET_TYPE.putText(memory, TARGET, type);
    memory.put(PARAMETERS, ascii);
    memory.put(PARAMETERS + ascii.length, (byte) 0);
    return this;
  }

  /** Sends the request {@code DM_*} to the open {@code /dev/mapper/control}; this is the answer. */
  public DmIoctl call(LinuxFile control, long request) throws LinuxException {
    control.ioctl(request, memory);
    return this;
  }

  /** Version of the kernel's interface: {@code 4.47.0}. */
  public String version() {
    int at = VERSION.offset();
    return memory.getInt(at) + "." + memory.getInt(at + 4) + "." + memory.getInt(at + 8);
  }

  /** {@code DM_*_FLAG}s. */
  public int flags() {
    return FLAGS.getInt(memory);
  }

  /** How often the device is open. */
  public int openCount() {
    return OPEN_COUNT.getInt(memory);
  }

  /** The device's number. */
  public DeviceNumber device() {
    return DeviceNumber.decode(DEV.getLong(memory));
  }

  /** The device's name. */
  public String name() {
    return NAME.getText(memory, 0);
  }

  /** How many targets the table has. */
  public int targetCount() {
    return TARGET_COUNT.getInt(memory);
  }

  /** First sector of the first target. */
  public long targetStart() {
    return memory.getLong(TARGET + SECTOR_START.offset());
  }

  /** Sectors of the first target. */
  public long targetSectors() {
    return memory.getLong(TARGET + LENGTH.offset());
  }

  /** Type of the first target. */
  public String targetType() {
    return TARGET_TYPE.getText(memory, TARGET);
  }

  /** Parameters (of a table) or status text of the first target. */
  public String targetText() {
    return StructLayout.text(memory, PARAMETERS, REQUEST_BYTES - PARAMETERS);
  }
}
