package dev.suture.arm64.device;

import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.Linux;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.LinuxFile;
import dev.suture.arm64.linux.Uapi;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tells the service manager that what needs the components may start: {@code READY=1} to the FIFO
 * that {@code SUTURE_READY_FIFO} names, and as sd_notify(3) to the socket that {@code
 * NOTIFY_SOCKET} names; to the latter also that the agent ends.
 */
public final class Readiness {
  /** Path of a FIFO. */
  public static final String FIFO_VARIABLE = "SUTURE_READY_FIFO";

  /** Path, or with a leading {@code @} abstract name, of a datagram socket. */
  public static final String SOCKET_VARIABLE = "NOTIFY_SOCKET";

  private static final String READY = "READY=1\n";
  private static final String STOPPING = "STOPPING=1\n";

  private final Map<String, String> environment;

  /** Looks for the two variables in an environment. */
  public Readiness(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * Tells whoever asked to be told; never waits. A failure stops nothing (what waits for us has a
   * time limit of its own), so it is a line among those that are returned for the log.
   */
  public List<String> announce() {
    List<String> lines = new ArrayList<>();
    String fifo = environment.getOrDefault(FIFO_VARIABLE, "");
    if (!fifo.isEmpty()) {
      lines.add(tellFifo(fifo));
    }
    String socket = environment.getOrDefault(SOCKET_VARIABLE, "");
    if (!socket.isEmpty()) {
      lines.add(tellSocket(socket, READY));
    }
    return lines;
  }

  /** Tells that the agent ends, if that is asked for; a failure is a line for the log. */
  public List<String> announceEnd() {
    String socket = environment.getOrDefault(SOCKET_VARIABLE, "");
    return socket.isEmpty() ? List.of() : List.of(tellSocket(socket, STOPPING));
  }

  private static String tellFifo(String path) {
    try (LinuxFile fifo = LinuxFile.open(path, Uapi.O_WRONLY | Uapi.O_NONBLOCK)) {
      fifo.write(READY.getBytes(StandardCharsets.US_ASCII));
      return "readiness: told " + path;
    } catch (LinuxException e) {
      return e.errno() == Errno.ENXIO
          ? "readiness: nobody waits at " + path
          : "readiness: not told: " + e.getMessage();
    }
  }

  private static String tellSocket(String address, String message) {
    try {
      Linux.sendDatagram(address, message);
      return "readiness: told " + address;
    } catch (LinuxException | IllegalArgumentException e) {
      return "readiness: not told: " + e.getMessage();
    }
  }
}
