package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;

/**
 * Connects to a broker on this device's loopback, as MQTT 3.1.1 section 3.1 has it, and leaves
 * again. No client library: nothing is subscribed to or published, and one that reconnects by
 * itself is of no use here.
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

  /** "Server unavailable" of 3.1.1; "server unavailable" and "server busy" of 5.0. */
  private static final int UNAVAILABLE = 3;

  private static final int UNAVAILABLE_5 = 0x88;
  private static final int BUSY_5 = 0x89;

  private final int timeoutMillis;

  MqttProbe(int timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  Optional<String> complaint(HealthCheck.Mqtt check) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(timeoutMillis);
      socket.connect(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), check.port()),
          timeoutMillis);
      socket.getOutputStream().write(CONNECT);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int type = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (type != CONNACK || length < LENGTH_MIN || length > LENGTH_MAX) {
        return said(check, "another packet than CONNACK");
      }
      in.readUnsignedByte(); // Flags.
      int code = in.readUnsignedByte();
      if (code == UNAVAILABLE || code == UNAVAILABLE_5 || code == BUSY_5) {
        return said(check, "CONNACK with code " + code);
      }
      if (code == 0) {
        socket.getOutputStream().write(DISCONNECT);
      }
      return Optional.empty();
    } catch (IOException e) {
      return said(check, e.toString());
    }
  }

  private static Optional<String> said(HealthCheck check, String got) {
    return Optional.of("health check " + check + ": got " + got);
  }
}
