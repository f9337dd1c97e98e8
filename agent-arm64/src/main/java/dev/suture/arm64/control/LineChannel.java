package dev.suture.arm64.control;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** One line in, one line out, with a limit on bytes and on time; the channel is non-blocking. */
final class LineChannel implements AutoCloseable {
  private static final int BUFFER_BYTES = 4096;

  private final SocketChannel channel;
  private final Selector selector;

  /** Takes over the channel, also when it throws. */
  LineChannel(SocketChannel channel) throws IOException {
    this.channel = channel;
    try {
      channel.configureBlocking(false);
      selector = Selector.open();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Connects at once, or not at all: false if the other side has no room for one more. */
  boolean connect(SocketAddress address) throws IOException {
    return channel.connect(address);
  }

  /**
   * Reads up to and without the first newline; what follows it is not looked at.
   *
   * @throws LineTooLongException if there is no newline within {@code bytesMax} bytes
   * @throws SocketTimeoutException if it does not come within {@code limitMillis} in all
   * @throws EOFException if the peer ends before it
   */
  byte[] readLine(int bytesMax, long limitMillis) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (true) {
      int got = channel.read(buffer.clear());
      if (got < 0) {
        throw new EOFException("expected a line, got an end after " + line.size() + " bytes");
      }
      for (int i = 0; i < got; i++) {
        if (buffer.get(i) == '\n') {
          return line.toByteArray();
        }
        if (line.size() == bytesMax) {
          throw new LineTooLongException(bytesMax);
        }
        line.write(buffer.get(i));
      }
      if (got == 0) {
        await(SelectionKey.OP_READ, deadline, limitMillis, "expected a whole line");
      }
    }
  }

  /** Writes all of it. */
  void write(byte[] bytes, long limitMillis) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.write(buffer) == 0) {
        await(SelectionKey.OP_WRITE, deadline, limitMillis, "expected the peer to read");
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }

  private void await(int operation, long deadline, long limitMillis, String expected)
      throws IOException {
    long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (leftMillis <= 0) {
      throw new SocketTimeoutException(expected + " within " + limitMillis + " ms");
    }
    channel.register(selector, operation);
    selector.select(leftMillis);
    selector.selectedKeys().clear();
  }

  /** There is no newline within the limit. */
  static final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    LineTooLongException(int bytesMax) {
      super("expected a line of at most " + bytesMax + " bytes, got a longer one");
    }
  }
}
