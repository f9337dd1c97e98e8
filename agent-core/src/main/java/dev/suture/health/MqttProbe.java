package dev.suture.health;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Connects to a broker on this device as MQTT 3.1.1 section 3.1 has it, and leaves again. No client
 * library: nothing is subscribed to or published, and one that reconnects by itself is of no use
 * here.
 */
final class MqttProbe {
  /** Clean session, no client identifier, a keep-alive of ten seconds. */
  private static final byte[] CONNECT = {
    0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 0,
  };

  private static final byte[] DISCONNECT = {(byte) 0xe0, 0};
  private static final int CONNACK = 0x20;

  /** One byte of length is enough for what 3.1.1 (2 bytes) and 5.0 answer. */
  private static final int LENGTH_MAX = 127;

  private static final int LENGTH_MIN = 2;

  /**
   * Answers of a broker that works: accepted; another protocol version, identifier, name, password
   * or permission wanted, in 3.1.1 and in 5.0; banned.
   */
  private static final Set<Integer> WORKS =
      Collections.unmodifiableSet(
          new HashSet<>(Arrays.asList(0, 1, 2, 4, 5, 0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c)));

  private final int limitMillis;

  MqttProbe(int limitMillis) {
    this.limitMillis = limitMillis;
  }

  /** What came instead of an answer of a broker that works, if so. */
  Optional<String> complaint(int port) throws IOException {
    try (Socket socket = ProbeSocket.connected(port, limitMillis)) {
      socket.getOutputStream().write(CONNECT);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int type = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (type != CONNACK || length < LENGTH_MIN || length > LENGTH_MAX) {
        return Optional.of("another packet than CONNACK");
      }
      in.readUnsignedByte(); // Flags.
      int code = in.readUnsignedByte();
      if (!WORKS.contains(code)) {
        return Optional.of("CONNACK with code " + code);
      }
      if (code == 0) {
        socket.getOutputStream().write(DISCONNECT);
      }
      return Optional.empty();
    } catch (EOFException e) {
      return Optional.of("the end before an answer");
    }
  }
}
