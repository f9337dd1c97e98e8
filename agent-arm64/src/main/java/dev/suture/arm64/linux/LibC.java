package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libc, directly mapped. {@code throws LastErrorException} makes JNA look at errno
 * right after the call, on the calling thread.
 *
 * <p>{@code open} and {@code ioctl} are variadic in C. On arm64 and x86-64 Linux an integer or
 * pointer argument is passed the same way either way, so they are declared with fixed arguments,
 * which direct mapping needs.
 */
final class LibC {
  static {
    if (Native.LONG_SIZE != Long.BYTES) {
      throw new IllegalStateException(
          "expected a 64-bit C long, got " + Native.LONG_SIZE + " bytes");
    }
    Native.register(LibC.class, NativeLibrary.getProcess());
  }

  private LibC() {}

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int ioctl(int fd, long request, ByteBuffer argument) throws LastErrorException;

  static native int ioctl(int fd, long request, long argument) throws LastErrorException;

  static native long pread(int fd, ByteBuffer target, long bytes, long position)
      throws LastErrorException;

  static native long pwrite(int fd, ByteBuffer source, long bytes, long position)
      throws LastErrorException;

  static native long write(int fd, byte[] source, long bytes) throws LastErrorException;

  static native long read(int fd, ByteBuffer target, long bytes) throws LastErrorException;

  static native int pipe2(ByteBuffer ends, int flags) throws LastErrorException;

  static native int kill(int process, int signal) throws LastErrorException;

  static native int fdatasync(int fd) throws LastErrorException;

  static native int flock(int fd, int operation) throws LastErrorException;

  static native int syncfs(int fd) throws LastErrorException;

  /** Returns the error number instead of setting errno. */
  static native int posix_fadvise(int fd, long position, long bytes, int advice);

  static native int mount(
      String source, String target, String type, long flags, @Nullable String data)
      throws LastErrorException;

  static native int statx(int directory, String path, int flags, int mask, ByteBuffer statx)
      throws LastErrorException;

  static native int umount2(String target, int flags) throws LastErrorException;

  static native int socket(int domain, int type, int protocol) throws LastErrorException;

  static native long sendto(
      int fd, byte[] message, long bytes, int flags, ByteBuffer address, int addressBytes)
      throws LastErrorException;

  static native int adjtimex(ByteBuffer timex) throws LastErrorException;

  static native void sync();

  static native int reboot(int command) throws LastErrorException;

  static native int getpid();

  static native int gettid();

  static native int sched_setscheduler(int thread, int policy, ByteBuffer parameters)
      throws LastErrorException;

  /** Variadic in C, as is {@code ioctl}. */
  static native long syscall(long number, long first, long second, long third)
      throws LastErrorException;

  static native long syscall(long number, long first, long second, long third, long fourth)
      throws LastErrorException;
}
