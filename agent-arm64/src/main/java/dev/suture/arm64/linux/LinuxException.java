package dev.suture.arm64.linux;

/** A call of libc or the kernel failed. */
public final class LinuxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  /** The call, what it was applied to, and the error number it ended with. */
  public LinuxException(String call, String subject, int errno) {
    super(call + " " + subject + ": " + Errno.name(errno));
    this.call = call;
    this.errno = errno;
  }

  /** The function, for an ioctl with the request's number in hexadecimal. */
  public String call() {
    return call;
  }

  /** The error number, see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
