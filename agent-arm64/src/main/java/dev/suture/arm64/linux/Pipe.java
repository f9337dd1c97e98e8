package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;
import java.io.File;
import java.nio.ByteBuffer;

/**
 * A pipe(7) that is read without waiting. No program that is started inherits its ends. Not safe
 * for use by several threads.
 */
public final class Pipe implements AutoCloseable {
  /** Nothing is there to be read, but something may come. */
  public static final int NOTHING_YET = -1;

  private static final int CLOSED = -1;

  private int readEnd;
  private int writeEnd;

  private Pipe(int readEnd, int writeEnd) {
    this.readEnd = readEnd;
    this.writeEnd = writeEnd;
  }

  /** pipe2(2). */
  public static Pipe open() throws LinuxException {
    ByteBuffer ends = StructLayout.memory(2 * Integer.BYTES);
    try {
      LibC.pipe2(ends, Uapi.O_CLOEXEC | Uapi.O_NONBLOCK);
    } catch (LastErrorException e) {
      throw Linux.failed("pipe2", "a pipe", e);
    }
    return new Pipe(ends.getInt(0), ends.getInt(Integer.BYTES));
  }

  /**
   * What opens the end that is written to, once more, within this process. Whoever does waits when
   * the pipe is full, as programs expect it.
   */
  public File writeEnd() {
    return new File("/proc/self/fd/" + writeEnd);
  }

  /** This process writes nothing any more. */
  public void closeWriteEnd() {
    close(writeEnd);
    writeEnd = CLOSED;
  }

  /**
   * One read(2) into a direct buffer's first bytes, as many as it holds; its position is not looked
   * at.
   *
   * @return how many bytes were read; 0 if nobody can write any more; {@link #NOTHING_YET}
   */
  public int read(ByteBuffer target) throws LinuxException {
    try {
      return (int) LibC.read(readEnd, target, target.capacity());
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN || e.getErrorCode() == Errno.EINTR) {
        return NOTHING_YET;
      }
      throw Linux.failed("read", "a pipe", e);
    }
  }

  /** Closes both ends; who still writes gets SIGPIPE. */
  @Override
  public void close() {
    closeWriteEnd();
    close(readEnd);
    readEnd = CLOSED;
  }

  private static void close(int end) {
    if (end != CLOSED) {
      LibC.close(end);
    }
  }
}
