package dev.suture.arm64.device;

import dev.suture.arm64.device.LoopDevices.LoopDevice;
import dev.suture.arm64.device.VerityDevices.VerityDevice;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Mounts the images of a slot over those of base: file, loop device, dm-verity, EROFS. Each of the
 * three kernel objects goes away by itself with its last user, so one unmount, by whomever, undoes
 * all of it.
 */
public final class ComponentMounter {
  /** So many digits of the root make the device's name: different images, different names. */
  private static final int ROOT_DIGITS = 16;

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
            verities.open(deviceName(component, identity), loop.number(), identity)) {
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

  private static String deviceName(ComponentName component, ImageIdentity identity) {
    return "suture-" + component + "-" + identity.verityRoot().hex().substring(0, ROOT_DIGITS);
  }
}
