package dev.suture.hil;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.sim.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broker, mirror and watcher, without a device. */
class SurroundingsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String STATE = "suture/1/demo/dev-0001/state";

  @TempDir private Path folder;

  private Broker broker() {
    return Broker.start(folder.resolve("broker"), TestCertificates.create(), "demo", "dev-0001");
  }

  @Test
  void watcher_brokerRestarted_goesOnToSeeReports() {
    try (Broker broker = broker();
        StatusWatcher watcher =
            StatusWatcher.subscribe(folder.resolve("watcher"), broker, "demo", "dev-0001")) {
      broker.publish(broker.device(), STATE, "online");
      watcher.awaitState(StatusWatcher.Mark.START, "online", LIMIT);

      broker.stop();
      StatusWatcher.Mark mark = watcher.mark();
      broker.restart();
      broker.publish(broker.device(), STATE, "lost");
      watcher.awaitState(mark, "lost", LIMIT);
    }
  }

  @Test
  void broker_deviceThatSpeaksForThePublisher_isNotHeard() {
    try (Broker broker = broker();
        StatusWatcher watcher =
            StatusWatcher.subscribe(folder.resolve("watcher"), broker, "demo", "dev-0001")) {
      broker.publish(broker.publisher(), STATE, "forged");
      broker.publish(broker.observer(), STATE, "forged");
      broker.publish(broker.device(), STATE, "online");
      watcher.awaitState(StatusWatcher.Mark.START, "online", LIMIT);
      assertThat(watcher.since(StatusWatcher.Mark.START))
          .extracting(StatusWatcher.Report::payload)
          .doesNotContain("forged");
    }
  }

  @Test
  void mirror_rangeAsked_answersWithThePartAndNotesIt() throws IOException {
    TestCertificates certificates = TestCertificates.create();
    certificates.writeTo(folder);
    Path content = Files.createDirectories(folder.resolve("content"));
    Files.writeString(content.resolve("file"), "0123456789");
    try (Mirror mirror =
        new Mirror(
            folder.resolve("mirror"),
            content,
            folder.resolve("server.pem"),
            folder.resolve("server.key"))) {
      mirror.start();
      assertThat(get(mirror, certificates, "bytes=4-")).isEqualTo("456789");
      mirror.limitRate(1_000);
      assertThat(get(mirror, certificates, "bytes=0-1")).isEqualTo("01");
      mirror.unlimitRate();
      assertThat(mirror.requests())
          .isEqualTo(
              List.of(
                  new Mirror.Request("GET", "/file", 206, 6, "bytes=4-"),
                  new Mirror.Request("GET", "/file", 206, 2, "bytes=0-1")));
    }
  }

  private static String get(Mirror mirror, TestCertificates certificates, String range)
      throws IOException {
    HttpsURLConnection connection =
        (HttpsURLConnection)
            URI.create("https://127.0.0.1:" + mirror.port() + "/file").toURL().openConnection();
    connection.setSSLSocketFactory(certificates.clientContext().getSocketFactory());
    connection.setRequestProperty("Range", range);
    try {
      return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      connection.disconnect();
    }
  }

  @Test
  void provisioning_written_isWhatAnAgentReads() throws IOException {
    Path ca = Files.writeString(folder.resolve("made.pem"), "pem");
    Provisioning provisioning =
        new Provisioning(
            "dev-0001",
            "ssl://10.0.2.2:1",
            "secret",
            "https://10.0.2.2:2/",
            true,
            ca,
            Optional.empty());
    provisioning.writeTo(folder.resolve("provision"));
    assertThat(folder.resolve("provision/ca.pem")).hasContent("pem");
    assertThat(folder.resolve("provision/device.json"))
        .hasContent(
            """
            {
              "device_id": "dev-0001",
              "broker_uri": "ssl://10.0.2.2:1",
              "username": "dev-0001",
              "password": "secret",
              "ca_file": "/data/suture/ca.pem",
              "metadata_url": "https://10.0.2.2:2/",
              "automatic": true
            }
            """);
    assertThat(provisioning.withUnknownKey("x").deviceJson()).contains("\"x\": true");
  }
}
