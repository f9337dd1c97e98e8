package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * A real datagram socket in the Unix domain, as a service manager has one. Java has none. Perl is
 * an essential package of Debian.
 */
public final class NotifySocket implements AutoCloseable {
  private static final String RECEIVE =
      """
      use Socket; $| = 1; my $a = $ARGV[0]; $a =~ s/^@/\\0/; alarm 60;
      socket(S, PF_UNIX, SOCK_DGRAM, 0) or die $!; bind(S, pack_sockaddr_un($a)) or die $!;
      print "bound\\n"; while (defined recv(S, my $m, 1000, 0)) { print "[$m]"; print "\\n"; }
      """;

  private final Process process;
  private final BufferedReader received;

  /**
   * Listens when this returns.
   *
   * @param address a path, or with a leading {@code @} an abstract name
   */
  public NotifySocket(String address) throws IOException {
    process =
        new ProcessBuilder("perl", "-e", RECEIVE, address)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    received =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    assertThat(received.readLine()).isEqualTo("bound");
  }

  /** Waits for the next datagram, with what it ended its lines with; fails after a minute. */
  public String receive() throws IOException {
    StringBuilder message = new StringBuilder();
    do {
      String line = received.readLine();
      assertThat(line).as("a datagram, got so far: %s", message).isNotNull();
      message.append(line).append('\n');
    } while (message.charAt(message.length() - 2) != ']');
    return message.substring(1, message.length() - 2);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
