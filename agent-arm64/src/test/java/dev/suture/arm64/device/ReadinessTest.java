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
    for (String address : addresses()) {
      try (NotifySocket socket = new NotifySocket(address)) {
        assertThat(new Readiness(Map.of("NOTIFY_SOCKET", address)).announce())
            .containsExactly("readiness: told " + address);
        assertThat(socket.receive()).isEqualTo("READY=1\n");
      }
    }
  }

  @Test
  void announceEnd_toADatagramSocket_isReceived() throws Exception {
    for (String address : addresses()) {
      try (NotifySocket socket = new NotifySocket(address)) {
        assertThat(new Readiness(Map.of("NOTIFY_SOCKET", address)).announceEnd())
            .containsExactly("readiness: told " + address);
        assertThat(socket.receive()).isEqualTo("STOPPING=1\n");
      }
    }
    assertThat(new Readiness(Map.of("SUTURE_READY_FIFO", "/nowhere/f")).announceEnd()).isEmpty();
  }

  private String[] addresses() {
    return new String[] {
      directory.resolve("notify-" + System.nanoTime()).toString(), "@suture-" + System.nanoTime()
    };
  }

  private String fifo() throws Exception {
    Path path = directory.resolve("ready.fifo");
    Process process = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.exists(path)).isTrue();
    return path.toString();
  }
}
