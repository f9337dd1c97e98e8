package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a broker sends: the verdict is that of the rules, however the bytes are cut into pieces. */
class PacketGateFuzzTest {
  private static final int PACKET_BYTES_MAX = 300;
  private static final int UNACKNOWLEDGED_MAX = 2;
  private static final byte[] CONNECT = {0x10, 0};

  /** CONNACK, SUBACK, PINGRESP, two publications of QoS 1, one of QoS 0, one of 200 bytes. */
  private static byte[] sample() {
    ByteArrayOutputStream packets = new ByteArrayOutputStream();
    packets.writeBytes(new byte[] {0x20, 3, 0, 0, 0});
    packets.writeBytes(new byte[] {(byte) 0x90, 4, 0, 1, 0, 1});
    packets.writeBytes(new byte[] {(byte) 0xd0, 0});
    packets.writeBytes(new byte[] {0x32, 7, 0, 1, 'x', 0, 1, 0, '!'});
    packets.writeBytes(new byte[] {0x32, 7, 0, 1, 'x', 0, 2, 0, '!'});
    packets.writeBytes(new byte[] {0x30, 5, 0, 1, 'x', 0, '!'});
    packets.writeBytes(new byte[] {0x30, (byte) 0xc8, 1});
    packets.writeBytes(new byte[200]);
    return packets.toByteArray();
  }

  private final ParserContract<Integer> contract =
      ParserContract.refusingBy("broker's packets", PacketGateFuzzTest::checked, IOException.class)
          .allocatingAtMost(256 << 10, 256);

  private static int passed(byte[] packets) throws IOException {
    PacketGate gate = new PacketGate(PACKET_BYTES_MAX, UNACKNOWLEDGED_MAX, 1_000);
    try (OutputStream out = gate.out(new ByteArrayOutputStream());
        InputStream in = gate.in(new ByteArrayInputStream(packets))) {
      out.write(CONNECT);
      return in.readAllBytes().length;
    }
  }

  /** The same byte by byte. */
  private static boolean passesInPieces(byte[] packets) throws IOException {
    PacketGate gate = new PacketGate(PACKET_BYTES_MAX, UNACKNOWLEDGED_MAX, 1_000);
    try (OutputStream out = gate.out(new ByteArrayOutputStream());
        InputStream in = gate.in(new ByteArrayInputStream(packets))) {
      out.write(CONNECT);
      while (in.read() >= 0) {}
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The rules, written down a second time. */
  private static boolean isAllowed(byte[] packets) {
    int at = 0;
    int unacknowledged = 0;
    while (at < packets.length) {
      int first = packets[at] & 0xff;
      int length = 0;
      int bytes = 0;
      int next;
      do {
        if (bytes == 4) {
          return false;
        }
        if (at + 1 + bytes >= packets.length) {
          return true; // Not whole yet.
        }
        next = packets[at + 1 + bytes] & 0xff;
        length += (next % 128) << (7 * bytes);
        bytes++;
      } while (next >= 128);
      boolean publication = first / 16 == 3;
      int qos = first / 2 % 4;
      unacknowledged += publication && qos == 1 ? 1 : 0;
      boolean known = publication || Set.of(2, 4, 9, 13, 14).contains(first / 16);
      if (!known
          || (publication && qos > 1)
          || unacknowledged > UNACKNOWLEDGED_MAX
          || 1 + bytes + length > PACKET_BYTES_MAX) {
        return false;
      }
      at += 1 + bytes + length;
    }
    return true;
  }

  private static int checked(byte[] packets) throws IOException {
    assertThat(passesInPieces(packets)).isEqualTo(isAllowed(packets));
    int passed;
    try {
      passed = passed(packets);
    } catch (IOException e) {
      assertThat(isAllowed(packets)).isFalse();
      throw e;
    }
    assertThat(isAllowed(packets)).isTrue();
    return passed;
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndLength_isAsTheRulesSay() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", sample()))
        .everyByte()
        .number(1, 1)
        .number(1, 4)
        .number(6, 4)
        .number(39, 2)
        .number(39, 4)
        .keepsTheContract();
  }
}
