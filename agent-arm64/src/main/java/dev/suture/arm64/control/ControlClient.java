package dev.suture.arm64.control;

import dev.suture.protocol.json.JsonText;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Sends commands to the agent on this device. */
public final class ControlClient {
  /** The agent has this long to answer. */
  public static final long REPLY_LIMIT_MILLIS = 60_000;

  private final Path socket;
  private final long replyLimitMillis;

  /** For the agent that listens at this socket. */
  public ControlClient(Path socket) {
    this(socket, REPLY_LIMIT_MILLIS);
  }

  ControlClient(Path socket, long replyLimitMillis) {
    this.socket = socket;
    this.replyLimitMillis = replyLimitMillis;
  }

  /**
   * Sends one command and waits for the reply.
   *
   * @param file the bundle that it is about, if any; absolute
   * @throws IOException if the agent does not listen, does not answer in time, or answers something
   *     else than a reply
   */
  public ControlReply send(String command, Optional<Path> file) throws IOException {
    byte[] request =
        JsonText.compact(
            json -> {
              json.name("command").value(command);
              if (file.isPresent()) {
                json.name("file").value(file.get().toString());
              }
            });
    try (LineChannel line = new LineChannel(SocketChannel.open(StandardProtocolFamily.UNIX))) {
      if (!line.connect(UnixDomainSocketAddress.of(socket))) {
        throw new IOException("the agent has too many commands waiting");
      }
      try {
        line.write(request, replyLimitMillis);
      } catch (IOException e) {
        // A peer that is refused may find the socket closed before its request is out, and the
        // reason waiting. If there is none, reading fails as writing did.
        return reply(line);
      }
      return reply(line);
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private ControlReply reply(LineChannel line) throws IOException {
    return ControlReply.parse(
        ControlReply.decode(line.readLine(ControlReply.BYTES_MAX, replyLimitMillis)));
  }
}
