package dev.suture.sim;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * A web server on 127.0.0.1 that does what it is told: {@link Answer#file} is an honest mirror with
 * ranges, every other answer is a way of not being one. One connection serves one request.
 */
public final class FaultyHttpServer implements AutoCloseable {
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int HEAD_BYTES_MAX = 16 * 1024;

  private final ServerSocket listener;
  private final boolean tls;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<Socket> connections = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * A request as it came.
   *
   * @param headers names in lower case
   */
  public record Request(String path, Map<String, String> headers) {
    /** Where the requested range begins: 0 if none was asked for. */
    public int from() {
      String range = headers.getOrDefault("range", "bytes=0-");
      return Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    }

    /** Whether a range was asked for. */
    public boolean ranged() {
      return headers.containsKey("range");
    }
  }

  /** How a path is answered. */
  @FunctionalInterface
  public interface Answer {
    /** Writes the answer; the connection is closed on return. */
    void write(Request request, OutputStream out, FaultyHttpServer server) throws IOException;

    /** What a good mirror does: the file, or the range of it that was asked for. */
    static Answer file(byte[] content) {
      return (request, out, server) -> {
        int from = request.from();
        if (!request.ranged()) {
          head(out, "200 OK", "Content-Length: " + content.length);
        } else if (from >= content.length) {
          head(out, "416 Range Not Satisfiable", "Content-Range: bytes */" + content.length);
          return;
        } else {
          partial(out, from, content.length - 1, Integer.toString(content.length));
        }
        out.write(content, from, content.length - from);
      };
    }

    /** A status line and nothing behind it. */
    static Answer status(String line, String... headers) {
      return (request, out, server) -> {
        String[] all = new String[headers.length + 1];
        System.arraycopy(headers, 0, all, 1, headers.length);
        all[0] = "Content-Length: 0";
        head(out, line, all);
      };
    }

    /** Does not know ranges: always the whole file. */
    static Answer wholeFile(byte[] content) {
      return (request, out, server) -> {
        head(out, "200 OK", "Content-Length: " + content.length);
        out.write(content);
      };
    }

    /** Promises the rest of the file and closes the connection {@code bytes} into it. */
    static Answer cutAfter(byte[] content, int bytes) {
      return (request, out, server) -> {
        int from = request.from();
        if (request.ranged()) {
          partial(out, from, content.length - 1, Integer.toString(content.length));
        } else {
          head(out, "200 OK", "Content-Length: " + content.length);
        }
        out.write(content, from, Math.min(bytes, content.length - from));
      };
    }

    /** Zeros for ever, without a length; {@code lie} may add headers. */
    static Answer endless(String status, String... lie) {
      return (request, out, server) -> {
        head(out, status, lie);
        byte[] zeros = new byte[CHUNK_BYTES];
        while (!server.isClosed()) {
          out.write(zeros);
        }
      };
    }

    /** A head of the test's own making, then bytes. */
    static Answer raw(String status, List<String> headers, byte[] body) {
      return (request, out, server) -> {
        head(out, status, headers.toArray(new String[0]));
        out.write(body);
      };
    }

    /** A header line that does not end. */
    static Answer endlessHead() {
      return (request, out, server) -> {
        out.write("HTTP/1.1 200 OK\r\nX-Padding: ".getBytes(StandardCharsets.US_ASCII));
        byte[] padding = "x".repeat(CHUNK_BYTES).getBytes(StandardCharsets.US_ASCII);
        while (!server.isClosed()) {
          out.write(padding);
        }
      };
    }

    /** Takes the request and says nothing until the server is closed. */
    static Answer silence() {
      return (request, out, server) -> server.awaitClosed();
    }

    /** The head, the first bytes, then nothing until the server is closed. */
    static Answer stallAfter(byte[] content, int bytes) {
      return (request, out, server) -> {
        head(out, "200 OK", "Content-Length: " + content.length);
        out.write(content, 0, bytes);
        out.flush();
        server.awaitClosed();
      };
    }

    /** The bytes {@code before} and then one byte at a time for ever: never late, never done. */
    static Answer drip(String before, long pauseMillis) {
      return (request, out, server) -> {
        out.write(before.getBytes(StandardCharsets.US_ASCII));
        while (!server.awaitClosed(pauseMillis)) {
          out.write('x');
          out.flush();
        }
      };
    }

    private static void partial(OutputStream out, int from, int last, String total)
        throws IOException {
      head(
          out,
          "206 Partial Content",
          "Content-Range: bytes " + from + "-" + last + "/" + total,
          "Content-Length: " + (last - from + 1));
    }

    private static void head(OutputStream out, String status, String... headers)
        throws IOException {
      StringBuilder text = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
      for (String header : headers) {
        text.append(header).append("\r\n");
      }
      text.append("Connection: close\r\n\r\n");
      out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    }
  }

  private FaultyHttpServer(ServerSocket listener, boolean tls) {
    this.listener = listener;
    this.tls = tls;
    daemon("accept", this::accept);
  }

  /** A plain one. */
  public static FaultyHttpServer start() throws IOException {
    return new FaultyHttpServer(
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), /* tls= */ false);
  }

  /** One with TLS. */
  public static FaultyHttpServer start(SSLContext context) throws IOException {
    return new FaultyHttpServer(
        context
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
        /* tls= */ true);
  }

  /** Answers a path ({@code index.json}, no slash in front) like this from now on. */
  public FaultyHttpServer on(String path, Answer answer) {
    answers.put("/" + path, answer);
    return this;
  }

  /** {@code http://127.0.0.1:PORT/} or {@code https://127.0.0.1:PORT/}. */
  public String url() {
    return (tls ? "https" : "http") + "://127.0.0.1:" + listener.getLocalPort() + "/";
  }

  /** What was asked for, in order. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitClosed(long millis) {
    try {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void accept() {
    while (!isClosed()) {
      try {
        Socket socket = listener.accept();
        synchronized (connections) {
          connections.add(socket);
        }
        daemon("serve", () -> serve(socket));
      } catch (IOException e) {
        // Closed, or the other side hung up before it was accepted.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Optional<Request> request = read(socket.getInputStream());
      if (request.isPresent()) {
        synchronized (requests) {
          requests.add(request.get());
        }
        OutputStream out = socket.getOutputStream();
        answers
            .getOrDefault(request.get().path(), Answer.status("404 Not Found"))
            .write(request.get(), out, this);
        out.flush();
      }
    } catch (IOException e) {
      // The client has had enough: what most of these tests are about.
    } finally {
      synchronized (connections) {
        connections.remove(socket);
      }
    }
  }

  private static Optional<Request> read(InputStream stream) throws IOException {
    InputStream in = new BufferedInputStream(stream);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0 || head.length() > HEAD_BYTES_MAX) {
        return Optional.empty();
      }
      head.append((char) next);
    }
    String[] lines = head.toString().split("\r\n", -1);
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
    }
    return Optional.of(new Request(lines[0].split(" ", -1)[1], headers));
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, "faulty-http-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Closes it and every connection. */
  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    synchronized (connections) {
      for (Socket socket : connections) {
        socket.close();
      }
    }
  }
}
