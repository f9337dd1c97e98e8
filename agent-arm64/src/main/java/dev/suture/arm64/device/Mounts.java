package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mounts and unmounts, and tells what is mounted. */
public final class Mounts {
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

  /**
   * Mounts an EROFS file system read-only, without device nodes and set-uid programs; over what is
   * mounted there already.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void mountErofs(String device, Path mountPoint) throws DeviceException {
    try {
      Linux.mount(
          device, mountPoint.toString(), "erofs", Uapi.MS_RDONLY | Uapi.MS_NODEV | Uapi.MS_NOSUID);
    } catch (LinuxException e) {
      throw KernelFailures.of("mount " + device + " at " + mountPoint, e);
    }
  }

  /**
   * Unmounts the topmost file system at a mount point.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}, also when a process still uses it
   */
  public void unmount(Path mountPoint) throws DeviceException {
    try {
      Linux.unmount(mountPoint.toString(), Uapi.UMOUNT_NOFOLLOW);
    } catch (LinuxException e) {
      throw KernelFailures.of("unmount " + mountPoint, e);
    }
  }

  /** What is mounted now. */
  public MountTable table() throws DeviceException {
    try {
      return MountTable.parse(Files.readString(MOUNTINFO));
    } catch (IOException | IllegalArgumentException e) {
      throw KernelFailures.unexpected("read " + MOUNTINFO, "the list of mounts", e.toString());
    }
  }
}
