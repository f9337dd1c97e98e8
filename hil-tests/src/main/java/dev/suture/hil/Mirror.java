package dev.suture.hil;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A plain static HTTPS server for metadata and payloads: nginx, as a process of its own on a port
 * of 127.0.0.1. It knows nothing of what it serves, and nobody trusts it.
 */
public final class Mirror implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(15);
  private static final int CONNECT_LIMIT_MILLIS = 1_000;

  private final Path work;
  private final Path certificate;
  private final Path privateKey;
  private final int port;
  private Path content;
  private OptionalInt bytesPerSecondMax = OptionalInt.empty();
  private @Nullable HostProcess server;

  /**
   * A request that was answered.
   *
   * @param method as in {@code GET}
   * @param path without query
   * @param status HTTP's number
   * @param bytes length of the body that was sent
   * @param range the {@code Range} header, {@code -} if there was none
   */
  public record Request(String method, String path, int status, long bytes, String range) {}

  /**
   * A mirror that does not serve yet.
   *
   * @param work its folder for configuration and logs; made if absent
   * @param content what it serves
   * @param certificate PEM
   * @param privateKey PEM
   */
  public Mirror(Path work, Path content, Path certificate, Path privateKey) {
    this.work = work.toAbsolutePath();
    this.content = content.toAbsolutePath();
    this.certificate = certificate.toAbsolutePath();
    this.privateKey = privateKey.toAbsolutePath();
    this.port = HostPorts.free();
  }

  /** The port that it serves on, the same after every start. */
  public int port() {
    return port;
  }

  /** Starts serving; returns when connections are accepted. */
  public void start() {
    if (server != null) {
      throw new HarnessException("mirror: expected to be stopped, it serves");
    }
    Path configuration = work.resolve("nginx.conf");
    try {
      Files.createDirectories(work);
      Files.writeString(configuration, configuration());
    } catch (IOException e) {
      throw new HarnessException("mirror folder " + work + ": cannot be written", e);
    }
    HostProcess started =
        HostProcess.start(
            "mirror",
            List.of(
                "nginx",
                "-p",
                work.toString(),
                "-c",
                configuration.toString(),
                "-e",
                work.resolve("error.log").toString()),
            Map.of(),
            work.resolve("nginx.log"));
    server = started;
    Await.until(
        "mirror on port " + port + " accepts connections",
        START_LIMIT,
        () -> {
          if (!started.running()) {
            throw new HarnessException("mirror: nginx has ended\n" + started.tail());
          }
          return accepts();
        },
        started::tail);
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_LIMIT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  // One process, which keeps the rights of who started it.
  private String configuration() {
    String rate =
        bytesPerSecondMax.isPresent()
            ? "    limit_rate " + bytesPerSecondMax.getAsInt() + ";\n"
            : "";
    return """
        daemon off;
        master_process off;
        pid nginx.pid;
        events { worker_connections 64; }
        http {
          log_format requests '$request_method $uri $status $body_bytes_sent "$http_range"';
          access_log access.log requests;
          default_type application/octet-stream;
          client_body_temp_path tmp-body;
          proxy_temp_path tmp-proxy;
          fastcgi_temp_path tmp-fastcgi;
          uwsgi_temp_path tmp-uwsgi;
          scgi_temp_path tmp-scgi;
          server {
            listen 127.0.0.1:%d ssl;
            ssl_certificate "%s";
            ssl_certificate_key "%s";
            root "%s";
        %s  }
        }
        """
        .formatted(port, certificate, privateKey, content, rate);
  }

  /** Stops serving: connections are refused from now on. Does nothing if it does not serve. */
  public void stop() {
    HostProcess running = server;
    if (running != null) {
      running.close();
      server = null;
    }
  }

  /** Serves this folder from now on. */
  public void serve(Path folder) {
    content = folder.toAbsolutePath();
    restartIfServing();
  }

  /** Sends at most this many bytes per second on each connection from now on. */
  public void limitRate(int bytesPerSecond) {
    bytesPerSecondMax = OptionalInt.of(bytesPerSecond);
    restartIfServing();
  }

  /** Sends as fast as it can from now on. */
  public void unlimitRate() {
    bytesPerSecondMax = OptionalInt.empty();
    restartIfServing();
  }

  private void restartIfServing() {
    if (server != null) {
      stop();
      start();
    }
  }

  /** How many requests so far were for paths that begin so. */
  public int requests(String prefix) {
    return (int) requests().stream().filter(request -> request.path().startsWith(prefix)).count();
  }

  /** All requests so far, the oldest first. */
  public List<Request> requests() {
    Path log = work.resolve("access.log");
    List<Request> requests = new ArrayList<>();
    try {
      if (Files.exists(log)) {
        for (String line : Files.readAllLines(log)) {
          String[] words = line.split(" ", 5);
          if (words.length == 5) {
            requests.add(
                new Request(
                    words[0],
                    words[1],
                    Integer.parseInt(words[2]),
                    Long.parseLong(words[3]),
                    words[4].replace("\"", "")));
          }
        }
      }
    } catch (IOException e) {
      throw new HarnessException("mirror's log " + log + ": cannot be read", e);
    }
    return requests;
  }

  @Override
  public void close() {
    stop();
  }
}
