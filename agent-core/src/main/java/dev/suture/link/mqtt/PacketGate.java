package dev.suture.link.mqtt;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the broker and the MQTT library and looks at the fixed header of every packet
 * (MQTT 5, section 2.1), because the library allocates what a header announces before it checks its
 * own limit, and keeps what it has to acknowledge in lists without an end. A broker that breaks a
 * rule loses the connection before the library sees the packet:
 *
 * <ul>
 *   <li>no packet is longer than the announced maximum (3.1.2.11.4);
 *   <li>only packets that a broker may send to a client like ours, none of QoS 2;
 *   <li>no more unacknowledged publications than a maximum, which is higher than the announced one
 *       (3.1.2.11.3), see {@link MqttLimits#UNACKNOWLEDGED_MAX};
 *   <li>nothing, not even the end, is seen before our CONNECT was sent: the library waits for ever
 *       for its own threads if the connection ends while it starts them.
 * </ul>
 */
final class PacketGate {
  private static final int CONNACK = 2;
  private static final int PUBLISH = 3;
  private static final int PUBACK = 4;
  private static final int SUBACK = 9;
  private static final int PINGRESP = 13;
  private static final int DISCONNECT = 14;

  private final int packetBytesMax;
  private final int unacknowledgedMax;
  private final long greetingMillis;
  private final AtomicInteger unacknowledged = new AtomicInteger();
  private final CountDownLatch greeted = new CountDownLatch(1);
  private volatile @Nullable String violation;

  PacketGate(int packetBytesMax, int unacknowledgedMax, long greetingMillis) {
    this.packetBytesMax = packetBytesMax;
    this.unacknowledgedMax = unacknowledgedMax;
    this.greetingMillis = greetingMillis;
  }

  /** What comes from the broker. */
  InputStream in(InputStream broker) {
    return new Incoming(broker);
  }

  /** What goes to the broker. */
  OutputStream out(OutputStream broker) {
    return new Outgoing(broker);
  }

  /** Waits until CONNECT was tried, at most so long, also when interrupted. */
  void awaitConnectTried(long millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    boolean interrupted = false;
    boolean waiting = true;
    while (waiting) {
      try {
        greeted.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        waiting = false;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Which rule the broker has broken; empty if none. */
  Optional<String> violation() {
    return Optional.ofNullable(violation);
  }

  private void checkIncoming(int first, int remaining, int headerBytes) throws IOException {
    if (headerBytes + (long) remaining > packetBytesMax) {
      throw broken("a packet of at most " + packetBytesMax + " bytes", "one of " + remaining);
    }
    int type = first >> 4;
    switch (type) {
      case CONNACK, PUBACK, SUBACK, PINGRESP, DISCONNECT -> {}
      case PUBLISH -> {
        int qos = first >> 1 & 3;
        if (qos > 1) {
          throw broken("a publication of QoS 0 or 1", "QoS " + qos);
        }
        if (qos == 1 && unacknowledged.incrementAndGet() > unacknowledgedMax) {
          throw broken("at most " + unacknowledgedMax + " unacknowledged publications", "more");
        }
      }
      default -> throw broken("a packet for a client", "type " + type);
    }
  }

  private IOException broken(String expected, String got) {
    String words = "broker: expected " + expected + ", got " + got;
    violation = words;
    return new IOException(words);
  }

  /** Finds the fixed headers in a stream of packets, however it is cut into pieces. */
  private abstract class Headers {
    private int first = -1;
    private int remaining;
    private int headerBytes;
    private long bodyLeft;

    abstract void packet(int first, int remaining, int headerBytes) throws IOException;

    void scan(byte[] buffer, int offset, int length) throws IOException {
      int at = offset;
      int end = offset + length;
      while (at < end) {
        if (bodyLeft > 0) {
          int skipped = (int) Math.min(bodyLeft, end - at);
          bodyLeft -= skipped;
          at += skipped;
        } else {
          header(buffer[at++] & 0xff);
        }
      }
    }

    void header(int next) throws IOException {
      if (first < 0) {
        first = next;
        remaining = 0;
        headerBytes = 1;
        return;
      }
      // A variable byte integer, section 1.5.5: at most four bytes of seven bits, lowest first.
      remaining |= (next & 0x7f) << 7 * (headerBytes - 1);
      headerBytes++;
      if ((next & 0x80) != 0) {
        if (headerBytes > 4) {
          throw broken("a packet length of at most four bytes", "more");
        }
        return;
      }
      packet(first, remaining, headerBytes);
      bodyLeft = remaining;
      first = -1;
    }
  }

  private final class Incoming extends FilterInputStream {
    private final Headers headers =
        new Headers() {
          @Override
          void packet(int first, int remaining, int headerBytes) throws IOException {
            checkIncoming(first, remaining, headerBytes);
          }
        };
    private final byte[] single = new byte[1];

    Incoming(InputStream broker) {
      super(broker);
    }

    @Override
    public int read() throws IOException {
      return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      awaitGreeting();
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        headers.scan(buffer, offset, count);
      }
      return count;
    }

    /**
     * Nothing before CONNECT was tried, not even an error: a library's thread that ends on one
     * before the others have started is waited for, for ever, by the one that starts them.
     */
    @Override
    public int available() throws IOException {
      return greeted.getCount() == 0 ? in.available() : 0;
    }

    @Override
    public long skip(long bytes) throws IOException {
      throw new IOException("skipping would pass the headers by");
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    private void awaitGreeting() throws IOException {
      try {
        if (!greeted.await(greetingMillis, TimeUnit.MILLISECONDS)) {
          throw new IOException("CONNECT was not sent within " + greetingMillis + " ms");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted before CONNECT was sent", e);
      }
    }
  }

  private final class Outgoing extends FilterOutputStream {
    private final Headers headers =
        new Headers() {
          @Override
          void packet(int first, int remaining, int headerBytes) {
            if (first >> 4 == PUBACK) {
              unacknowledged.decrementAndGet();
            }
          }
        };
    private final byte[] single = new byte[1];

    Outgoing(OutputStream broker) {
      super(broker);
    }

    @Override
    public void write(int next) throws IOException {
      single[0] = (byte) next;
      write(single, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      // Counted before it is sent: the broker may answer before write() has returned.
      headers.scan(buffer, offset, length);
      try {
        out.write(buffer, offset, length);
      } finally {
        // Even if it failed: the library's threads are all there when it is tried.
        greeted.countDown();
      }
    }
  }
}
