package dev.suture.arm64.control;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens at a Unix domain socket for commands of root. One daemon thread serves one connection at
 * a time: a request line {@code {"command":"WORD"}}, a reply line, end.
 */
public final class ControlServer implements AutoCloseable {
  /** Longest request, without its newline. */
  public static final int REQUEST_BYTES_MAX = 4096;

  /** A request has this long to arrive, and a reply has this long to be read. */
  public static final long PEER_LIMIT_MILLIS = 10_000;

  private static final String COMMAND = "command";
  private static final int BACKLOG = 8;
  private static final long ACCEPT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  private final Path socket;
  private final ServerSocketChannel server;
  private final ControlHandler handler;
  private final Predicate<UserPrincipal> permitted;
  private final long peerLimitMillis;

  private ControlServer(
      Path socket,
      ServerSocketChannel server,
      ControlHandler handler,
      Predicate<UserPrincipal> permitted,
      long peerLimitMillis) {
    this.socket = socket;
    this.server = server;
    this.handler = handler;
    this.permitted = permitted;
    this.peerLimitMillis = peerLimitMillis;
  }

  /**
   * Starts listening. The socket belongs to its owner only (mode 0600) from the moment that it has
   * its name; one that an earlier agent left is replaced.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  public static ControlServer start(Path socket, ControlHandler handler) throws DeviceException {
    UserPrincipal root;
    try {
      // /proc belongs to uid 0, whatever that is called; principals are compared by number.
      root = Files.getOwner(Path.of("/proc"));
    } catch (IOException e) {
      throw failed(socket, e);
    }
    return start(socket, handler, root::equals, PEER_LIMIT_MILLIS);
  }

  static ControlServer start(
      Path socket, ControlHandler handler, Predicate<UserPrincipal> permitted, long peerLimitMillis)
      throws DeviceException {
    Path unnamed = socket.resolveSibling(socket.getFileName() + ".new");
    try {
      Files.createDirectories(socket.toAbsolutePath().getParent());
      Files.deleteIfExists(unnamed);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(UnixDomainSocketAddress.of(unnamed), BACKLOG);
        Files.setPosixFilePermissions(unnamed, PosixFilePermissions.fromString("rw-------"));
        Files.move(unnamed, socket, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | RuntimeException e) {
        server.close();
        Files.deleteIfExists(unnamed);
        throw e;
      }
      ControlServer control =
          new ControlServer(socket, server, handler, permitted, peerLimitMillis);
      Thread thread = new Thread(control::serve, "control");
      thread.setDaemon(true);
      thread.start();
      return control;
    } catch (IOException | RuntimeException e) {
      throw failed(socket, e);
    }
  }

  /** Stops listening and removes the socket; a command that is being served is not waited for. */
  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      log.warn("control: close {}: {}", socket, e.toString());
    }
  }

  private void serve() {
    while (true) {
      SocketChannel peer;
      try {
        peer = server.accept();
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        log.warn("control: accept: {}", e.toString());
        // Out of file descriptors, most likely: at full speed this would only fill the log.
        LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
        continue;
      }
      try {
        serve(peer);
      } catch (IOException | RuntimeException e) {
        log.warn("control: a connection ended early: {}", e.toString());
      }
    }
  }

  private void serve(SocketChannel peer) throws IOException {
    try (LineChannel line = new LineChannel(peer)) {
      line.write(answer(peer, line).encode(), peerLimitMillis);
    }
  }

  private ControlReply answer(SocketChannel peer, LineChannel line) throws IOException {
    UserPrincipal user = peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!permitted.test(user)) {
      log.warn("control: refused user {}", user.getName());
      return refused("control socket: expected root, got user " + user.getName());
    }
    Fields request;
    String command;
    try {
      request = request(line.readLine(REQUEST_BYTES_MAX, peerLimitMillis));
      command = request.text(COMMAND);
    } catch (LineChannel.LineTooLongException
        | SocketTimeoutException
        | EOFException
        | IllegalArgumentException e) {
      return usage("request: " + e.getMessage());
    }
    try {
      ControlReply reply = handler.handle(command, request);
      int bytes = reply.encode().length;
      return bytes <= ControlReply.BYTES_MAX
          ? reply
          : ControlReply.text(
              ControlExit.FAILED,
              "reply: expected at most " + ControlReply.BYTES_MAX + " bytes, got " + bytes);
    } catch (RuntimeException e) {
      log.error("control: {} failed", command, e);
      return ControlReply.text(ControlExit.FAILED, command + ": a defect in the agent: " + e);
    }
  }

  /**
   * Reads a request line.
   *
   * @throws IllegalArgumentException if it is not a JSON object with a command
   */
  static Fields request(byte[] line) {
    Fields request = StrictJson.parse("request", line, REQUEST_BYTES_MAX);
    if (request.text(COMMAND).isEmpty()) {
      throw new IllegalArgumentException("request.command: expected a word, got nothing");
    }
    return request;
  }

  private static ControlReply refused(String text) {
    return ControlReply.text(ControlExit.REFUSED, FailureCode.NOT_PERMITTED + ": " + text);
  }

  private static ControlReply usage(String text) {
    return ControlReply.text(ControlExit.USAGE, FailureCode.COMMAND_UNKNOWN + ": " + text);
  }

  private static DeviceException failed(Path socket, Exception e) {
    return new DeviceException(FailureCode.KERNEL_CALL_FAILED, "listen at " + socket + ": " + e, e);
  }
}
