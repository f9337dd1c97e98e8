package dev.suture.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against real servers on 127.0.0.1. HTTPS is asked of real devices in the tests on them. */
class LocalProbeTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int ATTEMPTS = 5;
  private static final int START_LIMIT_SECONDS = 20;

  private final LocalProbe probe = new LocalProbe();

  @Test
  void http_answersAsExpected_orNot() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    server.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    int port = server.getAddress().getPort();
    try {
      assertThat(probe.complaint(new HealthCheck.Http(port, "/health", 204))).isEmpty();
      assertThat(probe.complaint(new HealthCheck.Http(port, "/health", 200)))
          .contains("health check http 127.0.0.1:" + port + "/health answers 200: got 204");
      assertThat(probe.complaint(new HealthCheck.Http(port, "/", 200)).orElseThrow())
          .endsWith("got 404");
    } finally {
      server.stop(0);
    }
    assertThat(probe.complaint(new HealthCheck.Http(port, "/health", 204))).isPresent();
  }

  @Test
  void mqtt_realBroker_passesUntilItEnds(@TempDir Path folder) throws Exception {
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      HealthCheck check = new HealthCheck.Mqtt(port);
      assertThat(probe.complaint(check).orElseThrow()).contains("mqtt 127.0.0.1:" + port);
      Path config = folder.resolve("mosquitto.conf");
      // Nobody may come in without a password, and yet it works.
      Files.writeString(config, "listener " + port + " 127.0.0.1\nallow_anonymous false\n");
      Process broker =
          new ProcessBuilder("mosquitto", "-c", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      try {
        if (isAnswering(check, broker)) {
          return;
        }
        // Somebody else took the port.
        assertThat(attempt).as(Files.readString(folder.resolve("log"))).isLessThan(ATTEMPTS);
      } finally {
        broker.destroyForcibly().waitFor();
      }
    }
  }

  private boolean isAnswering(HealthCheck check, Process broker) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
    while (broker.isAlive() && System.nanoTime() < end) {
      if (!probe.complaint(check).isPresent()) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  /** What a server that says this is thought of. */
  private Optional<String> complaint(String answer) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      Thread thread =
          new Thread(
              () -> {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().readNBytes(14);
                  socket.getOutputStream().write(HexFormat.of().parseHex(answer));
                  socket.shutdownOutput();
                  socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                  // The probe has left: what it thinks is asserted.
                }
              });
      thread.start();
      Optional<String> complaint = probe.complaint(new HealthCheck.Mqtt(server.getLocalPort()));
      thread.join();
      return complaint;
    }
  }

  /** Accepted; not authorised; protocol version not supported, as a broker of MQTT 5 says it. */
  @ParameterizedTest
  @ValueSource(strings = {"20020000", "20020005", "2003008400"})
  void mqtt_anyAnswerOfABroker_passes(String answer) throws Exception {
    assertThat(complaint(answer)).isEmpty();
  }

  /** Unavailable, in three ways; another packet; too short, too long; cut off; nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "20020003",
        "2003008800",
        "2003008900",
        "30020000",
        "200100",
        "20ff0100",
        "2002",
        ""
      })
  void mqtt_anythingElse_isAComplaint(String answer) throws Exception {
    assertThat(complaint(answer).orElseThrow()).startsWith("health check mqtt 127.0.0.1:");
  }

  @Test
  void refusal_onlyOfWhatItCannotAsk() {
    assertThat(probe.refusal(new HealthCheck.Https(443, "/", 200))).isEmpty();
    assertThat(probe.refusal(new HealthCheck.Http(80, "/", 200))).isEmpty();
    assertThat(probe.refusal(new HealthCheck.Mqtt(1883))).isEmpty();
    assertThat(probe.refusal(new HealthCheck.Unit("a.service"))).isPresent();
    assertThat(probe.complaint(new HealthCheck.Unit("a.service"))).isPresent();
  }
}
