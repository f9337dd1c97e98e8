package dev.suture.health;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Asks a service on this device for a path by HTTP/1.1 and reads no more of the answer than its
 * status (RFC 9112 section 4), within a time and a number of bytes. The platform's client has
 * neither limit: it waits anew for each byte, and follows interim answers without end.
 */
final class HttpProbe {
  private static final int ANSWER_BYTES_MAX = 16 << 10;
  private static final int INTERIM_END = 200;
  private static final String VERSION = "HTTP/1.";

  /** Of the status in a status line: {@code HTTP/1.1 200}. */
  private static final int STATUS_AT = 9;

  private static final int STATUS_END = 12;

  private final int limitMillis;
  private final SSLSocketFactory anyCertificate;

  HttpProbe(int limitMillis) {
    this.limitMillis = limitMillis;
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
      anyCertificate = context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /**
   * The status of the answer.
   *
   * @throws IOException if there is none in time, or it is not HTTP
   */
  int status(boolean isSecure, int port, String path) throws IOException {
    try (ProbeSocket plain = ProbeSocket.connected(port, limitMillis);
        Socket socket =
            isSecure ? anyCertificate.createSocket(plain, "127.0.0.1", port, true) : plain) {
      String request =
          "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      Lines lines = new Lines(new BufferedInputStream(socket.getInputStream()));
      while (true) {
        int status = status(lines.next());
        if (status >= INTERIM_END) {
          return status;
        }
        // An interim answer: its header goes to the next empty line.
        while (!lines.next().isEmpty()) {}
      }
    }
  }

  private static int status(String line) throws IOException {
    try {
      if (line.startsWith(VERSION)) {
        return Integer.parseInt(line.substring(STATUS_AT, STATUS_END));
      }
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      throw new IOException("no answer of HTTP", e);
    }
    throw new IOException("no answer of HTTP");
  }

  private static final class Lines {
    private final InputStream in;
    private int left = ANSWER_BYTES_MAX;

    Lines(InputStream in) {
      this.in = in;
    }

    String next() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        int one = in.read();
        if (one < 0) {
          throw new EOFException("the end before an answer");
        }
        if (left-- == 0) {
          throw new IOException("more than " + ANSWER_BYTES_MAX + " bytes before an answer");
        }
        if (one == '\n') {
          int length = line.length();
          return length > 0 && line.charAt(length - 1) == '\r'
              ? line.substring(0, length - 1)
              : line.toString();
        }
        line.append((char) one);
      }
    }
  }

  /**
   * Accepts any certificate. Right here and nowhere else: the connection is to this device itself,
   * and the question is whether the service works with the new libraries, not who it is.
   */
  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
