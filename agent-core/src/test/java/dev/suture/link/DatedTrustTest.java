package dev.suture.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.sim.TestCertificates;
import dev.suture.sim.TestCertificates.Shape;
import dev.suture.sim.TestCertificates.Validity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole handshakes over loopback. The dates of this machine's clock play no part. */
class DatedTrustTest {
  private static final Supplier<Optional<Instant>> UNKNOWN = Optional::empty;
  private static final Supplier<Optional<Instant>> IN_2026 = at("2026-06-01");
  private static final Supplier<Optional<Instant>> IN_1970 = at("1970-01-01");
  private static final Validity PAST = Validity.of("2010-01-01", "2012-01-01");
  private static final Validity PRESENT = Validity.of("2025-01-01", "2027-01-01");
  private static final Validity FUTURE = Validity.of("2090-01-01", "2092-01-01");
  private static final int LIMIT_MILLIS = 30_000;

  private static Supplier<Optional<Instant>> at(String day) {
    return () -> Optional.of(Instant.parse(day + "T00:00:00Z"));
  }

  private static SSLContext trust(TestCertificates certificates, Supplier<Optional<Instant>> now)
      throws Exception {
    return PemTrust.context(certificates.authorityPem(), "ca.pem", now);
  }

  /** A handshake with a server that shows these, and a byte from it. */
  private static void shake(SSLContext client, TestCertificates server, String protocol)
      throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (SSLServerSocket listening =
        (SSLServerSocket)
            server
                .serverContext()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listening.setSoTimeout(LIMIT_MILLIS);
      Future<?> answering = other.submit(() -> answer(listening));
      try (SSLSocket socket =
          (SSLSocket)
              client.getSocketFactory().createSocket("127.0.0.1", listening.getLocalPort())) {
        socket.setSoTimeout(LIMIT_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getInputStream().read()).isEqualTo('!');
      } finally {
        answering.get();
      }
    } finally {
      other.shutdownNow();
    }
  }

  private static void answer(SSLServerSocket listening) {
    try (SSLSocket socket = (SSLSocket) listening.accept()) {
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.startHandshake();
      socket.getOutputStream().write('!');
    } catch (IOException e) {
      // The client refused; that is what it says itself.
      assertThat(e).isNotNull();
    }
  }

  private static void assertAccepted(Shape shape, Supplier<Optional<Instant>> now)
      throws Exception {
    TestCertificates certificates = TestCertificates.create(shape);
    shake(trust(certificates, now), certificates, "TLSv1.3");
  }

  private static void assertRefused(Shape shape, Supplier<Optional<Instant>> now, String... because)
      throws Exception {
    TestCertificates certificates = TestCertificates.create(shape);
    assertRefused(trust(certificates, now), certificates, because);
  }

  private static void assertRefused(SSLContext client, TestCertificates server, String... because) {
    assertThatThrownBy(() -> shake(client, server, "TLSv1.3"))
        .isInstanceOf(SSLException.class)
        .satisfies(e -> assertThat(messages(e)).containsAnyOf(because));
  }

  private static String messages(Throwable e) {
    StringBuilder all = new StringBuilder();
    for (Throwable one = e; one != null; one = one.getCause()) {
      all.append(one).append('\n');
    }
    return all.toString();
  }

  // The time is known: it decides, whatever the machine's clock says.

  @Test
  void knownTime_withinTheDates_isAccepted() throws Exception {
    assertAccepted(Shape.USUAL, IN_2026);
    assertAccepted(Shape.USUAL.server(PRESENT).between(PRESENT), IN_2026);
    assertAccepted(Shape.USUAL.server(PAST), at("2011-01-01"));
    assertAccepted(Shape.USUAL.server(FUTURE), at("2091-01-01"));
  }

  @Test
  void knownTime_outsideTheDates_isRefused() throws Exception {
    assertRefused(Shape.USUAL.server(PAST), IN_2026, "NotAfter");
    assertRefused(Shape.USUAL.server(FUTURE), IN_2026, "NotBefore");
    assertRefused(Shape.USUAL.server(PRESENT), IN_1970, "NotBefore");
    assertRefused(Shape.USUAL.between(PAST), IN_2026, "NotAfter");
    assertRefused(Shape.USUAL.between(FUTURE), IN_2026, "NotBefore");
  }

  @Test
  void knownTime_isAskedInEveryHandshake() throws Exception {
    TestCertificates certificates = TestCertificates.create(Shape.USUAL.server(PRESENT));
    Instant[] now = {Instant.parse("2026-06-01T00:00:00Z")};
    SSLContext client = trust(certificates, () -> Optional.ofNullable(now[0]));
    shake(client, certificates, "TLSv1.3");
    now[0] = Instant.parse("2027-06-01T00:00:00Z");
    assertRefused(client, certificates, "NotAfter");
  }

  // The time is not known: the dates say nothing.

  @Test
  void unknownTime_whateverTheDates_isAccepted() throws Exception {
    for (Validity server : List.of(PAST, PRESENT, FUTURE, Validity.ALWAYS)) {
      assertAccepted(Shape.USUAL.server(server), UNKNOWN);
      assertAccepted(Shape.USUAL.server(server).root(PAST).between(Validity.ALWAYS), UNKNOWN);
    }
  }

  @Test
  void unknownTime_datesThatMeetOnlyAtSomeMoment_areAccepted() throws Exception {
    Validity early = Validity.of("2010-01-01", "2016-01-01");
    Validity late = Validity.of("2015-12-01", "2030-01-01");
    assertAccepted(Shape.USUAL.server(early).between(late), UNKNOWN);
    assertAccepted(Shape.USUAL.server(late).between(early), UNKNOWN);
  }

  /** No right clock would ever accept it either. */
  @Test
  void unknownTime_datesThatNeverMeet_areRefused() throws Exception {
    assertRefused(Shape.USUAL.server(PRESENT).between(PAST), UNKNOWN, "NotAfter");
    assertRefused(Shape.USUAL.server(PAST).between(FUTURE), UNKNOWN, "NotBefore");
    Validity endsFirst = Validity.of("2030-01-01", "2020-01-01");
    assertRefused(Shape.USUAL.server(endsFirst), UNKNOWN, "an end before");
  }

  // Everything else is judged in either case.

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherAuthority_isRefused(boolean known) throws Exception {
    TestCertificates theirs = TestCertificates.create(Shape.USUAL.server(PRESENT));
    TestCertificates ours = TestCertificates.create();
    assertRefused(trust(ours, known ? IN_2026 : UNKNOWN), theirs, "unable to find valid");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherName_isRefused(boolean known) throws Exception {
    assertRefused(
        Shape.USUAL.named("mirror.example"), known ? IN_2026 : UNKNOWN, "alternative names");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anIssuerThatIsNoAuthority_isRefused(boolean known) throws Exception {
    assertRefused(
        Shape.USUAL.betweenThatMayNotIssue(),
        known ? IN_2026 : UNKNOWN,
        "unable to find valid",
        "keyCertSign");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCertificateForClients_isRefused(boolean known) throws Exception {
    assertRefused(Shape.USUAL.forClients(), known ? IN_2026 : UNKNOWN, "Extended key usage");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bothVersions_areJudged(String protocol) throws Exception {
    TestCertificates good = TestCertificates.create(Shape.USUAL.server(PAST));
    shake(trust(good, UNKNOWN), good, protocol);
    assertThatThrownBy(() -> shake(trust(good, IN_2026), good, protocol))
        .isInstanceOf(SSLException.class);
    TestCertificates other = TestCertificates.create();
    assertThatThrownBy(() -> shake(trust(good, UNKNOWN), other, protocol))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void clients_areNotTrusted() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = new ByteArrayInputStream(TestCertificates.create().authorityPem())) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    DatedTrust trust = new DatedTrust(store, UNKNOWN);
    X509Certificate[] chain = trust.getAcceptedIssuers();

    assertThat(chain).hasSize(1);
    assertThatThrownBy(() -> trust.checkClientTrusted(chain, "EC"))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> trust.checkServerTrusted(new X509Certificate[11], "ECDHE_ECDSA"))
        .hasMessageContaining("expected 1 to 10");
    assertThatThrownBy(() -> trust.checkServerTrusted(new X509Certificate[0], "ECDHE_ECDSA"))
        .hasMessageContaining("expected 1 to 10");
  }
}
