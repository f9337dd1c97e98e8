package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.link.Report;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.sim.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The link against brokers that do not keep to the protocol. */
@Timeout(60)
class LyingBrokerTest {
  private static final long LIMIT_MILLIS = 20_000;
  private static final MqttLimits LIMITS = new MqttLimits(300, 300, 60, 1, 20, 50);
  private static final int[] CONNACK = {0x20, 3, 0, 0, 0};
  private static final int[] SUBACK = {0x90, 4, 0, 1, 0, 1};

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final CountDownLatch done = new CountDownLatch(1);

  /** What the broker does with a connection; it is closed on return. */
  @FunctionalInterface
  private interface Talk {
    void with(InputStream in, OutputStream out) throws Exception;
  }

  @AfterEach
  void closeAll() throws Exception {
    done.countDown();
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private MqttLink linkTo(Talk talk) throws IOException {
    ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    opened.add(listener);
    Thread broker =
        new Thread(
            () -> {
              while (!listener.isClosed()) {
                try (Socket socket = listener.accept()) {
                  talk.with(socket.getInputStream(), socket.getOutputStream());
                } catch (Exception e) {
                  // The link hung up: what these tests are about.
                }
              }
            },
            "lying-broker");
    broker.setDaemon(true);
    broker.start();
    MqttSettings settings =
        new MqttSettings(
            "tcp://127.0.0.1:" + listener.getLocalPort(),
            "demo",
            "dev-0001",
            "dev-0001",
            "secret".toCharArray(),
            null);
    MqttLink link = MqttLink.start(settings, LIMITS, new Random(1), () -> {});
    opened.add(link);
    return link;
  }

  private static void send(OutputStream out, int... bytes) throws IOException {
    byte[] packet = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      packet[i] = (byte) bytes[i];
    }
    out.write(packet);
    out.flush();
  }

  /** Reads one packet of less than 128 bytes or more, and returns its type. */
  private static int packet(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      throw new IOException("hung up");
    }
    int length = 0;
    int shift = 0;
    int next;
    do {
      next = in.read();
      length |= (next & 127) << shift;
      shift += 7;
    } while ((next & 128) != 0);
    for (int i = 0; i < length; i++) {
      if (in.read() < 0) {
        throw new IOException("hung up");
      }
    }
    return first >> 4;
  }

  /** Reads to the end, so that the link and not the broker hangs up. */
  private static void drain(InputStream in) throws IOException {
    while (in.read() >= 0) {
      // Whatever it is.
    }
  }

  private static void awaitTrouble(MqttLink link, String words) {
    Await.until(
        words,
        LIMIT_MILLIS,
        () -> link.trouble().filter(t -> t.contains(words)).isPresent(),
        () -> "; trouble: " + link.trouble());
  }

  @Test
  void receiveMaximumAbove32767_isReportedInPlainWords() throws Exception {
    MqttLink link =
        linkTo(
            (in, out) -> {
              packet(in);
              // CONNACK with Receive Maximum 65535.
              send(out, 0x20, 6, 0, 0, 3, 0x21, 0xff, 0xff);
              packet(in);
              send(out, SUBACK);
              drain(in);
            });

    awaitTrouble(link, "Receive Maximum must be below 32768");
    Await.until("connected all the same", LIMIT_MILLIS, link::connected);
    assertThatThrownBy(() -> link.publish(Report.STATUS, new byte[1]))
        .isInstanceOf(RetryableException.class)
        .hasMessageContaining("Receive Maximum must be below 32768")
        .hasMessageContaining("notices still arrive");
    assertThat(link.connects()).isEqualTo(1);
  }

  @Test
  void documentBeyondTheBrokersLimit_isNotSent() throws Exception {
    MqttLink link =
        linkTo(
            (in, out) -> {
              packet(in);
              // CONNACK with Maximum Packet Size 1024.
              send(out, 0x20, 8, 0, 0, 5, 0x27, 0, 0, 4, 0);
              packet(in);
              send(out, SUBACK);
              packet(in);
              send(out, 0x40, 2, 0, 2);
              drain(in);
            });
    Await.until("connected", LIMIT_MILLIS, link::connected, () -> "" + link.trouble());

    assertThatThrownBy(() -> link.publish(Report.STATUS, new byte[1000]))
        .isInstanceOf(RetryableException.class)
        .hasMessageContaining("at most 1024 bytes");
    assertThat(link.connected()).isTrue();
  }

  @Test
  void packetOfAQuarterGigabyte_isRefusedBeforeItIsMadeRoomFor() throws Exception {
    MqttLink link =
        linkTo(
            (in, out) -> {
              packet(in);
              send(out, CONNACK);
              send(out, 0x30, 0xff, 0xff, 0xff, 0x7f);
              drain(in);
            });

    awaitTrouble(link, "at most 4096 bytes");
  }

  @Test
  void unacknowledgedFlood_endsTheConnection() throws Exception {
    MqttLink link =
        linkTo(
            (in, out) -> {
              packet(in);
              send(out, CONNACK);
              for (int i = 1; i <= MqttLimits.UNACKNOWLEDGED_MAX * 100; i++) {
                // PUBLISH, QoS 1, topic "a", packet id, no properties, empty. Nothing is read.
                send(out, 0x32, 6, 0, 1, 'a', i >> 8, i & 0xff, 0);
              }
              drain(in);
            });

    // Either it is cut off, or it was slow enough to be acknowledged; it never costs more than
    // the limit.
    Await.until(
        "an end",
        LIMIT_MILLIS,
        () -> link.trouble().isPresent() || link.dropped() > MqttLimits.UNACKNOWLEDGED_MAX);
  }

  @Test
  void hangUpAtEveryPoint_isComeBackFrom() throws Exception {
    int[] visits = {0};
    MqttLink link =
        linkTo(
            (in, out) -> {
              int visit = visits[0]++;
              if (visit == 0) {
                return; // before CONNECT was read
              }
              packet(in);
              if (visit == 1) {
                return; // instead of CONNACK
              }
              for (int i = 0; i < CONNACK.length; i++) {
                if (visit == 2 && i == 3) {
                  return; // in the middle of CONNACK
                }
                send(out, CONNACK[i]);
              }
              if (visit == 3) {
                return; // at once after CONNACK
              }
              packet(in);
              if (visit == 4) {
                return; // instead of SUBACK
              }
              send(out, SUBACK);
              packet(in);
              if (visit == 5) {
                return; // instead of PUBACK
              }
              send(out, 0x40, 2, 0, 2);
              drain(in);
            });

    Await.until(
        "connected in the end",
        LIMIT_MILLIS,
        link::connected,
        () -> visits[0] + " " + link.trouble());
    assertThat(visits[0]).isEqualTo(7);
    assertThat(link.connects()).isEqualTo(1);
  }

  @Test
  void silenceAtEveryPoint_isGivenUpWithinTheLimits() throws Exception {
    int[] visits = {0};
    MqttLink link =
        linkTo(
            (in, out) -> {
              int visit = visits[0]++;
              packet(in);
              if (visit == 0) {
                drain(in); // no CONNACK
                return;
              }
              send(out, CONNACK);
              packet(in);
              if (visit == 1) {
                drain(in); // no SUBACK
                return;
              }
              send(out, SUBACK);
              packet(in);
              if (visit == 2) {
                drain(in); // no PUBACK
                return;
              }
              send(out, 0x40, 2, 0, 2);
              drain(in);
            });

    Await.until(
        "connected in the end",
        LIMIT_MILLIS,
        link::connected,
        () -> visits[0] + " " + link.trouble());
    assertThat(visits[0]).isEqualTo(4);
  }

  @Test
  void garbage_isComeBackFromAndLeavesNoThread() throws Exception {
    Random random = new Random(20261121);
    int[] visits = {0};
    MqttLink link =
        linkTo(
            (in, out) -> {
              int visit = visits[0]++;
              packet(in);
              if (visit % 2 == 0) {
                send(out, CONNACK);
              }
              byte[] garbage = new byte[1 + random.nextInt(64)];
              random.nextBytes(garbage);
              // Half of it looks like a packet of ours, so that the gate lets it pass.
              if (random.nextBoolean()) {
                garbage[0] = (byte) new int[] {0x20, 0x30, 0x32, 0x40, 0x90, 0xd0, 0xe0}[visit % 7];
                if (garbage.length > 1) {
                  garbage[1] = (byte) (garbage.length - 2);
                }
              }
              out.write(garbage);
              out.flush();
            });

    Await.until("many visits", LIMIT_MILLIS, () -> visits[0] >= 12, () -> visits[0] + " visits");
    link.close();
    Await.until(
        "all threads end",
        LIMIT_MILLIS,
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(
                    t ->
                        t.getThreadGroup() != null
                            && t.getThreadGroup().getName().equals("suture-mqtt")),
        () -> {
          StringBuilder left = new StringBuilder();
          Thread.getAllStackTraces()
              .forEach((t, stack) -> left.append(t).append(Arrays.toString(stack)).append('\n'));
          return left.toString();
        });
  }
}
