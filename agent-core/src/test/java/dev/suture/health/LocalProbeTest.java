package dev.suture.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
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
    return complaint(HexFormat.of().parseHex(answer), HealthCheck.Mqtt::new);
  }

  private Optional<String> complaint(byte[] answer, IntFunction<HealthCheck> check)
      throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      Thread thread =
          new Thread(
              () -> {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().readNBytes(14);
                  socket.getOutputStream().write(answer);
                  socket.shutdownOutput();
                  socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                  // The probe has left: what it thinks is asserted.
                }
              });
      thread.start();
      Optional<String> complaint = probe.complaint(check.apply(server.getLocalPort()));
      thread.join();
      return complaint;
    }
  }

  private Optional<String> http(String answer) throws Exception {
    return complaint(
        answer.getBytes(StandardCharsets.US_ASCII), port -> new HealthCheck.Http(port, "/", 200));
  }

  @Test
  void http_interimAnswers_areNoAnswer() throws Exception {
    assertThat(http("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n")).isEmpty();
    assertThat(http("HTTP/1.0 200 OK\n")).isEmpty();
    assertThat(http("HTTP/1.1 100 Continue\r\n\r\n".repeat(100_000)).orElseThrow())
        .contains("more than 16384 bytes before an answer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1",
        "HTTP/1.1 \r\n",
        "HTTP/1.1 abc\r\n",
        "SSH-2.0\r\n",
        "HTTP/2 200\r\n"
      })
  void http_whatIsNoAnswer_isAComplaint(String answer) throws Exception {
    assertThat(http(answer).orElseThrow()).startsWith("health check http 127.0.0.1:");
  }

  /** One that says a byte now and then has no more time than one that says nothing. */
  @Test
  void slowService_hasNoMoreTimeThanASilentOne() throws Exception {
    AtomicInteger left = new AtomicInteger();
    try (ServerSocket server = new ServerSocket(0, 2, LOOPBACK)) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 2; i++) {
                  try (Socket socket = server.accept()) {
                    while (true) {
                      socket.getOutputStream().write('x');
                      TimeUnit.MILLISECONDS.sleep(100);
                    }
                  } catch (IOException | InterruptedException e) {
                    left.incrementAndGet(); // The probe has.
                  }
                }
              });
      thread.start();
      int port = server.getLocalPort();
      assertThat(probe.complaint(new HealthCheck.Http(port, "/", 200)).orElseThrow())
          .contains("in time");
      assertThat(probe.complaint(new HealthCheck.Https(port, "/", 200))).isPresent();
      thread.join();
      assertThat(left).hasValue(2);
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
        "2002007f",
        "2003008000",
        "2003008b00",
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
