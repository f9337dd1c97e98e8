package dev.suture.arm64.device;

import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.Uapi;
import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mounts and unmounts, and tells what is mounted. */
public final class Mounts {
  private static final Path SELF = Path.of("/proc/self");

  /** Some thousands of mounts. Any user may make more, in a name space of his own. */
  private static final int TABLE_BYTES_MAX = 1 << 20;

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

  /**
   * Takes away the topmost file system at a mount point. Who uses it keeps it, and it is gone with
   * the last of them.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void detach(Path mountPoint) throws DeviceException {
    try {
      Linux.unmount(mountPoint.toString(), Uapi.UMOUNT_NOFOLLOW | Uapi.MNT_DETACH);
    } catch (LinuxException e) {
      throw KernelFailures.of("detach " + mountPoint, e);
    }
  }

  /**
   * Makes a directory one below which things are mounted to be moved away, which the kernel refuses
   * below a shared mount: a private mount point. One that is a mount point already becomes private.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void makePrivate(Path directory) throws DeviceException {
    boolean isMountPoint = table().at(directory.toString()).isPresent();
    try {
      if (!isMountPoint) {
        Linux.bindMount(directory.toString());
      }
      Linux.makePrivate(directory.toString());
    } catch (LinuxException e) {
      throw KernelFailures.of("make " + directory + " private", e);
    }
  }

  /**
   * Moves the topmost file system from one mount point over what is mounted at another, at once:
   * whoever looks sees the one or the other.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public void move(Path from, Path mountPoint) throws DeviceException {
    try {
      Linux.moveMount(from.toString(), mountPoint.toString());
    } catch (LinuxException e) {
      throw KernelFailures.of("move " + from + " to " + mountPoint, e);
    }
  }

  /**
   * What a process sees mounted.
   *
   * @param process its directory below {@code /proc}
   * @throws IllegalArgumentException if it is not of that form, or longer than a named limit
   */
  public static MountTable tableOf(Path process) throws IOException {
    try (InputStream file = Files.newInputStream(process.resolve("mountinfo"))) {
      byte[] text = file.readNBytes(TABLE_BYTES_MAX + 1);
      if (text.length > TABLE_BYTES_MAX) {
        throw new IllegalArgumentException(
            "mountinfo: expected at most " + TABLE_BYTES_MAX + " bytes, got more");
      }
      return MountTable.parse(new String(text, StandardCharsets.ISO_8859_1));
    }
  }

  /** What is mounted now. */
  public MountTable table() throws DeviceException {
    try {
      return tableOf(SELF);
    } catch (IOException | IllegalArgumentException e) {
      throw KernelFailures.unexpected(
          "read " + SELF + "/mountinfo", "the list of mounts", e.toString());
    }
  }
}
