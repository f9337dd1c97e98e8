package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class PacketGateTest {
  private static final int BYTES_MAX = 300;
  private static final int UNACKNOWLEDGED_MAX = 3;

  private final PacketGate gate = new PacketGate(BYTES_MAX, UNACKNOWLEDGED_MAX, 5_000);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  /** A packet: first byte, length, zeros. */
  private static byte[] packet(int first, int remaining) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(first);
    int left = remaining;
    do {
      bytes.write(left > 127 ? left & 127 | 128 : left);
      left >>= 7;
    } while (left > 0);
    bytes.write(new byte[remaining], 0, remaining);
    return bytes.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part, 0, part.length);
    }
    return all.toByteArray();
  }

  private static PacketGate greeted(PacketGate gate) throws IOException {
    gate.out(new ByteArrayOutputStream()).write(packet(0x10, 2));
    return gate;
  }

  private int readAll(byte[] incoming, int pieceBytes) throws IOException {
    greeted(gate);
    InputStream in = gate.in(new ByteArrayInputStream(incoming));
    byte[] piece = new byte[pieceBytes];
    int total = 0;
    while (true) {
      int count = in.read(piece, 0, pieceBytes);
      if (count < 0) {
        return total;
      }
      total += count;
    }
  }

  @Test
  void available_beforeConnect_isNothingWhateverTheSocketSays() throws IOException {
    InputStream in =
        gate.in(
            new InputStream() {
              @Override
              public int read() {
                return -1;
              }

              @Override
              public int available() throws IOException {
                throw new IOException("Socket closed");
              }
            });
    assertThat(in.available()).isZero();
    greeted(gate);
    assertThatThrownBy(in::available).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void packetsOfABroker_pass(int pieceBytes) throws IOException {
    byte[] incoming =
        joined(
            packet(0x20, 20), // CONNACK
            packet(0x30, 0), // PUBLISH, QoS 0
            packet(0x30, 200),
            packet(0x32, BYTES_MAX - 3), // PUBLISH, QoS 1, as long as it may be
            packet(0x33, 5),
            packet(0x40, 2), // PUBACK
            packet(0x90, 3), // SUBACK
            packet(0xd0, 0), // PINGRESP
            packet(0xe0, 2)); // DISCONNECT

    assertThat(readAll(incoming, pieceBytes)).isEqualTo(incoming.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void packetOneByteTooLong_isStoppedAtItsHeader(int pieceBytes) {
    byte[] incoming = joined(packet(0x20, 3), packet(0x30, BYTES_MAX - 2));

    assertThatThrownBy(() -> readAll(incoming, pieceBytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at most 300 bytes");
  }

  @Test
  void announcedLengthOfAQuarterGigabyte_isStoppedAtItsHeader() {
    assertThatThrownBy(() -> readAll(bytes(0x30, 0xff, 0xff, 0xff, 0x7f), 1))
        .hasMessageContaining("one of 268435455");
  }

  @Test
  void lengthOfFiveBytes_isStopped() {
    assertThatThrownBy(() -> readAll(bytes(0x30, 0xff, 0xff, 0xff, 0xff, 0x7f), 1))
        .hasMessageContaining("four bytes");
    assertThatThrownBy(() -> readAll(bytes(0x30, 0x80, 0x80, 0x80, 0x80, 0x00), 1))
        .hasMessageContaining("four bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x10, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xb0, 0xc0, 0xf0})
  void packetThatNoBrokerSendsUs_isStopped(int first) {
    assertThatThrownBy(() -> readAll(packet(first, 2), 10)).hasMessageContaining("type");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x34, 0x36, 0x3d})
  void publicationOfHigherQos_isStopped(int first) {
    assertThatThrownBy(() -> readAll(packet(first, 2), 10)).hasMessageContaining("QoS");
  }

  @Test
  void tooManyUnacknowledged_areStopped() throws IOException {
    assertThat(readAll(joined(packet(0x32, 2), packet(0x32, 2), packet(0x32, 2)), 10))
        .isEqualTo(12);

    assertThatThrownBy(() -> readAll(packet(0x32, 2), 10)).hasMessageContaining("unacknowledged");
  }

  /** What it was seen to send to a device that had asked for 16 at a time. */
  @Test
  void allThatMosquittoHasQueued_isLetThrough() throws IOException {
    PacketGate wide = greeted(new PacketGate(BYTES_MAX, MqttLimits.UNACKNOWLEDGED_MAX, 5_000));
    InputStream in = wide.in(new ByteArrayInputStream(repeated(packet(0x32, 2), 1_016)));

    assertThat(in.readAllBytes()).hasSize(1_016 * 4);
    assertThat(wide.violation()).isEmpty();
  }

  private static byte[] repeated(byte[] packet, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(packet);
    }
    return all.toByteArray();
  }

  @Test
  void acknowledging_makesRoom() throws IOException {
    OutputStream out = gate.out(sent);
    for (int i = 0; i < 10; i++) {
      assertThat(readAll(packet(0x32, 2), 10)).isEqualTo(4);
      for (byte next : packet(0x40, 2)) {
        out.write(next);
      }
      out.write(packet(0x30, 100));
    }
    assertThat(sent.size()).isEqualTo(10 * (4 + 102));
  }

  @Test
  void reader_waitsForOurFirstPacket() throws Exception {
    InputStream in = gate.in(new ByteArrayInputStream(packet(0x20, 2)));
    int[] first = {-2};
    Thread reader =
        new Thread(
            () -> {
              try {
                first[0] = in.read();
              } catch (IOException e) {
                first[0] = -3;
              }
            });
    reader.start();

    // Not sent, but tried: that is enough.
    OutputStream out =
        gate.out(
            new OutputStream() {
              @Override
              public void write(int next) throws IOException {
                throw new IOException("closed");
              }
            });
    assertThatThrownBy(() -> out.write(packet(0x10, 2))).hasMessage("closed");
    reader.join();

    assertThat(first[0]).isEqualTo(0x20);
    PacketGate silent = new PacketGate(BYTES_MAX, UNACKNOWLEDGED_MAX, 20);
    assertThatThrownBy(() -> silent.in(new ByteArrayInputStream(packet(0x20, 2))).read())
        .hasMessageContaining("CONNECT was not sent");
  }

  @Test
  void everyTruncation_endsQuietly() throws IOException {
    byte[] incoming = joined(packet(0x20, 20), packet(0x30, 200));

    for (int length = 0; length <= incoming.length; length++) {
      PacketGate fresh = greeted(new PacketGate(BYTES_MAX, UNACKNOWLEDGED_MAX, 5_000));
      InputStream in = fresh.in(new ByteArrayInputStream(incoming, 0, length));
      int total = 0;
      while (in.read() >= 0) {
        total++;
      }
      assertThat(total).isEqualTo(length);
    }
  }
}
