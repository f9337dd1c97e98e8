package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;

/** An open file descriptor. Not safe for use by several threads. */
public final class LinuxFile implements AutoCloseable {
  /** {@code O_DIRECT} of this machine; the only flag of ours that differs between the two. */
  public static final int O_DIRECT =
      System.getProperty("os.arch", "").equals("aarch64") ? 0x10000 : 0x4000;

  /** Alignment of memory that is good for direct I/O on every device that we support. */
  private static final int DIRECT_ALIGNMENT_BYTES = 4096;

  private final String path;
  private int number;

  private LinuxFile(String path, int number) {
    this.path = path;
    this.number = number;
  }

  /** Opens an existing file; {@code O_CLOEXEC} is always added. */
  public static LinuxFile open(String path, int flags) throws LinuxException {
    try {
      return new LinuxFile(path, LibC.open(path, flags | Uapi.O_CLOEXEC, 0));
    } catch (LastErrorException e) {
      throw Linux.failed("open", path, e);
    }
  }

  /** Zeroed memory that can be used for direct I/O; belongs to the caller. */
  public static ByteBuffer directMemory(int bytes) {
    int pages = (bytes + DIRECT_ALIGNMENT_BYTES - 1) / DIRECT_ALIGNMENT_BYTES;
    // alignedSlice rounds both ends inwards: one page more than needed.
    return ByteBuffer.allocateDirect((pages + 1) * DIRECT_ALIGNMENT_BYTES)
        .alignedSlice(DIRECT_ALIGNMENT_BYTES)
        .slice(0, bytes);
  }

  /** The descriptor's number. */
  public int number() {
    if (number < 0) {
      throw new IllegalStateException(path + " is closed");
    }
    return number;
  }

  /** An ioctl that reads or writes a struct; returns the call's value. */
  public int ioctl(long request, ByteBuffer argument) throws LinuxException {
    try {
      return LibC.ioctl(number(), request, argument);
    } catch (LastErrorException e) {
      throw ioctlFailed(request, e);
    }
  }

  /** An ioctl whose argument is a number; returns the call's value. */
  public int ioctl(long request, long argument) throws LinuxException {
    try {
      return LibC.ioctl(number(), request, argument);
    } catch (LastErrorException e) {
      throw ioctlFailed(request, e);
    }
  }

  /** An ioctl that writes an {@code int}. */
  public int ioctlGetInt(long request) throws LinuxException {
    ByteBuffer value = StructLayout.memory(Integer.BYTES);
    ioctl(request, value);
    return value.getInt(0);
  }

  /** An ioctl that reads an {@code int} through a pointer. */
  public void ioctlSetInt(long request, int value) throws LinuxException {
    ByteBuffer memory = StructLayout.memory(Integer.BYTES);
    memory.putInt(0, value);
    ioctl(request, memory);
  }

  /** An ioctl that writes a 64-bit number. */
  public long ioctlGetLong(long request) throws LinuxException {
    ByteBuffer value = StructLayout.memory(Long.BYTES);
    ioctl(request, value);
    return value.getLong(0);
  }

  /**
   * One pread into a direct buffer's first {@code bytes} bytes; its position is not looked at.
   *
   * @return how many bytes were read
   */
  public int read(ByteBuffer target, int bytes, long position) throws LinuxException {
    checkRoom(target, bytes);
    try {
      return (int) LibC.pread(number(), target, bytes, position);
    } catch (LastErrorException e) {
      throw Linux.failed("pread", path, e);
    }
  }

  /**
   * One pwrite of a direct buffer's first {@code bytes} bytes; its position is not looked at. Not
   * durable on return.
   *
   * @return how many bytes were written
   */
  public int write(ByteBuffer source, int bytes, long position) throws LinuxException {
    checkRoom(source, bytes);
    try {
      return (int) LibC.pwrite(number(), source, bytes, position);
    } catch (LastErrorException e) {
      throw Linux.failed("pwrite", path, e);
    }
  }

  /** One write of the whole array at the current position; returns how many bytes were taken. */
  public int write(byte[] source) throws LinuxException {
    try {
      return (int) LibC.write(number(), source, source.length);
    } catch (LastErrorException e) {
      throw Linux.failed("write", path, e);
    }
  }

  /** Makes the content durable, the device's own cache included. */
  public void fdatasync() throws LinuxException {
    try {
      LibC.fdatasync(number());
    } catch (LastErrorException e) {
      throw Linux.failed("fdatasync", path, e);
    }
  }

  /**
   * Takes the exclusive lock of flock(2) without waiting; it is held until {@link #close}.
   *
   * @return false if somebody else holds it
   */
  public boolean tryLock() throws LinuxException {
    try {
      LibC.flock(number(), Uapi.LOCK_EX | Uapi.LOCK_NB);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN) {
        return false;
      }
      throw Linux.failed("flock", path, e);
    }
  }

  /** Makes everything on the file system that holds this file durable. */
  public void syncfs() throws LinuxException {
    try {
      LibC.syncfs(number());
    } catch (LastErrorException e) {
      throw Linux.failed("syncfs", path, e);
    }
  }

  /** Drops the file's clean pages from the page cache. */
  public void dropCache() throws LinuxException {
    int errno = LibC.posix_fadvise(number(), 0, 0, Uapi.POSIX_FADV_DONTNEED);
    if (errno != 0) {
      throw Linux.failed("posix_fadvise", path, new LastErrorException(errno));
    }
  }

  /**
   * Releases the descriptor. Says nothing about durability, which is {@link #fdatasync}'s; so an
   * error of close(2), after which the descriptor is gone all the same, has nothing to tell.
   */
  @Override
  public void close() {
    if (number < 0) {
      return;
    }
    int closing = number;
    number = -1;
    try {
      LibC.close(closing);
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EBADF) {
        throw new IllegalStateException(path + ": descriptor " + closing + " was closed twice", e);
      }
    }
  }

  private static void checkRoom(ByteBuffer buffer, int bytes) {
    if (!buffer.isDirect() || bytes < 0 || bytes > buffer.capacity()) {
      throw new IllegalArgumentException(
          "expected a direct buffer of at least " + bytes + " bytes, got " + buffer);
    }
  }

  private LinuxException ioctlFailed(long request, LastErrorException e) {
    return Linux.failed("ioctl(0x" + Long.toHexString(request) + ")", path, e);
  }
}
