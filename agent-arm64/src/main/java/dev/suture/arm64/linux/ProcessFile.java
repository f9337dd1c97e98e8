package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;

/**
 * A file descriptor that is one process, whoever gets its number when it has ended: pidfd_open(2),
 * since Linux 5.3. Not safe for use by several threads.
 */
public final class ProcessFile implements AutoCloseable {
  private static final long NO_INFO = 0;
  private static final long NO_FLAGS = 0;

  private final int fd;
  private final int pid;

  private ProcessFile(int fd, int pid) {
    this.fd = fd;
    this.pid = pid;
  }

  /**
   * The process that has this number now.
   *
   * @throws LinuxException {@code ESRCH} if none has; {@code ENOSYS} of an older kernel
   */
  public static ProcessFile open(int pid) throws LinuxException {
    try {
      return new ProcessFile((int) LibC.syscall(Uapi.SYS_pidfd_open, pid, NO_FLAGS, 0), pid);
    } catch (LastErrorException e) {
      throw Linux.failed("pidfd_open", "process " + pid, e);
    }
  }

  /**
   * pidfd_send_signal(2).
   *
   * @throws LinuxException {@code ESRCH} if it has ended
   */
  public void signal(int signal) throws LinuxException {
    try {
      LibC.syscall(Uapi.SYS_pidfd_send_signal, fd, signal, NO_INFO, NO_FLAGS);
    } catch (LastErrorException e) {
      throw Linux.failed("pidfd_send_signal", signal + " to process " + pid, e);
    }
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
