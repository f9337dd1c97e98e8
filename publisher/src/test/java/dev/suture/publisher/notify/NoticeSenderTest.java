package dev.suture.publisher.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.Notice;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.sim.MosquittoBroker;
import dev.suture.sim.MqttPeer;
import dev.suture.sim.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real mosquitto with TLS, passwords and an access list. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class NoticeSenderTest {
  private static final String TOPIC = "suture/1/demo/notice";

  @TempDir private Path temp;
  private final TestCertificates certificates = TestCertificates.create();
  private @Nullable MosquittoBroker broker;

  @BeforeEach
  void start() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("broker"));
    broker =
        MosquittoBroker.in(folder, certificates)
            .publisher("demo", "publisher", "right")
            .device("demo", "dev-0001", "device")
            .start();
    Files.write(temp.resolve("ca.pem"), certificates.authorityPem());
    Files.writeString(temp.resolve("password"), "right\nsecond line\n");
  }

  @AfterEach
  void stop() {
    broker().close();
  }

  private MosquittoBroker broker() {
    return Objects.requireNonNull(broker);
  }

  private NoticeSettings settings(String uri, String user) {
    return new NoticeSettings(
        URI.create(uri), temp.resolve("ca.pem"), user, temp.resolve("password"));
  }

  private PublisherException failure(NoticeSettings settings, String fleet) {
    PublisherException e =
        catchThrowableOfType(
            PublisherException.class, () -> new NoticeSender(settings).send(fleet, new Notice(7)));
    assertThat(e).isNotNull();
    assertThat(e.toString()).doesNotContain("right");
    return e;
  }

  @Test
  void send_goodSettings_deviceThatComesLaterGetsTheRetainedNotice() throws Exception {
    new NoticeSender(settings(broker().uri(), "publisher")).send("demo", new Notice(7));
    new NoticeSender(settings(broker().uri(), "publisher")).send("demo", new Notice(8));

    try (MqttPeer device =
        MqttPeer.connect(broker().uri(), certificates.clientContext(), "dev-0001", "device")) {
      device.subscribe(TOPIC);
      MqttPeer.Message got =
          device.await("the notice", 10_000, message -> message.topic().equals(TOPIC));
      assertThat(got.retained()).isTrue();
      assertThat(Notice.decode(got.text().getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(new Notice(8));
    }
  }

  @Test
  void send_wrongPassword_failed() throws Exception {
    Files.writeString(temp.resolve("password"), "wrong\n");

    assertThat(failure(settings(broker().uri(), "publisher"), "demo").problem())
        .isEqualTo(Problem.BROKER_FAILED);
  }

  @Test
  void send_fleetThatWeMayNotWrite_failedThoughTheBrokerAcknowledged() {
    PublisherException e = failure(settings(broker().uri(), "publisher"), "other");

    assertThat(e.problem()).isEqualTo(Problem.BROKER_FAILED);
    assertThat(e.details().got()).contains("0x87");
  }

  @Test
  void send_brokerOfAnotherAuthority_failed() throws Exception {
    Path other = Files.createDirectory(temp.resolve("other"));
    TestCertificates.create().writeTo(other);
    NoticeSettings settings =
        new NoticeSettings(
            URI.create(broker().uri()),
            other.resolve("ca.pem"),
            "publisher",
            temp.resolve("password"));

    PublisherException e = failure(settings, "demo");
    assertThat(e.problem()).isEqualTo(Problem.BROKER_FAILED);
    assertThat(e.details().got()).containsIgnoringCase("certification path");
  }

  @Test
  void send_certificateForAnotherHost_failed() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("elsewhere"));
    TestCertificates elsewhere = TestCertificates.createFor("broker.example");
    try (MosquittoBroker wrong =
        MosquittoBroker.in(folder, elsewhere).publisher("demo", "publisher", "right").start()) {
      NoticeSettings settings =
          new NoticeSettings(
              URI.create(wrong.uri()),
              folder.resolve("ca.pem"),
              "publisher",
              temp.resolve("password"));
      assertThat(failure(settings, "demo").problem()).isEqualTo(Problem.BROKER_FAILED);
    }
  }

  @Test
  void send_nobodyListens_failed() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(failure(settings("ssl://127.0.0.1:" + port, "publisher"), "demo").problem())
        .isEqualTo(Problem.BROKER_FAILED);
  }

  @Test
  void send_brokerFrozen_failedWithinTheLimit() throws Exception {
    broker().freeze();
    try {
      NoticeSender sender = new NoticeSender(settings(broker().uri(), "publisher"), 300);
      PublisherException e =
          catchThrowableOfType(PublisherException.class, () -> sender.send("demo", new Notice(7)));
      assertThat(e.problem()).isEqualTo(Problem.BROKER_FAILED);
    } finally {
      broker().thaw();
    }
  }

  @Test
  void send_caFileOrPasswordUnusable_refusedByName() throws Exception {
    Files.writeString(temp.resolve("ca.pem"), "no certificate");
    assertThat(failure(settings(broker().uri(), "publisher"), "demo").problem())
        .isEqualTo(Problem.INPUT_MALFORMED);
    Files.delete(temp.resolve("ca.pem"));
    assertThat(failure(settings(broker().uri(), "publisher"), "demo").problem())
        .isEqualTo(Problem.INPUT_UNREADABLE);

    Files.writeString(temp.resolve("password"), "\n");
    Path ca = temp.resolve("broker/ca.pem");
    NoticeSettings settings =
        new NoticeSettings(URI.create(broker().uri()), ca, "publisher", temp.resolve("password"));
    assertThat(failure(settings, "demo").problem()).isEqualTo(Problem.INPUT_MALFORMED);
  }
}
