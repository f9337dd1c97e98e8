package dev.suture.arm64.device;

import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.DmIoctl;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.util.Optional;

/**
 * Block devices whose every block is held against a dm-verity tree; a block that does not fit is an
 * I/O error for who reads it. All calls to the device-mapper are in this file.
 */
public final class VerityDevices {
  private static final String CONTROL = "/dev/mapper/control";

  /** Where the kernel (devtmpfs) makes the node; links by name would need udev. */
  private static final String NODE = "/dev/dm-";

  private final Control control;

  /** How often a name is tried whose device the kernel is just removing. */
  private static final int CREATIONS_MAX = 16;

  /** The kernel's device-mapper. */
  interface Control {
    /** Sends one request; the answer is in the request. */
    void call(DmIoctl request, long number) throws LinuxException;

    /** Opens a device. */
    LinuxFile hold(String path) throws LinuxException;
  }

  /** The kernel's device-mapper. */
  public VerityDevices() {
    this(
        new Control() {
          @Override
          public void call(DmIoctl request, long number) throws LinuxException {
            try (LinuxFile file = LinuxFile.open(CONTROL, Uapi.O_RDWR)) {
              request.call(file, number);
            }
          }

          @Override
          public LinuxFile hold(String path) throws LinuxException {
            return LinuxFile.open(path, Uapi.O_RDONLY);
          }
        });
  }

  VerityDevices(Control control) {
    this.control = control;
  }

  /**
   * A verified device. It lives as long as somebody has it open: this object, until it is closed or
   * the process dies, or a mount.
   */
  public final class VerityDevice implements AutoCloseable {
    private final String name;
    private final DeviceNumber number;
    private final LinuxFile held;

    private VerityDevice(String name, DeviceNumber number, LinuxFile held) {
      this.name = name;
      this.number = number;
      this.held = held;
    }

    /** {@code /dev/dm-N}. */
    public String path() {
      return node(number);
    }

    /** Its device number. */
    public DeviceNumber number() {
      return number;
    }

    /** Whether every block that was read so far fitted the tree. */
    public boolean isClean() throws DeviceException {
      DmIoctl status = new DmIoctl(0).name(name);
      call("look at " + name, status, Uapi.DM_TABLE_STATUS);
      return status.targetText().trim().equals("V");
    }

    @Override
    public void close() throws DeviceException {
      held.close();
      // The kernel removes it by itself, but later; this way it is gone on return.
      remove(name);
    }
  }

  /**
   * Makes the device {@code name} over data and tree on {@code lower}, tells the kernel the
   * identity, and reads back what it understood before the device goes live. A device of that name
   * that nobody uses is what a killed agent left, and is replaced.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}; no device is left then
   */
  public VerityDevice open(String name, DeviceNumber lower, ImageIdentity identity)
      throws DeviceException {
    VerityTable table = VerityTable.of(lower, identity);
    DeviceNumber number = create(name);
    boolean kept = false;
    try {
      DmIoctl load =
          new DmIoctl(Uapi.DM_READONLY_FLAG)
              .name(name)
              .target(VerityTable.TYPE, table.sectors(), table.parameters());
      call("load the verity table of " + name, load, Uapi.DM_TABLE_LOAD);
      checkTable(name, table, Uapi.DM_QUERY_INACTIVE_TABLE_FLAG);
      // Without DM_SUSPEND_FLAG this resumes: the loaded table becomes the live one.
      call("start " + name, new DmIoctl(0).name(name), Uapi.DM_DEV_SUSPEND);
      checkTable(name, table, 0);
      VerityDevice device = new VerityDevice(name, number, hold(name, number));
      // From here on it goes with its last user, whatever becomes of this process.
      remove(name);
      kept = true;
      return device;
    } finally {
      if (!kept) {
        remove(name);
      }
    }
  }

  /**
   * The live table of a device, if the device-mapper has such a device and it is one that {@link
   * #open} makes.
   */
  public Optional<VerityTable> table(DeviceNumber number) throws DeviceException {
    DmIoctl status = new DmIoctl(Uapi.DM_STATUS_TABLE_FLAG).device(number);
    try {
      control.call(status, Uapi.DM_TABLE_STATUS);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENXIO || e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw KernelFailures.of("read the table of device " + number, e);
    }
    if (status.targetCount() != 1 || !status.targetType().equals(VerityTable.TYPE)) {
      return Optional.empty();
    }
    try {
      return Optional.of(VerityTable.parse(status.targetText()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private DeviceNumber create(String name) throws DeviceException {
    for (int creation = 1; creation <= CREATIONS_MAX; creation++) {
      DmIoctl create = newDevice(name);
      try {
        control.call(create, Uapi.DM_DEV_CREATE);
        return create.device();
      } catch (LinuxException e) {
        if (e.errno() != Errno.EBUSY) {
          throw KernelFailures.of("create " + name, e);
        }
      }
      int users = users(name);
      if (users != 0) {
        throw KernelFailures.unexpected(
            "create " + name, "no device in use by that name", users + " users");
      }
      remove(name);
    }
    throw KernelFailures.unexpected(
        "create " + name, "a free name", "EBUSY " + CREATIONS_MAX + " times");
  }

  private int users(String name) throws DeviceException {
    DmIoctl status = new DmIoctl(0).name(name);
    try {
      control.call(status, Uapi.DM_DEV_STATUS);
      return status.openCount();
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENXIO) {
        return 0;
      }
      throw KernelFailures.of("look at " + name, e);
    }
  }

  private static DmIoctl newDevice(String name) {
    return new DmIoctl(Uapi.DM_READONLY_FLAG).name(name).uuid("SUTURE-VERITY-" + name);
  }

  private void checkTable(String name, VerityTable table, int which) throws DeviceException {
    String attempt = "read back the verity table of " + name;
    DmIoctl status = new DmIoctl(Uapi.DM_STATUS_TABLE_FLAG | which).name(name);
    call(attempt, status, Uapi.DM_TABLE_STATUS);
    String got =
        status.targetCount()
            + " target: "
            + status.targetStart()
            + " "
            + status.targetSectors()
            + " "
            + status.targetType()
            + " "
            + status.targetText().trim();
    String expected =
        "1 target: 0 " + table.sectors() + " " + VerityTable.TYPE + " " + table.parameters();
    if (!got.equals(expected)) {
      throw KernelFailures.unexpected(attempt, expected, got);
    }
    if ((status.flags() & Uapi.DM_READONLY_FLAG) == 0) {
      throw KernelFailures.unexpected(attempt, "a read-only table", "a writable one");
    }
  }

  private LinuxFile hold(String name, DeviceNumber number) throws DeviceException {
    try {
      return control.hold(node(number));
    } catch (LinuxException e) {
      throw KernelFailures.of("open " + name, e);
    }
  }

  private static String node(DeviceNumber number) {
    return NODE + number.minor();
  }

  /** Removes a device, now or, where it is in use, with its last user. One that is gone is fine. */
  private void remove(String name) throws DeviceException {
    try {
      control.call(new DmIoctl(Uapi.DM_DEFERRED_REMOVE).name(name), Uapi.DM_DEV_REMOVE);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENXIO) {
        throw KernelFailures.of("remove " + name, e);
      }
    }
  }

  private void call(String attempt, DmIoctl request, long number) throws DeviceException {
    try {
      control.call(request, number);
    } catch (LinuxException e) {
      throw KernelFailures.of(attempt, e);
    }
  }
}
