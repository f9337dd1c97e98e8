package dev.suture.hil;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of this machine. */
public final class HostPorts {
  private HostPorts() {}

  /** A port of 127.0.0.1 on which nothing listens at the moment. */
  public static int free() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new HarnessException("no free port on 127.0.0.1", e);
    }
  }
}
