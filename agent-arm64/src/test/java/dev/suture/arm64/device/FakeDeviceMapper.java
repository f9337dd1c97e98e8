package dev.suture.arm64.device;

import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.DmIoctl;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A device-mapper that keeps tables and can be told to fail or to misunderstand. */
final class FakeDeviceMapper implements VerityDevices.Control {
  private static final int MAJOR = 253;

  final Map<String, Device> devices = new HashMap<>();

  /** Fails this request... */
  long failingRequest = -1;

  /** ...with this error. */
  int errno = Errno.EIO;

  /** Whether devices cannot be opened. */
  boolean failingHold;

  /** Requests so far, by number. */
  final List<Long> requests = new ArrayList<>();

  /** What becomes of a table on its way into the kernel. */
  UnaryOperator<String> misunderstanding = text -> text;

  private int created;

  /** A device: number, loaded and live table. */
  static final class Device {
    int minor;
    long sectors;
    @Nullable String loaded;
    @Nullable String live;
    boolean inUse;
    boolean marked;
  }

  /** Something that can be opened in the place of {@code /dev/dm-N}. */
  @Override
  public LinuxFile hold(String path) throws LinuxException {
    if (failingHold) {
      throw new LinuxException("open", path, Errno.ENOENT);
    }
    return LinuxFile.open("/dev/null", Uapi.O_RDONLY);
  }

  @Override
  public void call(DmIoctl request, long number) throws LinuxException {
    requests.add(number);
    if (number == failingRequest) {
      throw new LinuxException("ioctl", "fake", errno);
    }
    if (number == Uapi.DM_DEV_CREATE) {
      if (devices.containsKey(request.name())) {
        throw new LinuxException("ioctl", "create", Errno.EBUSY);
      }
      Device device = new Device();
      device.minor = created++;
      devices.put(request.name(), device);
      request.device(new DeviceNumber(MAJOR, device.minor));
      return;
    }
    Device device = find(request);
    if (number == Uapi.DM_DEV_REMOVE) {
      // A live device is held open by who made it when it is marked for removal; the second
      // removal comes after that one let go.
      boolean held = device.live != null && !device.marked;
      device.marked = true;
      if (!device.inUse && !held) {
        devices.remove(request.name());
      }
    } else if (number == Uapi.DM_TABLE_LOAD) {
      device.loaded = misunderstanding.apply(request.targetText());
      device.sectors = request.targetSectors();
    } else if (number == Uapi.DM_DEV_SUSPEND) {
      device.live = device.loaded;
      device.loaded = null;
    } else if (number == Uapi.DM_DEV_STATUS) {
      request.openCount(device.inUse ? 1 : 0);
    } else if (number == Uapi.DM_TABLE_STATUS) {
      boolean inactive = (request.flags() & Uapi.DM_QUERY_INACTIVE_TABLE_FLAG) != 0;
      boolean table = (request.flags() & Uapi.DM_STATUS_TABLE_FLAG) != 0;
      String text = inactive ? device.loaded : device.live;
      request.target("verity", device.sectors, table ? String.valueOf(text) : "V");
      request.flags(request.flags() | Uapi.DM_READONLY_FLAG);
    } else {
      throw new LinuxException("ioctl", "unknown", Errno.ENOTTY);
    }
  }

  private Device find(DmIoctl request) throws LinuxException {
    for (Map.Entry<String, Device> entry : devices.entrySet()) {
      boolean wanted =
          request.name().isEmpty()
              ? entry.getValue().minor == request.device().minor()
              : entry.getKey().equals(request.name());
      if (wanted) {
        return entry.getValue();
      }
    }
    throw new LinuxException("ioctl", "find", Errno.ENXIO);
  }
}
