package dev.suture.arm64.live;

import dev.suture.arm64.device.ComponentMounter;
import dev.suture.arm64.device.MountTable;
import dev.suture.arm64.device.Mounts;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The file systems that belong to a component and are not what is mounted for it now, by asking the
 * kernel: what lies below the topmost mount, and every dm-verity device that was made of the
 * component and still exists, because somebody uses it. Nothing is remembered for it, so an agent
 * that was started again knows as much.
 */
public final class OldDevices {
  private static final Path BLOCK_DEVICES = Path.of("/sys/block");

  /** What is just going away is given two seconds. */
  private static final int ATTEMPTS_MAX = 40;

  private static final long PAUSE_MILLIS = 50;

  private final Mounts mounts;
  private final Map<ComponentName, Path> mountPoints;

  /** Of these components, mounted there. */
  public OldDevices(Mounts mounts, Map<ComponentName, Path> mountPoints) {
    this.mounts = mounts;
    this.mountPoints = Map.copyOf(mountPoints);
  }

  /**
   * Their numbers now.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  Set<DeviceNumber> now() throws DeviceException {
    MountTable table = mounts.table();
    Set<DeviceNumber> old = new HashSet<>(verityDevices().keySet());
    for (MountTable.Mount mount : table.mounts()) {
      if (isMountPoint(mount.mountPoint())) {
        old.add(mount.device());
      }
    }
    old.removeAll(seen(table));
    return old;
  }

  /**
   * What is seen at the places of these components now.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  Set<DeviceNumber> mountedFor(Set<ComponentName> components) throws DeviceException {
    MountTable table = mounts.table();
    Set<DeviceNumber> mounted = new HashSet<>();
    for (ComponentName component : components) {
      Optional.ofNullable(mountPoints.get(component))
          .flatMap(place -> table.at(place.toString()))
          .ifPresent(top -> mounted.add(top.device()));
    }
    return mounted;
  }

  /**
   * A dm-verity device that was made of a component, is not what is mounted for it, and does not go
   * away: somebody uses it. Waits a moment for one that is just going.
   *
   * @return its name
   */
  Optional<String> leftOver() throws DeviceException {
    for (int attempt = 1; ; attempt++) {
      Map<DeviceNumber, String> left = verityDevices();
      left.keySet().removeAll(seen(mounts.table()));
      if (left.isEmpty() || attempt == ATTEMPTS_MAX) {
        return left.values().stream().findFirst();
      }
      pause();
    }
  }

  /**
   * Where one of these devices can be seen in a mount table: anywhere but below the topmost mount
   * at a component's place.
   */
  Optional<String> mountedIn(MountTable table, Set<DeviceNumber> devices) {
    Set<DeviceNumber> topmost = seen(table);
    return table.mounts().stream()
        .filter(mount -> devices.contains(mount.device()))
        .filter(mount -> !isMountPoint(mount.mountPoint()) || topmost.contains(mount.device()))
        .map(MountTable.Mount::mountPoint)
        .findFirst();
  }

  private boolean isMountPoint(String place) {
    return mountPoints.values().stream().anyMatch(one -> one.toString().equals(place));
  }

  /** What is seen at the components' places. */
  private Set<DeviceNumber> seen(MountTable table) {
    Set<DeviceNumber> seen = new HashSet<>();
    for (Path mountPoint : mountPoints.values()) {
      table.at(mountPoint.toString()).ifPresent(top -> seen.add(top.device()));
    }
    return seen;
  }

  /** Every one that was made of a component, and its name. */
  private Map<DeviceNumber, String> verityDevices() throws DeviceException {
    Map<DeviceNumber, String> found = new HashMap<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(BLOCK_DEVICES, "dm-*")) {
      for (Path device : devices) {
        Optional<String> name = read(device.resolve("dm/name"));
        Optional<String> number = read(device.resolve("dev"));
        if (number.isPresent() && name.filter(this::isOfComponent).isPresent()) {
          found.put(DeviceNumber.parse(number.get()), name.get());
        }
      }
      return found;
    } catch (IOException | DirectoryIteratorException | IllegalArgumentException e) {
      throw new DeviceException(
          FailureCode.KERNEL_CALL_FAILED, "list the device-mapper's devices: " + e.getMessage(), e);
    }
  }

  private boolean isOfComponent(String deviceName) {
    return mountPoints.keySet().stream()
        .anyMatch(component -> ComponentMounter.isDeviceOf(component, deviceName));
  }

  /**
   * An attribute of a device; nothing if the device is gone. One that is just going answers with
   * errors until it is.
   */
  private static Optional<String> read(Path attribute) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return Optional.of(Files.readString(attribute).strip());
      } catch (NoSuchFileException e) {
        return Optional.empty();
      } catch (IOException e) {
        if (attempt == ATTEMPTS_MAX) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
