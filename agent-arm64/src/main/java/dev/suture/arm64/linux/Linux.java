package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Calls that need no open file. */
public final class Linux {
  /** The number of ioprio_set(2) on this machine, for which libc has no function. */
  static final int SYS_ioprio_set = System.getProperty("os.arch", "").equals("aarch64") ? 30 : 251;

  private static final int CALLING_THREAD = 0;

  private Linux() {}

  /** mount(2) of a block device without file system options. */
  public static void mount(String source, String target, String type, long flags)
      throws LinuxException {
    try {
      LibC.mount(source, target, type, flags, null);
    } catch (LastErrorException e) {
      throw failed("mount", source + " (" + type + ") on " + target, e);
    }
  }

  /** mount(2) with {@code MS_MOVE}: what is mounted at {@code from} is seen at {@code target}. */
  public static void moveMount(String from, String target) throws LinuxException {
    try {
      LibC.mount(from, target, "none", Uapi.MS_MOVE, null);
    } catch (LastErrorException e) {
      throw failed("mount", from + " (moved) on " + target, e);
    }
  }

  /** mount(2) with {@code MS_BIND}: a directory as a mount point of its own. */
  public static void bindMount(String directory) throws LinuxException {
    try {
      LibC.mount(directory, directory, "none", Uapi.MS_BIND, null);
    } catch (LastErrorException e) {
      throw failed("mount", directory + " (bound)", e);
    }
  }

  /** mount(2) with {@code MS_PRIVATE}: a mount point shares nothing with other name spaces. */
  public static void makePrivate(String mountPoint) throws LinuxException {
    try {
      LibC.mount("none", mountPoint, "none", Uapi.MS_PRIVATE, null);
    } catch (LastErrorException e) {
      throw failed("mount", mountPoint + " (private)", e);
    }
  }

  /** umount2(2) of the topmost mount at {@code target}. */
  public static void unmount(String target, int flags) throws LinuxException {
    try {
      LibC.umount2(target, flags);
    } catch (LastErrorException e) {
      throw failed("umount2", target, e);
    }
  }

  /** Writes everything that is dirty anywhere; says nothing about errors. */
  public static void sync() {
    LibC.sync();
  }

  /** reboot(2). Does not return if it succeeds with {@code RB_AUTOBOOT}. */
  public static void reboot(int command) throws LinuxException {
    try {
      LibC.reboot(command);
    } catch (LastErrorException e) {
      throw failed("reboot", "0x" + Integer.toHexString(command), e);
    }
  }

  /** This process's number. */
  public static int processId() {
    return LibC.getpid();
  }

  /**
   * kill(2) of every process of a group with {@code SIGKILL}.
   *
   * @param group number of the process that founded it, 2 or more
   * @return whether there was one
   */
  public static boolean killGroup(int group) throws LinuxException {
    if (group < 2) { // kill(2) would take 1 for everybody, and 0 for ourselves.
      throw new IllegalArgumentException("expected a process group's number, got " + group);
    }
    try {
      LibC.kill(-group, Uapi.SIGKILL);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.ESRCH) {
        return false;
      }
      throw failed("kill", "process group " + group, e);
    }
  }

  /**
   * sched_setscheduler(2) of the calling thread with {@code SCHED_IDLE}: it gets a 300th of a
   * processor that somebody else wants, and leaves it at once to whoever wakes up.
   */
  public static void setIdleProcessorClass() throws LinuxException {
    try {
      LibC.sched_setscheduler(
          CALLING_THREAD, Uapi.SCHED_IDLE, ByteBuffer.allocateDirect(Integer.BYTES));
    } catch (LastErrorException e) {
      throw failed("sched_setscheduler", "SCHED_IDLE", e);
    }
  }

  /** The calling thread's number. */
  public static int threadId() {
    return LibC.gettid();
  }

  /**
   * sched_setscheduler(2) of a thread of this process with {@code SCHED_OTHER}: it gets its share
   * of the processors again.
   */
  public static void setNormalProcessorClass(int thread) throws LinuxException {
    try {
      LibC.sched_setscheduler(thread, Uapi.SCHED_OTHER, ByteBuffer.allocateDirect(Integer.BYTES));
    } catch (LastErrorException e) {
      throw failed("sched_setscheduler", "SCHED_OTHER of thread " + thread, e);
    }
  }

  /**
   * ioprio_set(2) of a thread of this process with {@code IOPRIO_CLASS_NONE}: what goes for it
   * follows from its processor class again.
   */
  public static void setNormalDiskClass(int thread) throws LinuxException {
    try {
      LibC.syscall(SYS_ioprio_set, Uapi.IOPRIO_WHO_PROCESS, thread, Uapi.IOPRIO_CLASS_NONE);
    } catch (LastErrorException e) {
      throw failed("ioprio_set", "IOPRIO_CLASS_NONE of thread " + thread, e);
    }
  }

  /**
   * ioprio_set(2) of the calling thread with {@code IOPRIO_CLASS_IDLE}: a disk's scheduler that
   * knows classes serves it when nobody else asks.
   */
  public static void setIdleDiskClass() throws LinuxException {
    try {
      LibC.syscall(
          SYS_ioprio_set,
          Uapi.IOPRIO_WHO_PROCESS,
          CALLING_THREAD,
          (long) Uapi.IOPRIO_CLASS_IDLE << Uapi.IOPRIO_CLASS_SHIFT);
    } catch (LastErrorException e) {
      throw failed("ioprio_set", "IOPRIO_CLASS_IDLE", e);
    }
  }

  /**
   * Sends one datagram to a Unix domain socket.
   *
   * @param address a path, or with a leading {@code @} an abstract name
   */
  public static void sendDatagram(String address, String message) throws LinuxException {
    SockaddrUn to = SockaddrUn.of(address);
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    try {
      int fd = LibC.socket(Uapi.AF_UNIX, Uapi.SOCK_DGRAM | Uapi.SOCK_CLOEXEC, 0);
      try {
        LibC.sendto(fd, bytes, bytes.length, Uapi.MSG_NOSIGNAL, to.memory(), to.bytes());
      } finally {
        LibC.close(fd);
      }
    } catch (LastErrorException e) {
      throw failed("sendto", address, e);
    }
  }

  static LinuxException failed(String call, String subject, LastErrorException e) {
    return new LinuxException(call, subject, e.getErrorCode());
  }
}
