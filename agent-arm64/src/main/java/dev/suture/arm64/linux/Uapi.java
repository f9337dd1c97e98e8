package dev.suture.arm64.linux;

/**
 * Numbers of the kernel's interface, named as in its headers; a test compares every one with a C
 * compiler. All of them are the same on arm64 and x86-64; those that are not are in {@link
 * LinuxFile} ({@code O_DIRECT}) and {@link Linux} ({@code SYS_ioprio_set}).
 */
public final class Uapi {
  // fcntl.h
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_CLOEXEC = 0x80000;
  public static final int POSIX_FADV_DONTNEED = 4;

  // sys/file.h
  public static final int LOCK_EX = 2;
  public static final int LOCK_NB = 4;

  public static final int AT_FDCWD = -100;
  public static final int AT_NO_AUTOMOUNT = 0x800;
  public static final int AT_STATX_DONT_SYNC = 0x4000;

  // signal.h
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;

  // sys/syscall.h; libc has no functions for them everywhere
  public static final int SYS_pidfd_send_signal = 424;
  public static final int SYS_pidfd_open = 434;

  // linux/fs.h
  public static final int BLKROSET = 0x125d;
  public static final int BLKROGET = 0x125e;
  public static final int BLKFLSBUF = 0x1261;
  public static final int BLKSSZGET = 0x1268;
  public static final long BLKGETSIZE64 = 0x80081272L;

  // linux/loop.h
  public static final int LOOP_CLR_FD = 0x4c01;
  public static final int LOOP_GET_STATUS64 = 0x4c05;
  public static final int LOOP_CONFIGURE = 0x4c0a;
  public static final int LOOP_CTL_GET_FREE = 0x4c82;
  public static final int LO_FLAGS_READ_ONLY = 1;
  public static final int LO_FLAGS_AUTOCLEAR = 4;
  public static final int LO_FLAGS_DIRECT_IO = 16;

  // linux/dm-ioctl.h
  public static final long DM_VERSION = dm(0);
  public static final long DM_DEV_CREATE = dm(3);
  public static final long DM_DEV_REMOVE = dm(4);
  public static final long DM_DEV_SUSPEND = dm(6);
  public static final long DM_DEV_STATUS = dm(7);
  public static final long DM_TABLE_LOAD = dm(9);
  public static final long DM_TABLE_STATUS = dm(12);
  public static final int DM_VERSION_MAJOR = 4;
  public static final int DM_READONLY_FLAG = 1;
  public static final int DM_SUSPEND_FLAG = 2;
  public static final int DM_STATUS_TABLE_FLAG = 1 << 4;
  public static final int DM_ACTIVE_PRESENT_FLAG = 1 << 5;
  public static final int DM_BUFFER_FULL_FLAG = 1 << 8;
  public static final int DM_QUERY_INACTIVE_TABLE_FLAG = 1 << 12;
  public static final int DM_DEFERRED_REMOVE = 1 << 17;

  // sys/mount.h
  public static final int MS_RDONLY = 1;
  public static final int MS_NOSUID = 2;
  public static final int MS_NODEV = 4;
  public static final int MS_BIND = 4096;
  public static final int MS_MOVE = 8192;
  public static final int MS_PRIVATE = 1 << 18;
  public static final int MNT_DETACH = 2;
  public static final int UMOUNT_NOFOLLOW = 8;

  // sys/reboot.h
  public static final int RB_AUTOBOOT = 0x1234567;

  // sys/socket.h
  public static final int AF_UNIX = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_CLOEXEC = 0x80000;
  public static final int MSG_NOSIGNAL = 0x4000;

  // sys/timex.h
  public static final int STA_UNSYNC = 0x40;
  public static final int TIME_ERROR = 5;

  // sched.h
  public static final int SCHED_OTHER = 0;
  public static final int SCHED_IDLE = 5;

  // linux/ioprio.h
  public static final int IOPRIO_CLASS_NONE = 0;
  public static final int IOPRIO_CLASS_IDLE = 3;
  public static final int IOPRIO_CLASS_SHIFT = 13;
  public static final int IOPRIO_WHO_PROCESS = 1;

  private static final int DIRECTION_READ_WRITE = 3;

  private Uapi() {}

  /** {@code _IOWR(0xfd, number, struct dm_ioctl)}. */
  private static long dm(int number) {
    return ioctlNumber(DIRECTION_READ_WRITE, 0xfd, number, 312);
  }

  /** How {@code asm-generic/ioctl.h} packs direction, type, number and argument size. */
  static long ioctlNumber(int direction, int type, int number, int argumentBytes) {
    return (long) direction << 30 | (long) argumentBytes << 16 | (long) type << 8 | number;
  }
}
