package dev.suture.link.http;

import dev.suture.link.ChunkSink;
import dev.suture.link.PayloadSource;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A mirror on a web server. One connection serves one request: nothing of one answer can reach into
 * the next, and a bad connection can simply be dropped. Redirects are not followed, no cookie is
 * kept, no encoding is accepted.
 *
 * <p>What is bounded here: the waiting ({@link HttpLimits}, {@link Pace}) and the body. The head is
 * bounded by the platform's {@code HttpURLConnection}: 384 KiB on OpenJDK 17, 256 KiB on Android.
 *
 * <p>With HTTPS the server's name or address is checked against its certificate, and only the given
 * context's authorities are trusted.
 */
public final class HttpPayloadSource implements PayloadSource {
  private static final Pattern PATH =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9.+_-]*(/[A-Za-z0-9][A-Za-z0-9.+_-]*)*");
  private static final Pattern BASE = Pattern.compile("https?://[^/?#@\\s]+(/[^?#\\s]*)?");
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
  private static final int PATH_CHARS_MAX = 200;
  private static final int DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;
  private static final int PARTIAL = HttpURLConnection.HTTP_PARTIAL;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final String base;
  private final @Nullable CuttableSockets sockets;
  private final HttpLimits limits;
  private final LongSupplier nanoClock;

  /** An answer whose status is as it should be; its body was not touched yet. */
  private final class Answer implements AutoCloseable {
    private final HttpURLConnection connection;
    private final CutOff cutOff;
    private final int status;

    Answer(HttpURLConnection connection, CutOff cutOff, int status) {
      this.connection = connection;
      this.cutOff = cutOff;
      this.status = status;
    }

    @Override
    public void close() {
      finish(connection, cutOff);
    }
  }

  private HttpPayloadSource(
      String baseUrl, @Nullable SSLContext tls, HttpLimits limits, LongSupplier nanoClock) {
    if (!BASE.matcher(baseUrl).matches()) {
      throw new IllegalArgumentException(
          "metadata URL: expected https://HOST[:PORT]/[PATH/], got " + baseUrl);
    }
    URI.create(baseUrl);
    if (baseUrl.startsWith("https:") != (tls != null)) {
      throw new IllegalArgumentException(
          "metadata URL: expected " + (tls != null ? "https" : "http") + "://, got " + baseUrl);
    }
    this.base = baseUrl.endsWith("/") ? baseUrl : baseUrl + "/";
    this.sockets = tls != null ? new CuttableSockets(tls.getSocketFactory()) : null;
    this.limits = limits;
    this.nanoClock = nanoClock;
  }

  /**
   * A mirror reached over HTTPS.
   *
   * @param tls whom to trust, from {@link dev.suture.link.PemTrust}
   * @throws IllegalArgumentException unless the URL is {@code https://HOST[:PORT]/...}
   */
  public static HttpPayloadSource https(String baseUrl, SSLContext tls) {
    return new HttpPayloadSource(baseUrl, tls, HttpLimits.DEVICE, System::nanoTime);
  }

  /**
   * A mirror reached without encryption: it can see and withhold what is fetched, but it can no
   * more change it than one with HTTPS.
   *
   * @throws IllegalArgumentException unless the URL is {@code http://HOST[:PORT]/...}
   */
  public static HttpPayloadSource http(String baseUrl) {
    return new HttpPayloadSource(baseUrl, null, HttpLimits.DEVICE, System::nanoTime);
  }

  static HttpPayloadSource with(
      String baseUrl, @Nullable SSLContext tls, HttpLimits limits, LongSupplier nanoClock) {
    return new HttpPayloadSource(baseUrl, tls, limits, nanoClock);
  }

  @Override
  public byte[] document(String path, int bytesMax) throws RejectedException, RetryableException {
    if (bytesMax < 0 || bytesMax > DOCUMENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "document limit: expected 0 to " + DOCUMENT_BYTES_MAX + " bytes, got " + bytesMax);
    }
    String url = url(path);
    Pace pace = new Pace(nanoClock, url, limits.documentMillis());
    try (Answer answer = open(url, 0, 0)) {
      long announced = answer.connection.getContentLengthLong();
      if (announced > bytesMax) {
        throw tooLarge(url, bytesMax, announced + " announced");
      }
      ByteArrayOutputStream document = new ByteArrayOutputStream();
      byte[] buffer = new byte[Math.min(CHUNK_BYTES_MAX, bytesMax + 1)];
      try {
        InputStream in = answer.connection.getInputStream();
        while (true) {
          answer.cutOff.arm(limits.readMillis());
          int count = in.read(buffer, 0, Math.min(buffer.length, bytesMax + 1 - document.size()));
          if (count < 0) {
            break;
          }
          document.write(buffer, 0, count);
          if (document.size() > bytesMax) {
            throw tooLarge(url, bytesMax, "more");
          }
          pace.received(count);
        }
      } catch (IOException e) {
        throw brokenOff(url, document.size(), announced, answer.cutOff, e);
      }
      if (announced >= 0 && document.size() < announced) {
        throw truncated(url, announced, document.size(), null);
      }
      return document.toByteArray();
    }
  }

  @Override
  public void range(String path, long from, long bytes, ChunkSink sink) throws SutureException {
    if (from < 0 || from > bytes) {
      throw new IllegalArgumentException(
          "range: expected 0 <= from <= " + bytes + ", got from " + from);
    }
    String url = url(path);
    if (from == bytes) {
      return;
    }
    Pace pace = new Pace(nanoClock, url, limits.rangeMillis());
    try (Answer answer = open(url, from, bytes)) {
      long position = answer.status == PARTIAL ? from : 0;
      long announced = answer.connection.getContentLengthLong();
      if (announced > bytes - position && answer.status == PARTIAL) {
        throw serverError(url, "Content-Length " + (bytes - position), Long.toString(announced));
      }
      if (announced > bytes - position) {
        throw tooLong(url, bytes, position + announced + " announced");
      }
      byte[] buffer = new byte[(int) Math.min(CHUNK_BYTES_MAX, bytes)];
      InputStream in;
      try {
        in = answer.connection.getInputStream();
      } catch (IOException e) {
        throw brokenOff(url, position, bytes, answer.cutOff, e);
      }
      while (position < bytes) {
        int count;
        try {
          answer.cutOff.arm(limits.readMillis());
          count = in.read(buffer, 0, (int) Math.min(buffer.length, bytes - position));
        } catch (IOException e) {
          throw brokenOff(url, position, bytes, answer.cutOff, e);
        }
        if (count < 0) {
          throw truncated(url, bytes, position, null);
        }
        answer.cutOff.disarm();
        // A server that ignores the range begins at the start: what we have already is passed by.
        int old = (int) Math.max(0, Math.min(count, from - position));
        if (old < count) {
          sink.accept(buffer, old, count - old);
        }
        position += count;
        pace.received(count);
      }
      if (endsLater(in, answer.cutOff)) {
        throw tooLong(url, bytes, "more");
      }
    }
  }

  /** Whether there is a byte behind the signed end. A failure there is as good as the end. */
  private boolean endsLater(InputStream in, CutOff cutOff) {
    try {
      cutOff.arm(limits.readMillis());
      return in.read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Asks for a file; from its start if {@code from} is 0. */
  private Answer open(String url, long from, long bytes)
      throws RejectedException, RetryableException {
    HttpURLConnection connection = prepare(url);
    if (from > 0) {
      connection.setRequestProperty("Range", "bytes=" + from + "-" + (bytes - 1));
    }
    CutOff cutOff = new CutOff(() -> cut(connection));
    cutOff.arm(limits.headMillis());
    boolean opened = false;
    try {
      int status = connection.getResponseCode();
      if (status == HttpURLConnection.HTTP_OK || status == PARTIAL) {
        // Only this tells that the head has ended: the status is there after the first line.
        connection.getInputStream();
      }
      checkStatus(connection, url, status, from, bytes);
      opened = true;
      return new Answer(connection, cutOff, status);
    } catch (ProtocolException e) {
      throw new RetryableException(
          FailureCode.SERVER_ERROR, "answer: expected HTTP, got: " + words(e) + at(url), e);
    } catch (IOException e) {
      String got =
          cutOff.fired() ? "no whole head within " + limits.headMillis() + " ms" : words(e);
      throw new RetryableException(
          FailureCode.SERVER_UNREACHABLE, "request: expected an answer, got: " + got + at(url), e);
    } finally {
      if (!opened) {
        finish(connection, cutOff);
      }
    }
  }

  private HttpURLConnection prepare(String url) throws RetryableException {
    HttpURLConnection connection;
    try {
      connection = (HttpURLConnection) new URL(url).openConnection();
    } catch (IOException e) {
      throw new RetryableException(
          FailureCode.SERVER_UNREACHABLE, "request: " + words(e) + at(url), e);
    }
    if (sockets != null) {
      sockets.begin();
      ((HttpsURLConnection) connection).setSSLSocketFactory(sockets);
    }
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setAllowUserInteraction(false);
    connection.setConnectTimeout(limits.connectMillis());
    connection.setReadTimeout(limits.silenceMillis());
    connection.setRequestProperty("Accept-Encoding", "identity");
    connection.setRequestProperty("Connection", "close");
    // Java's own would tell the version of the runtime to everybody.
    connection.setRequestProperty("User-Agent", "suture");
    return connection;
  }

  private void checkStatus(
      HttpURLConnection connection, String url, int status, long from, long bytes)
      throws RejectedException, RetryableException {
    if (status == HttpURLConnection.HTTP_NOT_FOUND || status == HttpURLConnection.HTTP_GONE) {
      throw new RetryableException(
          FailureCode.SERVER_NOT_FOUND, "file: expected on the mirror, got " + status + at(url));
    }
    if (status == RANGE_NOT_SATISFIABLE && from > 0) {
      throw truncated(url, bytes, from, null);
    }
    boolean asked = status == HttpURLConnection.HTTP_OK || status == PARTIAL && from > 0;
    if (!asked) {
      String location = connection.getHeaderField("Location");
      throw serverError(
          url,
          from > 0 ? "200 or 206" : "200",
          status + (location != null ? ", a redirect, which is not followed" : ""));
    }
    String encoding = connection.getHeaderField("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw serverError(url, "the file as it is", "Content-Encoding " + printable(encoding));
    }
    // A trickling chunk header can only be cut off below TLS.
    if (sockets == null && connection.getHeaderField("Transfer-Encoding") != null) {
      throw serverError(url, "Content-Length", "Transfer-Encoding");
    }
    if (status == PARTIAL) {
      checkContentRange(connection, url, from, bytes);
    }
  }

  private static void checkContentRange(
      HttpURLConnection connection, String url, long from, long bytes)
      throws RejectedException, RetryableException {
    String got = String.valueOf(connection.getHeaderField("Content-Range"));
    Matcher range = CONTENT_RANGE.matcher(got);
    if (range.matches() && Long.parseLong(range.group(1)) == from) {
      long end = Long.parseLong(range.group(2)) + 1;
      long total = range.group(3).equals("*") ? bytes : Long.parseLong(range.group(3));
      if (end == bytes && total == bytes) {
        return;
      }
      // The right answer for a file of another length, which cannot be the one that was signed.
      if (end == bytes && total > bytes) {
        throw tooLong(url, bytes, Long.toString(total));
      }
      if (end == total && total < bytes) {
        throw truncated(url, bytes, total, null);
      }
    }
    throw serverError(
        url, "Content-Range bytes " + from + "-" + (bytes - 1) + "/" + bytes, printable(got));
  }

  private String url(String path) {
    if (path.length() > PATH_CHARS_MAX || !PATH.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "path: expected segments of A-Z a-z 0-9 . + - _ that begin with a letter or digit, got "
              + printable(path));
    }
    return base + path;
  }

  /**
   * Ends a connection, whoever is inside it. With TLS only the socket below is closed: closing TLS
   * itself first reads what the mirror has sent, as long as it sends.
   */
  private void cut(HttpURLConnection connection) {
    if (sockets != null) {
      sockets.cut();
    } else {
      connection.disconnect();
    }
  }

  private void finish(HttpURLConnection connection, CutOff cutOff) {
    cutOff.close();
    // What was cut is closed already, and two threads must not do it at once.
    if (!cutOff.fired()) {
      cut(connection);
    }
  }

  private RetryableException brokenOff(
      String url, long received, long expected, CutOff cutOff, IOException cause) {
    if (cutOff.fired() || cause instanceof SocketTimeoutException) {
      return new RetryableException(
          FailureCode.DOWNLOAD_TOO_SLOW,
          "download: expected the next bytes within "
              + limits.silenceMillis()
              + " ms, got none behind "
              + received
              + at(url),
          cause);
    }
    return truncated(url, expected, received, cause);
  }

  private static RetryableException truncated(
      String url, long expected, long received, @Nullable IOException cause) {
    String message =
        "download: expected "
            + (expected >= 0 ? Long.toString(expected) : "all")
            + " bytes, got "
            + received
            + (cause != null ? ", then: " + words(cause) : "")
            + at(url);
    return cause != null
        ? new RetryableException(FailureCode.DOWNLOAD_TRUNCATED, message, cause)
        : new RetryableException(FailureCode.DOWNLOAD_TRUNCATED, message);
  }

  private static RejectedException tooLong(String url, long expected, String got) {
    return new RejectedException(
        FailureCode.PAYLOAD_LENGTH_MISMATCH,
        "file length: expected " + expected + " bytes, got " + got + at(url));
  }

  private static RejectedException tooLarge(String url, int bytesMax, String got) {
    return new RejectedException(
        FailureCode.METADATA_TOO_LARGE,
        "document: expected at most " + bytesMax + " bytes, got " + got + at(url));
  }

  private static RetryableException serverError(String url, String expected, String got) {
    return new RetryableException(
        FailureCode.SERVER_ERROR, "answer: expected " + expected + ", got " + got + at(url));
  }

  private static String at(String url) {
    return " (" + url + ")";
  }

  private static String words(IOException e) {
    return e.getClass().getSimpleName() + ": " + printable(String.valueOf(e.getMessage()));
  }

  /** What a stranger sent, fit for a log line. */
  private static String printable(String text) {
    String shortened = text.length() > 120 ? text.substring(0, 120) + "..." : text;
    return shortened.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
