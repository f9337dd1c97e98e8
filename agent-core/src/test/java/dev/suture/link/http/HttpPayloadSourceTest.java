package dev.suture.link.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.link.PayloadSource;
import dev.suture.link.PemTrust;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.sim.FaultyHttpServer;
import dev.suture.sim.FaultyHttpServer.Answer;
import dev.suture.sim.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Good and bad mirrors. No request leaves 127.0.0.1. */
@Timeout(30)
class HttpPayloadSourceTest {
  private static final int FILE_BYTES = 300_000;
  private static final byte[] FILE = new byte[FILE_BYTES];

  /** Short enough for a test, long enough for a busy machine where they must not be reached. */
  private static final HttpLimits PATIENT =
      new HttpLimits(10_000, 10_000, 10_000, 10_000, 20_000, 20_000);

  /** Gives up soon on silence, but not so soon that a busy machine looks like a silent mirror. */
  private static final HttpLimits IMPATIENT_WITH_SILENCE =
      new HttpLimits(10_000, 2_000, 30_000, 30_000, 60_000, 60_000);

  /** Gives up at once on a head that does not end, however busy the machine is. */
  private static final HttpLimits IMPATIENT_WITH_HEADS =
      new HttpLimits(10_000, 30_000, 300, 30_000, 60_000, 60_000);

  static {
    new Random(7).nextBytes(FILE);
  }

  private FaultyHttpServer server;
  private final Collected sink = new Collected();

  /** Keeps what it is given, and fails when it is told to. */
  private static final class Collected implements dev.suture.link.ChunkSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int largestChunk;

    @Override
    public void accept(byte[] buffer, int offset, int length) {
      assertThat(length).isBetween(1, PayloadSource.CHUNK_BYTES_MAX);
      largestChunk = Math.max(largestChunk, length);
      bytes.write(buffer, offset, length);
    }

    int size() {
      return bytes.size();
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = FaultyHttpServer.start();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private PayloadSource mirror() {
    return HttpPayloadSource.with(server.url(), null, PATIENT, System::nanoTime);
  }

  private PayloadSource mirror(HttpLimits limits, LongSupplier nanoClock) {
    return HttpPayloadSource.with(server.url(), null, limits, nanoClock);
  }

  private static HttpLimits withHead(long headMillis) {
    return new HttpLimits(10_000, 10_000, headMillis, 300, 20_000, 20_000);
  }

  private static SutureException failure(Call call) {
    return catchThrowableOfType(SutureException.class, call::run);
  }

  @FunctionalInterface
  private interface Call {
    void run() throws SutureException;
  }

  private SutureException rangeFailure(long from) {
    return failure(() -> mirror().range("f", from, FILE_BYTES, sink));
  }

  // What a good mirror does.

  @Test
  void document_ofHonestServer_isWhole() throws Exception {
    server.on("a/index.json", Answer.file(FILE));

    assertThat(mirror().document("a/index.json", FILE_BYTES)).isEqualTo(FILE);
    assertThat(server.requests().get(0).headers())
        .containsEntry("accept-encoding", "identity")
        .containsEntry("user-agent", "suture")
        .doesNotContainKey("range");
  }

  @Test
  void document_empty_isEmpty() throws Exception {
    server.on("empty", Answer.file(new byte[0]));

    assertThat(mirror().document("empty", 0)).isEmpty();
  }

  @Test
  void baseUrl_withFolderAndWithoutSlash_isKept() throws Exception {
    server.on("fleet/x.json", Answer.file(FILE));

    PayloadSource mirror = HttpPayloadSource.http(server.url() + "fleet");

    assertThat(mirror.document("x.json", FILE_BYTES)).isEqualTo(FILE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, FILE_BYTES - 1})
  void range_ofHonestServer_isTheRest(int from) throws Exception {
    server.on("f", Answer.file(FILE));

    mirror().range("f", from, FILE_BYTES, sink);

    assertThat(sink.bytes.toByteArray()).isEqualTo(Arrays.copyOfRange(FILE, from, FILE_BYTES));
    assertThat(server.requests().get(0).ranged()).isEqualTo(from > 0);
  }

  @Test
  void range_ofNothing_asksNobody() throws Exception {
    mirror().range("f", FILE_BYTES, FILE_BYTES, sink);

    assertThat(server.requests()).isEmpty();
    assertThat(sink.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 65_536, FILE_BYTES - 1})
  void range_ofServerWithoutRanges_skipsWhatIsThere(int from) throws Exception {
    server.on("f", Answer.wholeFile(FILE));

    mirror().range("f", from, FILE_BYTES, sink);

    assertThat(sink.bytes.toByteArray()).isEqualTo(Arrays.copyOfRange(FILE, from, FILE_BYTES));
  }

  @Test
  void range_brokenOffAgainAndAgain_isResumedToTheEnd() throws Exception {
    server.on("f", Answer.cutAfter(FILE, 70_000));

    int calls = 0;
    SutureException last;
    do {
      int from = sink.size();
      last = failure(() -> mirror().range("f", from, FILE_BYTES, sink));
      calls++;
    } while (last != null && calls < 20);

    assertThat(last).isNull();
    assertThat(calls).isEqualTo(5);
    assertThat(sink.bytes.toByteArray()).isEqualTo(FILE);
  }

  @Test
  void range_withoutAnnouncedLength_isReadToTheSignedEnd() throws Exception {
    server.on("f", Answer.raw("200 OK", List.of(), FILE));

    mirror().range("f", 0, FILE_BYTES, sink);

    assertThat(sink.bytes.toByteArray()).isEqualTo(FILE);
  }

  @Test
  void range_ofUnknownTotal_isTaken() throws Exception {
    server.on(
        "f",
        Answer.raw(
            "206 Partial Content",
            List.of("Content-Range: bytes 10-" + (FILE_BYTES - 1) + "/*"),
            Arrays.copyOfRange(FILE, 10, FILE_BYTES)));

    mirror().range("f", 10, FILE_BYTES, sink);

    assertThat(sink.size()).isEqualTo(FILE_BYTES - 10);
  }

  // What is not there.

  @Test
  void missingFile_isRetryable() {
    SutureException failure = failure(() -> mirror().document("nothing", 10));

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.SERVER_NOT_FOUND);
    assertThat(failure).hasMessageContaining("404").hasMessageContaining("/nothing");
    assertThat(rangeFailure(5).code()).isEqualTo(FailureCode.SERVER_NOT_FOUND);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "500 Internal Server Error",
        "503 Service Unavailable",
        "403 Forbidden",
        "204 No Content",
        "206 Partial Content",
        "304 Not Modified"
      })
  void otherStatus_isServerError(String status) {
    server.on("f", Answer.status(status));

    SutureException failure = rangeFailure(0);

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.SERVER_ERROR);
    assertThat(sink.size()).isZero();
  }

  @Test
  void redirectToAnotherHost_isNotFollowed() throws Exception {
    try (FaultyHttpServer other = FaultyHttpServer.start()) {
      other.on("f", Answer.file(FILE));
      server.on("f", Answer.status("302 Found", "Location: " + other.url() + "f"));

      SutureException failure = rangeFailure(0);

      assertThat(failure.code()).isEqualTo(FailureCode.SERVER_ERROR);
      assertThat(failure).hasMessageContaining("redirect");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void redirectToTheSameHost_isNotFollowed() {
    server.on("g", Answer.file(FILE));
    server.on("f", Answer.status("301 Moved Permanently", "Location: " + server.url() + "g"));

    assertThat(rangeFailure(0).code()).isEqualTo(FailureCode.SERVER_ERROR);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void nobodyListens_isUnreachable() throws Exception {
    // Taken, so that nobody else can have it, but not listened on.
    try (Socket taken = new Socket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      PayloadSource mirror =
          HttpPayloadSource.http("http://127.0.0.1:" + taken.getLocalPort() + "/");

      SutureException failure = failure(() -> mirror.document("f", 10));

      assertThat(failure).isInstanceOf(RetryableException.class);
      assertThat(failure.code()).isEqualTo(FailureCode.SERVER_UNREACHABLE);
    }
  }

  @Test
  void hangUpInsteadOfAnswer_isUnreachable() {
    server.on("f", (request, out, self) -> {});

    assertThat(rangeFailure(0).code()).isEqualTo(FailureCode.SERVER_UNREACHABLE);
  }

  @Test
  void somethingElseThanHttp_isNotTaken() {
    server.on("f", (request, out, self) -> out.write(new byte[] {0x15, 3, 1, 0, 2, 2, 40}));

    SutureException failure = rangeFailure(0);

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isIn(FailureCode.SERVER_UNREACHABLE, FailureCode.SERVER_ERROR);
  }

  // What is too much.

  @Test
  void document_announcedTooLong_isRejectedUnread() {
    server.on("f", Answer.file(FILE));

    SutureException failure = failure(() -> mirror().document("f", FILE_BYTES - 1));

    assertThat(failure).isInstanceOf(RejectedException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.METADATA_TOO_LARGE);
    assertThat(failure).hasMessageContaining("299999").hasMessageContaining("300000 announced");
  }

  @Test
  void document_endless_isRejectedAtTheLimit() {
    server.on("f", Answer.endless("200 OK"));

    assertThat(failure(() -> mirror().document("f", 100_000)).code())
        .isEqualTo(FailureCode.METADATA_TOO_LARGE);
  }

  @Test
  void range_announcedTooLong_isRejectedUnread() {
    byte[] longer = Arrays.copyOf(FILE, FILE_BYTES + 1);
    server.on("f", Answer.wholeFile(longer));

    SutureException failure = rangeFailure(0);

    assertThat(failure).isInstanceOf(RejectedException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.PAYLOAD_LENGTH_MISMATCH);
    assertThat(sink.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void range_ofLongerFile_isRejected(int from) {
    server.on("f", Answer.file(Arrays.copyOf(FILE, FILE_BYTES + 1)));
    if (from > 0) {
      // An honest server would cut the range to what was asked: the total tells.
      server.on(
          "f",
          Answer.raw(
              "206 Partial Content",
              List.of("Content-Range: bytes 100-" + (FILE_BYTES - 1) + "/" + (FILE_BYTES + 1)),
              FILE));
    }

    SutureException failure = rangeFailure(from);

    assertThat(failure).isInstanceOf(RejectedException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.PAYLOAD_LENGTH_MISMATCH);
  }

  @Test
  void range_endless_isCutOffAtTheSignedLength() {
    server.on("f", Answer.endless("200 OK"));

    SutureException failure = rangeFailure(0);

    assertThat(failure).isInstanceOf(RejectedException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.PAYLOAD_LENGTH_MISMATCH);
    assertThat(sink.size()).isEqualTo(FILE_BYTES);
  }

  @Test
  void range_endlessBehindHonestHead_isCutOffAtTheSignedLength() {
    server.on(
        "f",
        Answer.endless(
            "206 Partial Content",
            "Content-Range: bytes 10-" + (FILE_BYTES - 1) + "/" + FILE_BYTES));

    assertThat(rangeFailure(10).code()).isEqualTo(FailureCode.PAYLOAD_LENGTH_MISMATCH);
    assertThat(sink.size()).isEqualTo(FILE_BYTES - 10);
  }

  @Test
  void endlessHead_isNotReadForEver() {
    server.on("f", Answer.endlessHead());

    SutureException failure = rangeFailure(0);

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isIn(FailureCode.SERVER_ERROR, FailureCode.SERVER_UNREACHABLE);
  }

  @Test
  void compressedAnswer_isNotTaken() {
    server.on("f", Answer.raw("200 OK", List.of("Content-Encoding: gzip"), FILE));

    assertThat(rangeFailure(0).code()).isEqualTo(FailureCode.SERVER_ERROR);
  }

  // What is too little, or a lie.

  @Test
  void range_endingEarly_isTruncatedAndKept() {
    server.on("f", Answer.cutAfter(FILE, 100_000));

    SutureException failure = rangeFailure(0);

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.DOWNLOAD_TRUNCATED);
    assertThat(sink.bytes.toByteArray()).isEqualTo(Arrays.copyOf(FILE, 100_000));
  }

  @Test
  void document_endingEarly_isTruncated() {
    server.on("f", Answer.cutAfter(FILE, 100_000));

    assertThat(failure(() -> mirror().document("f", FILE_BYTES)).code())
        .isEqualTo(FailureCode.DOWNLOAD_TRUNCATED);
  }

  @Test
  void range_ofShorterFile_isTruncated() {
    server.on("f", Answer.file(Arrays.copyOf(FILE, 1000)));

    assertThat(rangeFailure(0).code()).isEqualTo(FailureCode.DOWNLOAD_TRUNCATED);
    assertThat(rangeFailure(500).code()).isEqualTo(FailureCode.DOWNLOAD_TRUNCATED);
    assertThat(rangeFailure(1000).code()).isEqualTo(FailureCode.DOWNLOAD_TRUNCATED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 0-299999/300000",
        "bytes 11-299999/300000",
        "bytes 10-299998/300000",
        "bytes 10-300000/300000",
        "bytes 10-299999/-1",
        "bytes 10-5/300000",
        "bytes 99999999999999999999-299999/300000",
        "chickens 10-299999/300000",
        "bytes */300000",
        ""
      })
  void range_withLyingContentRange_isServerError(String lie) {
    server.on(
        "f",
        Answer.raw(
            "206 Partial Content",
            List.of("Content-Range: " + lie),
            Arrays.copyOfRange(FILE, 10, FILE_BYTES)));

    SutureException failure = rangeFailure(10);

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.SERVER_ERROR);
    assertThat(sink.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "5",
        "-1",
        "99999999999999999999",
        "zwölf",
        "299990, 299990",
        "9223372036854775807"
      })
  void range_withLyingContentLength_neverGivesWrongBytes(String lie) {
    server.on(
        "f",
        Answer.raw(
            "206 Partial Content",
            List.of("Content-Range: bytes 10-299999/300000", "Content-Length: " + lie),
            Arrays.copyOfRange(FILE, 10, FILE_BYTES)));

    SutureException failure = rangeFailure(10);

    if (failure != null) {
      assertThat(failure).isInstanceOf(RetryableException.class);
    }
    assertThat(sink.bytes.toByteArray()).isEqualTo(Arrays.copyOfRange(FILE, 10, 10 + sink.size()));
  }

  // What takes too long.

  @Test
  void silence_isUnreachable() {
    server.on("f", Answer.silence());

    assertThat(
            failure(() -> mirror(IMPATIENT_WITH_SILENCE, System::nanoTime).document("f", 10))
                .code())
        .isEqualTo(FailureCode.SERVER_UNREACHABLE);
  }

  @Test
  void stallInTheBody_isTooSlow() {
    server.on("f", Answer.stallAfter(FILE, 1000));

    SutureException failure =
        failure(
            () -> mirror(IMPATIENT_WITH_SILENCE, System::nanoTime).range("f", 0, FILE_BYTES, sink));

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.DOWNLOAD_TOO_SLOW);
    assertThat(sink.size()).isEqualTo(1000);
  }

  @Test
  void trickleInTheHead_isCutOff() {
    server.on("f", Answer.drip("HTTP/1.1 200 OK\r\nX-Padding: ", 20));

    SutureException failure =
        failure(() -> mirror(IMPATIENT_WITH_HEADS, System::nanoTime).document("f", 10));

    assertThat(failure.code()).isEqualTo(FailureCode.SERVER_UNREACHABLE);
    assertThat(failure).hasMessageContaining("no whole head");
  }

  @Test
  void trickleInTheBody_isTooSlow() {
    server.on("f", Answer.drip("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 1));
    AtomicLong nanos = new AtomicLong();
    // Every look at the clock is a second later.
    LongSupplier clock = () -> nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

    SutureException failure =
        failure(() -> mirror(HttpLimits.DEVICE, clock).range("f", 0, FILE_BYTES, sink));

    assertThat(failure).isInstanceOf(RetryableException.class);
    assertThat(failure.code()).isEqualTo(FailureCode.DOWNLOAD_TOO_SLOW);
    assertThat(failure).hasMessageContaining("in 60 s");
    assertThat(sink.size()).isBetween(1, 10_000);
  }

  @Test
  void downloadLongerThanItsWholeTime_isTooSlow() {
    server.on("f", Answer.file(FILE));
    AtomicLong nanos = new AtomicLong();
    LongSupplier clock = () -> nanos.addAndGet(TimeUnit.SECONDS.toNanos(15));

    SutureException failure = failure(() -> mirror(PATIENT, clock).range("f", 0, FILE_BYTES, sink));

    assertThat(failure.code()).isEqualTo(FailureCode.DOWNLOAD_TOO_SLOW);
    assertThat(failure).hasMessageContaining("within 20 s");
    assertThat(sink.size()).isGreaterThan(0);
  }

  @Test
  void chunkedAnswerWithoutTls_isNotTaken() {
    server.on(
        "f", Answer.drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n000000000", 20));

    assertThat(rangeFailure(0).code()).isEqualTo(FailureCode.SERVER_ERROR);
  }

  // What we ask.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "a?b",
        "a#b",
        "a b",
        "ä",
        "a%2e"
      })
  void strangePath_isNeverAsked(String path) {
    assertThatThrownBy(() -> mirror().document(path, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(server.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ftp://x/",
        "http://",
        "http:///x",
        "http://u@x/",
        "http://x/?q",
        "http://x/#f",
        "file:///x"
      })
  void strangeUrl_isRefused(String url) {
    assertThatThrownBy(() -> HttpPayloadSource.http(url))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rangeBehindTheEnd_isRefused() {
    assertThatThrownBy(() -> mirror().range("f", 11, 10, sink))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mirror().range("f", -1, 10, sink))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void failureOfTheSink_passesUnchanged() {
    server.on("f", Answer.file(FILE));
    DeviceException full = new DeviceException(FailureCode.STORAGE_IO, "disk: broken");

    SutureException failure =
        failure(
            () ->
                mirror()
                    .range(
                        "f",
                        0,
                        FILE_BYTES,
                        (buffer, offset, length) -> {
                          throw full;
                        }));

    assertThat(failure).isSameAs(full);
  }

  // TLS.

  @Test
  void https_withOwnAuthority_works() throws Exception {
    TestCertificates certificates = TestCertificates.create();
    try (FaultyHttpServer secure = FaultyHttpServer.start(certificates.serverContext())) {
      secure.on("f", Answer.file(FILE));
      PayloadSource mirror =
          HttpPayloadSource.https(
              secure.url(),
              PemTrust.context(certificates.authorityPem(), "ca.pem", Optional::empty));

      assertThat(mirror.document("f", FILE_BYTES)).isEqualTo(FILE);
      mirror.range("f", 1000, FILE_BYTES, sink);
      assertThat(sink.size()).isEqualTo(FILE_BYTES - 1000);
    }
  }

  @Test
  void https_withAnotherAuthority_isUnreachable() throws Exception {
    TestCertificates theirs = TestCertificates.create();
    TestCertificates ours = TestCertificates.create();
    try (FaultyHttpServer secure = FaultyHttpServer.start(theirs.serverContext())) {
      secure.on("f", Answer.file(FILE));
      PayloadSource mirror =
          HttpPayloadSource.https(
              secure.url(), PemTrust.context(ours.authorityPem(), "ca.pem", Optional::empty));

      SutureException failure = failure(() -> mirror.document("f", FILE_BYTES));

      assertThat(failure.code()).isEqualTo(FailureCode.SERVER_UNREACHABLE);
      assertThat(secure.requests()).isEmpty();
    }
  }

  @Test
  void https_withCertificateOfAnotherServer_isUnreachable() throws Exception {
    TestCertificates certificates = TestCertificates.createFor("mirror.example");
    try (FaultyHttpServer secure = FaultyHttpServer.start(certificates.serverContext())) {
      secure.on("f", Answer.file(FILE));
      PayloadSource mirror =
          HttpPayloadSource.https(
              secure.url(),
              PemTrust.context(certificates.authorityPem(), "ca.pem", Optional::empty));

      assertThat(failure(() -> mirror.document("f", FILE_BYTES)).code())
          .isEqualTo(FailureCode.SERVER_UNREACHABLE);
      assertThat(secure.requests()).isEmpty();
    }
  }

  @Test
  void https_trickleAndEndlessBody_endAsWithoutTls() throws Exception {
    TestCertificates certificates = TestCertificates.create();
    try (FaultyHttpServer secure = FaultyHttpServer.start(certificates.serverContext())) {
      secure.on("head", Answer.drip("HTTP/1.1 200 OK\r\nX-Padding: ", 20));
      secure.on("chunk", Answer.drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0", 20));
      secure.on("stall", Answer.stallAfter(FILE, 1000));
      secure.on("endless", Answer.endless("200 OK"));
      SSLContext trust = certificates.clientContext();
      // The handshake is part of the head, and takes its time on a busy machine.
      PayloadSource hastyHead =
          HttpPayloadSource.with(secure.url(), trust, withHead(2_000), System::nanoTime);
      PayloadSource hastyBody =
          HttpPayloadSource.with(secure.url(), trust, withHead(20_000), System::nanoTime);

      assertThat(failure(() -> hastyHead.document("head", 10)).code())
          .isEqualTo(FailureCode.SERVER_UNREACHABLE);
      assertThat(failure(() -> hastyBody.document("chunk", 10)).code())
          .isEqualTo(FailureCode.DOWNLOAD_TOO_SLOW);
      assertThat(failure(() -> hastyBody.range("stall", 0, FILE_BYTES, sink)).code())
          .isEqualTo(FailureCode.DOWNLOAD_TOO_SLOW);
      assertThat(sink.size()).isEqualTo(1000);
      assertThat(failure(() -> hastyBody.document("endless", 100_000)).code())
          .isEqualTo(FailureCode.METADATA_TOO_LARGE);
    }
  }

  @Test
  void httpsUrl_needsTrust() {
    assertThatThrownBy(() -> HttpPayloadSource.http("https://127.0.0.1/"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                HttpPayloadSource.https(
                    "http://127.0.0.1/", TestCertificates.create().clientContext()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
