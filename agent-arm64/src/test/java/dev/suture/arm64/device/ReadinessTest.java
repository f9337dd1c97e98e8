package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessTest {
  @TempDir Path directory;

  @Test
  void announce_whenNobodyAsked_saysNothing() {
    assertThat(new Readiness(Map.of()).announce()).isEmpty();
    assertThat(new Readiness(Map.of("NOTIFY_SOCKET", "")).announce()).isEmpty();
  }

  @Test
  void announce_toAFifo_writesReady() throws Exception {
    String fifo = fifo();
    Path received = directory.resolve("received");
    Process reader = new ProcessBuilder("cat", fifo).redirectOutput(received.toFile()).start();
    try {
      String line = "";
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!line.equals("readiness: told " + fifo)) {
        assertThat(System.nanoTime()).as(line).isLessThan(deadline);
        line = new Readiness(Map.of("SUTURE_READY_FIFO", fifo)).announce().get(0);
      }
      assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(received).hasContent("READY=1\n");
    } finally {
      reader.destroyForcibly();
    }
  }

  @Test
  void announce_toAFifoWithoutAReader_doesNotWait() throws Exception {
    String fifo = fifo();

    assertThat(new Readiness(Map.of("SUTURE_READY_FIFO", fifo)).announce())
        .containsExactly("readiness: nobody waits at " + fifo);
  }

  @Test
  void announce_toWhatIsNotThere_isALineForTheLog() {
    assertThat(
            new Readiness(Map.of("SUTURE_READY_FIFO", "/nowhere/f", "NOTIFY_SOCKET", "/nowhere/s"))
                .announce())
        .containsExactly(
            "readiness: not told: open /nowhere/f: ENOENT",
            "readiness: not told: sendto /nowhere/s: ENOENT");
    assertThat(new Readiness(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200))).announce())
        .containsExactly("readiness: not told: socket address: expected 1 to 107 bytes, got 201");
  }

  @Test
  void announce_toADatagramSocket_isReceived() throws Exception {
    for (String address :
        new String[] {directory.resolve("notify").toString(), "@suture-" + System.nanoTime()}) {
      Path received = directory.resolve("received");
      Process receiver =
          new ProcessBuilder("perl", "-e", RECEIVE, address)
              .redirectOutput(received.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        String line = "";
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!line.equals("readiness: told " + address)) {
          assertThat(System.nanoTime()).as(line).isLessThan(deadline);
          line = new Readiness(Map.of("NOTIFY_SOCKET", address)).announce().get(0);
        }
        assertThat(receiver.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(received).hasContent("READY=1\n");
      } finally {
        receiver.destroyForcibly();
      }
    }
  }

  /** Java has no datagram sockets in the Unix domain. Perl is an essential package of Debian. */
  private static final String RECEIVE =
      """
      use Socket; my $a = $ARGV[0]; $a =~ s/^@/\\0/;
      socket(S, PF_UNIX, SOCK_DGRAM, 0) or die $!; bind(S, pack_sockaddr_un($a)) or die $!;
      alarm 20; recv(S, my $m, 100, 0); print $m;
      """;

  private String fifo() throws Exception {
    Path path = directory.resolve("ready.fifo");
    Process process = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.exists(path)).isTrue();
    return path.toString();
  }
}
