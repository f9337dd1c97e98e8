package dev.suture.health;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a service on this device that ends at a fixed time, however slowly the service
 * says something: each read waits for no longer than what is left.
 */
final class ProbeSocket extends Socket {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  private final long endNanos;

  private ProbeSocket(int limitMillis) {
    endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
  }

  /** Connects to a port of 127.0.0.1; everything together may take so long. */
  static ProbeSocket connected(int port, int limitMillis) throws IOException {
    ProbeSocket socket = new ProbeSocket(limitMillis);
    try {
      socket.connect(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), limitMillis);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** For what is layered over this socket as well. */
  @Override
  public InputStream getInputStream() throws IOException {
    return new Timed(super.getInputStream());
  }

  private static SocketTimeoutException late() {
    return new SocketTimeoutException("no whole answer in time");
  }

  private void limit() throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
    if (left <= 0) {
      throw late();
    }
    setSoTimeout((int) left);
  }

  private final class Timed extends FilterInputStream {
    Timed(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      limit();
      try {
        return super.read();
      } catch (SocketTimeoutException e) {
        throw late();
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      limit();
      try {
        return super.read(target, offset, length);
      } catch (SocketTimeoutException e) {
        throw late();
      }
    }
  }
}
