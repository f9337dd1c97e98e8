package dev.suture.arm64.device;

import dev.suture.arm64.device.LoopDevices.LoopDevice;
import dev.suture.arm64.device.VerityDevices.VerityDevice;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Mounts the images of a slot over those of base: file, loop device, dm-verity, EROFS. Each of the
 * three kernel objects goes away by itself with its last user, so one unmount, by whomever, undoes
 * all of it.
 */
public final class ComponentMounter {
  /** So many digits of the root make the device's name: different images, different names. */
  private static final int ROOT_DIGITS = 16;

  private static final String PREFIX = "suture-";
  private static final Pattern NAME_REST = Pattern.compile("[0-9a-f]{" + ROOT_DIGITS + "}-[0-9]+");

  private final LoopDevices loops;
  private final VerityDevices verities;
  private final Mounts mounts;

  /** Works with the kernel by way of these. */
  public ComponentMounter(LoopDevices loops, VerityDevices verities, Mounts mounts) {
    this.loops = loops;
    this.verities = verities;
    this.mounts = mounts;
  }

  /**
   * Mounts an image, read-only, over what is mounted there. On return every block that is read
   * below {@code mountPoint} is held against the identity's verity root.
   *
   * @param component names the image in messages and in the device's name
   * @param image the slot's file: the image's bytes, then its hash tree
   * @param identity what the signed manifest says the image is
   * @throws DeviceException {@code SLOT_UNMOUNTABLE}; nothing is left mounted or attached then
   */
  public void mount(ComponentName component, Path image, ImageIdentity identity, Path mountPoint)
      throws DeviceException {
    boolean mounted = false;
    try (LoopDevice loop = loops.attach(image, identity);
        // Closing is what marks the device for removal, which the mount delays to its own end.
        VerityDevice verity =
            verities.open(
                deviceName(component, identity, loop.number()), loop.number(), identity)) {
      mounts.mountErofs(verity.path(), mountPoint);
      mounted = true;
      checkMounted(verity, mountPoint);
    } catch (DeviceException e) {
      if (mounted) {
        undo(mountPoint, e);
      }
      throw new DeviceException(
          FailureCode.SLOT_UNMOUNTABLE,
          component + " from " + image + " at " + mountPoint + ": " + e.explanation(),
          e);
    }
  }

  /**
   * Unmounts what {@link #mount} mounted last; what lay under it is seen again.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}, also when no verified image is mounted
   *     there (base is never unmounted) or a process still uses it
   */
  public void unmount(Path mountPoint) throws DeviceException {
    Optional<MountedImage> mounted = mounted(mountPoint);
    if (mounted.isEmpty() || mounted.get().verityRoot().isEmpty()) {
      throw KernelFailures.unexpected(
          "unmount " + mountPoint,
          "a verified image there",
          mounted.map(MountedImage::source).orElse("nothing"));
    }
    mounts.unmount(mountPoint);
  }

  /**
   * Takes away every verified image at a mount point, so that base is seen. Unlike {@link #unmount}
   * also while processes use them: those keep what they have.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void detachAll(Path mountPoint) throws DeviceException {
    while (mounted(mountPoint).flatMap(MountedImage::verityRoot).isPresent()) {
      mounts.detach(mountPoint);
    }
  }

  /**
   * Moves an image that {@link #mount} mounted elsewhere over what is mounted at a mount point.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}, also when something else is seen there then
   */
  public void move(Path from, Path mountPoint, ImageIdentity identity) throws DeviceException {
    mounts.move(from, mountPoint);
    Optional<Sha256> root = mounted(mountPoint).flatMap(MountedImage::verityRoot);
    if (!root.equals(Optional.of(identity.verityRoot()))) {
      throw KernelFailures.unexpected(
          "look at " + mountPoint,
          "verity root " + identity.verityRoot(),
          root.map(Sha256::toString).orElse("none"));
    }
  }

  /** What is seen at a mount point, by asking the kernel. */
  public Optional<MountedImage> mounted(Path mountPoint) throws DeviceException {
    Optional<MountTable.Mount> mount = mounts.table().at(mountPoint.toString());
    if (mount.isEmpty()) {
      return Optional.empty();
    }
    MountTable.Mount top = mount.get();
    Optional<VerityTable> table =
        top.source().startsWith("/dev/dm-") ? verities.table(top.device()) : Optional.empty();
    return Optional.of(
        new MountedImage(
            top.device(),
            top.source(),
            table.map(VerityTable::root),
            loops.backingFile(table.map(VerityTable::device).orElse(top.device()))));
  }

  private void checkMounted(VerityDevice verity, Path mountPoint) throws DeviceException {
    Optional<MountTable.Mount> mount = mounts.table().at(mountPoint.toString());
    boolean ours =
        mount.isPresent()
            && mount.get().device().equals(verity.number())
            && mount.get().has("ro")
            && mount.get().has("nosuid")
            && mount.get().has("nodev");
    if (!ours) {
      throw KernelFailures.unexpected(
          "look at " + mountPoint,
          "device " + verity.number() + " mounted ro,nosuid,nodev",
          mount.map(MountTable.Mount::toString).orElse("nothing"));
    }
  }

  private void undo(Path mountPoint, DeviceException because) {
    try {
      mounts.unmount(mountPoint);
    } catch (DeviceException e) {
      because.addSuppressed(e);
    }
  }

  /** The loop device makes it different where both slots hold the same image. */
  private static String deviceName(
      ComponentName component, ImageIdentity identity, DeviceNumber loop) {
    return PREFIX
        + component
        + "-"
        + identity.verityRoot().hex().substring(0, ROOT_DIGITS)
        + "-"
        + loop.minor();
  }

  /**
   * Whether a device-mapper device of this name is one that {@link #mount} makes of a component.
   */
  public static boolean isDeviceOf(ComponentName component, String deviceName) {
    String start = PREFIX + component + "-";
    return deviceName.startsWith(start)
        && NAME_REST.matcher(deviceName.substring(start.length())).matches();
  }
}
