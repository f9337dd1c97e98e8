package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.link.Report;
import dev.suture.link.ReportSink;
import dev.suture.protocol.Notice;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.sim.Await;
import dev.suture.sim.MosquittoBroker;
import dev.suture.sim.MqttPeer;
import dev.suture.sim.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The link against a real mosquitto. */
@Timeout(60)
class MqttLinkTest {
  private static final long LIMIT_MILLIS = 20_000;
  private static final String NOTICE = "suture/1/demo/notice";
  private static final String STATE = "suture/1/demo/dev-0001/state";
  private static final String STATUS = "suture/1/demo/dev-0001/status";

  /** As on the device, but back soon, and called lost after a second. */
  private static final MqttLimits LIMITS = new MqttLimits(10_000, 10_000, 60, 1, 20, 200);

  private static TestCertificates certificates;

  @TempDir private Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private MosquittoBroker broker;

  @BeforeAll
  static void makeCertificates() {
    certificates = TestCertificates.create();
  }

  @BeforeEach
  void startBroker() throws IOException {
    broker = broker().start();
    opened.add(broker);
  }

  private MosquittoBroker.Builder broker() {
    return MosquittoBroker.in(folder.resolve("broker"), certificates)
        .device("demo", "dev-0001", "device secret")
        .device("demo", "dev-0002", "other secret")
        .publisher("demo", "publisher", "publisher secret");
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private MqttSettings settings(String password, TestCertificates trusted) {
    return new MqttSettings(
        broker.uri(),
        "demo",
        "dev-0001",
        "dev-0001",
        password.toCharArray(),
        trusted.clientContext());
  }

  private MqttLink link(MqttSettings settings, MqttLimits limits) {
    MqttLink link = MqttLink.start(settings, limits, new Random(1), wakeUps::incrementAndGet);
    opened.add(link);
    return link;
  }

  private MqttLink link() {
    return link(settings("device secret", certificates), LIMITS);
  }

  private MqttLink connected() {
    MqttLink link = link();
    awaitConnected(link, 1);
    return link;
  }

  private void awaitConnected(MqttLink link, long connects) {
    Await.until(
        "connection " + connects,
        LIMIT_MILLIS,
        () -> link.connects() >= connects && link.connected(),
        () -> link.trouble() + broker.logTail());
  }

  private void awaitWakeUps(int count) {
    Await.until(count + " wake-ups", LIMIT_MILLIS, () -> wakeUps.get() >= count);
  }

  private MqttPeer peer(String user, String password) throws IOException {
    MqttPeer peer = MqttPeer.connect(broker.uri(), certificates.clientContext(), user, password);
    opened.add(peer);
    return peer;
  }

  private MqttPeer publisher() throws IOException {
    return peer("publisher", "publisher secret");
  }

  private String awaitNotice(MqttLink link) {
    List<String> taken = new ArrayList<>();
    Await.until(
        "a notice",
        LIMIT_MILLIS,
        () -> {
          Optional<byte[]> next = link.take();
          next.ifPresent(notice -> taken.add(text(notice)));
          return next.isPresent();
        },
        () -> link.trouble() + broker.logTail());
    return taken.get(0);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  // Connecting.

  @Test
  void connect_withOwnAuthorityAndPassword_isOnline() throws IOException {
    MqttPeer observer = publisher();
    observer.subscribe("suture/1/demo/#");

    MqttLink link = connected();

    observer.await("online", LIMIT_MILLIS, m -> m.topic().equals(STATE));
    assertThat(observer.texts(STATE)).containsExactly("online");
    assertThat(link.trouble()).isEmpty();
    assertThat(link.connectedAfterMillis()).isPresent();
    awaitWakeUps(1);
  }

  @Test
  void connect_toAnotherAuthority_isRefusedByUs() {
    MqttLink link = link(settings("device secret", TestCertificates.create()), LIMITS);

    Await.until(
        "the refusal",
        LIMIT_MILLIS,
        () -> link.trouble().filter(t -> t.contains("SSLHandshakeException")).isPresent(),
        () -> link.trouble().toString());
    assertThat(link.connected()).isFalse();
    assertThat(link.connectedAfterMillis()).isEmpty();
  }

  @Test
  void connect_toCertificateOfAnotherServer_isRefusedByUs() throws IOException {
    TestCertificates misnamed = TestCertificates.createFor("broker.example");
    broker.stop();
    broker =
        MosquittoBroker.in(folder.resolve("misnamed"), misnamed)
            .device("demo", "dev-0001", "device secret")
            .start();
    opened.add(broker);

    MqttLink link = link(settings("device secret", misnamed), LIMITS);

    Await.until(
        "the refusal",
        LIMIT_MILLIS,
        () -> link.trouble().filter(t -> t.contains("SSLHandshakeException")).isPresent(),
        () -> link.trouble().toString());
    assertThat(link.connects()).isZero();
  }

  @Test
  void connect_withWrongPassword_saysSoAndTriesAgain() throws IOException {
    MqttLink link = link(settings("wrong", certificates), LIMITS);

    Await.until(
        "the reason",
        LIMIT_MILLIS,
        () -> link.trouble().filter(t -> t.contains("not authorized")).isPresent(),
        () -> link.trouble() + broker.logTail());
    assertThat(link.trouble().orElseThrow()).doesNotContain("wrong");

    // The operator mends it at the broker: the device comes back by itself.
    broker.stop();
    broker.reconfigure(broker().device("demo", "dev-0001", "wrong"));
    broker.start();
    awaitConnected(link, 1);
    assertThat(link.trouble()).isEmpty();
  }

  @Test
  void broker_thatIsNotThere_isWaitedForInTheBackground() throws IOException {
    broker.stop();
    long beginNanos = System.nanoTime();
    MqttLink link = link();
    assertThat(System.nanoTime() - beginNanos).isLessThan(TimeUnit.SECONDS.toNanos(5));
    Await.until("a refusal", LIMIT_MILLIS, () -> link.trouble().isPresent());
    assertThat(link.connected()).isFalse();
    assertThat(link.take()).isEmpty();

    broker.start();

    awaitConnected(link, 1);
  }

  // Notices.

  @Test
  void notice_arrivesAndWakesTheAgent() throws IOException {
    MqttLink link = connected();
    byte[] notice = new Notice(7).encode();

    publisher().publish(NOTICE, notice, /* retained= */ true);

    assertThat(awaitNotice(link)).isEqualTo(text(notice));
    assertThat(link.take()).isEmpty();
    awaitWakeUps(2);
  }

  @Test
  void retainedNotice_isDeliveredAfterRestartOfTheDevice() throws IOException {
    MqttLink first = connected();
    publisher().publish(NOTICE, new Notice(7).encode(), /* retained= */ true);
    awaitNotice(first);
    first.close();

    MqttLink second = connected();

    assertThat(awaitNotice(second)).contains("\"sequence\":7");
  }

  @Test
  void noticeWhileAway_isDeliveredByTheSession() throws IOException {
    connected().close();
    // Not retained: only the session can have it.
    publisher().publish(NOTICE, new Notice(8).encode(), /* retained= */ false);

    assertThat(awaitNotice(connected())).contains("\"sequence\":8");
  }

  @Test
  void noticeWhileAway_outlivesARestartOfTheBroker() throws IOException {
    connected().close();
    publisher().publish(NOTICE, new Notice(9).encode(), /* retained= */ false);
    broker.stop();
    broker.start();

    assertThat(awaitNotice(connected())).contains("\"sequence\":9");
  }

  @Test
  void oversizedNotice_isDropped() throws IOException {
    MqttLink link = connected();
    MqttPeer publisher = publisher();

    publisher.publish(NOTICE, new byte[Notice.BYTES_MAX + 1], /* retained= */ false);
    // This one the broker does not even send, because we said how much we take.
    publisher.publish(NOTICE, new byte[MqttLimits.PACKET_BYTES_MAX * 10], /* retained= */ false);
    publisher.publish(NOTICE, new byte[Notice.BYTES_MAX], /* retained= */ false);

    assertThat(awaitNotice(link)).hasSize(Notice.BYTES_MAX);
    assertThat(link.take()).isEmpty();
    assertThat(link.dropped()).isEqualTo(1);
    assertThat(link.connects()).isEqualTo(1);
  }

  @Test
  void flood_isBoundedAndDoesNotCutTheConnection() throws Exception {
    MqttLink link = connected();
    MqttPeer publisher = publisher();
    int notices = 10_000;
    for (int i = 0; i < notices; i++) {
      publisher.throwAt(NOTICE, new Notice(i).encode());
    }
    Await.until(
        "the last notice",
        LIMIT_MILLIS,
        () -> {
          if (publisher.publish(NOTICE, new Notice(notices).encode(), false) >= 0x80) {
            throw new IOException("refused");
          }
          return link.take().filter(n -> text(n).contains(":" + notices)).isPresent();
        },
        broker::logTail);

    int kept = 0;
    while (link.take().isPresent()) {
      kept++;
    }
    assertThat(kept).isLessThanOrEqualTo(Inbox.NOTICES_MAX);
    assertThat(link.dropped()).isGreaterThan(0);
    assertThat(link.connected()).isTrue();
    assertThat(link.connects()).isEqualTo(1);
  }

  @Test
  void agentThatFailsWhenWoken_doesNotCutTheConnection() throws IOException {
    MqttLink link =
        MqttLink.start(
            settings("device secret", certificates),
            LIMITS,
            new Random(1),
            () -> {
              throw new IllegalStateException("the agent's fault");
            });
    opened.add(link);
    awaitConnected(link, 1);

    publisher().publish(NOTICE, new Notice(7).encode(), /* retained= */ false);

    assertThat(awaitNotice(link)).contains("\"sequence\":7");
    assertThat(link.connects()).isEqualTo(1);
  }

  // Reports.

  @Test
  void report_isAcknowledgedAndRetained() throws Exception {
    MqttLink link = connected();

    for (int i = 0; i < 5; i++) {
      link.publish(Report.STATUS, bytes("{\"format\":1,\"n\":" + i + "}"));
    }
    link.publish(Report.STATUS, new byte[ReportSink.REPORT_BYTES_MAX]);
    link.publish(Report.STATUS, bytes("the newest"));

    MqttPeer late = publisher();
    late.subscribe("suture/1/demo/+/status");
    MqttPeer.Message message =
        late.await("the status", LIMIT_MILLIS, m -> m.topic().equals(STATUS));
    assertThat(message.text()).isEqualTo("the newest");
    assertThat(message.retained()).isTrue();
  }

  @Test
  void report_tooLong_isOurOwnFault() {
    MqttLink link = connected();

    assertThatThrownBy(() -> link.publish(Report.STATUS, new byte[ReportSink.REPORT_BYTES_MAX + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void report_thatTheBrokerRefuses_isNotTakenForSent() throws IOException {
    broker.stop();
    broker.reconfigure(broker().user("dev-0001", "device secret", "topic read " + NOTICE));
    broker.start();
    MqttLink link = connected();

    RetryableException failure =
        catchThrowableOfType(
            RetryableException.class, () -> link.publish(Report.STATUS, bytes("x")));

    assertThat(failure.code()).isEqualTo(FailureCode.BROKER_UNREACHABLE);
    assertThat(failure).hasMessageContaining("not authorized");
    assertThat(link.trouble().orElseThrow()).contains("state").contains("not authorized");
    publisher().publish(NOTICE, new Notice(7).encode(), /* retained= */ false);
    assertThat(awaitNotice(link)).contains("\"sequence\":7");
  }

  @Test
  void report_withoutBroker_failsAtOnce() {
    MqttLink link = connected();
    broker.kill();
    Await.until("the loss", LIMIT_MILLIS, () -> !link.connected());

    long beginNanos = System.nanoTime();
    RetryableException failure =
        catchThrowableOfType(
            RetryableException.class, () -> link.publish(Report.STATUS, bytes("x")));

    assertThat(failure.code()).isEqualTo(FailureCode.BROKER_UNREACHABLE);
    assertThat(System.nanoTime() - beginNanos).isLessThan(TimeUnit.SECONDS.toNanos(5));
  }

  @Test
  void report_toFrozenBroker_failsWithinTheLimitAndReconnects() throws Exception {
    long answerMillis = 1_000;
    MqttLink link =
        link(
            settings("device secret", certificates),
            new MqttLimits(1_000, answerMillis, 60, 1, 20, 200));
    awaitConnected(link, 1);
    broker.freeze();

    long beginNanos = System.nanoTime();
    RetryableException failure =
        catchThrowableOfType(
            RetryableException.class, () -> link.publish(Report.STATUS, bytes("lost?")));
    long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);

    assertThat(failure.code()).isEqualTo(FailureCode.BROKER_UNREACHABLE);
    assertThat(failure).hasMessageContaining("no answer in time");
    assertThat(tookMillis).isBetween(answerMillis - 10, answerMillis + 4_000);
    assertThat(link.connected()).isFalse();
    broker.thaw();
    awaitConnected(link, 2);
    link.publish(Report.STATUS, bytes("after the thaw"));
  }

  // Losing the broker.

  @Test
  void brokerKilledAndForgetful_isComeBackTo() throws Exception {
    broker.stop();
    broker.reconfigure(broker().forgetful());
    broker.start();
    MqttLink link = connected();
    link.publish(Report.STATUS, bytes("before"));

    broker.kill();
    broker.start();

    awaitConnected(link, 2);
    // The agent was woken, so it can report again: the new broker knows nothing.
    awaitWakeUps(2);
    link.publish(Report.STATUS, bytes("after"));
    MqttPeer publisher = publisher();
    publisher.subscribe("suture/1/demo/#");
    publisher.await("the status", LIMIT_MILLIS, m -> m.text().equals("after"));
    publisher.await("the state", LIMIT_MILLIS, m -> m.text().equals("online"));
    publisher.publish(NOTICE, new Notice(10).encode(), /* retained= */ false);
    assertThat(awaitNotice(link)).contains("\"sequence\":10");
  }

  @Test
  void brokerThatComesAndGoes_isComeBackToEveryTime() throws IOException {
    MqttLink link = connected();

    for (int round = 2; round <= 4; round++) {
      broker.stop();
      broker.start();
      awaitConnected(link, round);
    }

    publisher().publish(NOTICE, new Notice(11).encode(), /* retained= */ false);
    assertThat(awaitNotice(link)).contains("\"sequence\":11");
  }

  @Test
  void deviceThatVanishes_isCalledLost() throws Exception {
    MqttPeer observer = publisher();
    observer.subscribe(STATE);
    MqttConnection connection =
        new MqttConnection(settings("device secret", certificates), LIMITS, (topic, payload) -> {});
    connection.connect();
    connection.publish(Report.STATE, bytes("online"));

    connection.discard();

    observer.await("lost", LIMIT_MILLIS, m -> m.text().equals("lost"));
    MqttPeer late = publisher();
    late.subscribe(STATE);
    assertThat(late.await("lost, retained", LIMIT_MILLIS, m -> true))
        .satisfies(m -> assertThat(m.text()).isEqualTo("lost"))
        .satisfies(m -> assertThat(m.retained()).isTrue());
  }

  @Test
  void deviceThatStops_isCalledLostToo() throws IOException {
    MqttPeer observer = publisher();
    observer.subscribe(STATE);
    MqttLink link = connected();

    link.close();

    observer.await("lost", LIMIT_MILLIS, m -> m.text().equals("lost"));
    assertThat(link.connected()).isFalse();
    assertThat(observer.texts(STATE)).containsExactly("online", "lost");
  }

  @Test
  void close_leavesNoThread() {
    MqttLink link = connected();

    link.close();

    Await.until("all threads of the link end", LIMIT_MILLIS, () -> threadsOfLinks() == 0);
  }

  private static long threadsOfLinks() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getThreadGroup() != null)
        .filter(t -> "suture-mqtt".equals(t.getThreadGroup().getName()))
        .count();
  }

  // What a device may do at the broker.

  @Test
  void device_cannotWriteElsewhereNorReadOthers() throws IOException {
    MqttPeer observer = publisher();
    observer.subscribe("suture/1/demo/#");
    MqttPeer intruder = peer("dev-0002", "other secret");

    assertThat(intruder.publish(NOTICE, bytes("forged"), true)).isEqualTo(0x87);
    assertThat(intruder.publish(STATUS, bytes("forged"), true)).isEqualTo(0x87);
    assertThat(intruder.publish(STATE, bytes("forged"), true)).isEqualTo(0x87);
    assertThat(intruder.publish("suture/1/demo/dev-0002/status", bytes("own"), true)).isZero();
    intruder.subscribe(NOTICE);
    MqttLink link = connected();
    observer.publish(NOTICE, new Notice(12).encode(), false);

    intruder.await("the notice", LIMIT_MILLIS, m -> m.topic().equals(NOTICE));
    observer.await("own status", LIMIT_MILLIS, m -> m.text().equals("own"));
    assertThat(awaitNotice(link)).contains("\"sequence\":12");
    assertThat(observer.received()).noneMatch(m -> m.text().equals("forged"));
    assertThat(link.dropped()).isZero();
  }

  @Test
  void nobody_withoutPassword() {
    assertThatThrownBy(() -> peer("dev-0001", "")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> peer("nobody", "device secret")).isInstanceOf(IOException.class);
  }
}
