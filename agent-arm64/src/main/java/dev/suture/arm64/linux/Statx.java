package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;

/** {@code struct statx}: what the kernel knows of a file. */
public final class Statx {
  static final StructLayout LAYOUT = new StructLayout("statx");
  static final StructLayout.Member DEVICE_MAJOR;
  static final StructLayout.Member DEVICE_MINOR;

  static {
    LAYOUT.member("stx_mask", 4);
    LAYOUT.member("stx_blksize", 4);
    LAYOUT.member("stx_attributes", 8);
    for (String name : new String[] {"stx_nlink", "stx_uid", "stx_gid"}) {
      LAYOUT.member(name, 4);
    }
    LAYOUT.member("stx_mode", 2);
    LAYOUT.padding(2);
    for (String name : new String[] {"stx_ino", "stx_size", "stx_blocks", "stx_attributes_mask"}) {
      LAYOUT.member(name, 8);
    }
    for (String name : new String[] {"stx_atime", "stx_btime", "stx_ctime", "stx_mtime"}) {
      LAYOUT.member(name, 16);
    }
    LAYOUT.member("stx_rdev_major", 4);
    LAYOUT.member("stx_rdev_minor", 4);
    DEVICE_MAJOR = LAYOUT.member("stx_dev_major", 4);
    DEVICE_MINOR = LAYOUT.member("stx_dev_minor", 4);
    // What newer kernels say more, and spare room.
    LAYOUT.padding(256 - LAYOUT.bytes());
  }

  private Statx() {}

  /**
   * The device of the file system that a path, or a link of {@code /proc}, leads to. Nothing else
   * is asked, so the file system is not: one that would refuse or hang is told all the same.
   */
  public static DeviceNumber device(String path) throws LinuxException {
    ByteBuffer memory = StructLayout.memory(LAYOUT.bytes());
    try {
      LibC.statx(Uapi.AT_FDCWD, path, Uapi.AT_NO_AUTOMOUNT | Uapi.AT_STATX_DONT_SYNC, 0, memory);
    } catch (LastErrorException e) {
      throw Linux.failed("statx", path, e);
    }
    return new DeviceNumber(DEVICE_MAJOR.getInt(memory), DEVICE_MINOR.getInt(memory));
  }
}
