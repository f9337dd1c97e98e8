package dev.suture.sim;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A real mosquitto on 127.0.0.1 with TLS, passwords and an access list, as an operator would run
 * it. Its port is chosen once and kept over restarts. Everything it writes is in one folder.
 *
 * <p>Devices reach it as {@code ssl://127.0.0.1:PORT}, emulated ones as {@code
 * ssl://10.0.2.2:PORT}.
 */
public final class MosquittoBroker implements AutoCloseable {
  private static final long START_LIMIT_MILLIS = 10_000;
  private static final long STOP_LIMIT_MILLIS = 10_000;
  private static final int PORT_ATTEMPTS_MAX = 5;
  private static final int HASH_ROUNDS = 101;
  private static final int LOG_TAIL_LINES = 40;

  private final Path folder;
  private final int port;
  private @Nullable Process process;

  /** What a broker is to know before it starts. */
  public static final class Builder {
    private final Path folder;
    private final TestCertificates certificates;
    private final Map<String, String> passwords = new LinkedHashMap<>();
    private final Map<String, List<String>> rules = new LinkedHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private boolean persistent = true;

    private Builder(Path folder, TestCertificates certificates) {
      this.folder = folder;
      this.certificates = certificates;
    }

    /** A device: may write below its own topic and read its fleet's notice, nothing else. */
    public Builder device(String fleet, String device, String password) {
      return user(
          device,
          password,
          "topic read suture/1/" + fleet + "/notice",
          "topic write suture/1/" + fleet + "/" + device + "/#");
    }

    /** A publisher or an operator: may write the fleet's notice and read all of the fleet. */
    public Builder publisher(String fleet, String name, String password) {
      return user(
          name,
          password,
          "topic write suture/1/" + fleet + "/notice",
          "topic read suture/1/" + fleet + "/#");
    }

    /** Somebody else, with rules of mosquitto's access list; replaces a user of that name. */
    public Builder user(String name, String password, String... accessRules) {
      passwords.put(name, hashed(password));
      rules.put(name, List.of(accessRules));
      return this;
    }

    /** Sessions and retained messages do not outlive the process. */
    public Builder forgetful() {
      persistent = false;
      return this;
    }

    private String hashed(String password) {
      byte[] salt = new byte[12];
      random.nextBytes(salt);
      try {
        byte[] hash =
            SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                .generateSecret(
                    new PBEKeySpec(password.toCharArray(), salt, HASH_ROUNDS, 64 * Byte.SIZE))
                .getEncoded();
        Base64.Encoder base64 = Base64.getEncoder();
        return "$7$"
            + HASH_ROUNDS
            + "$"
            + base64.encodeToString(salt)
            + "$"
            + base64.encodeToString(hash);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("mosquitto password: cannot be hashed", e);
      }
    }

    /** Starts the broker. It accepts connections on return. */
    public MosquittoBroker start() throws IOException {
      IOException trouble = new IOException("mosquitto: not started");
      for (int attempt = 0; attempt < PORT_ATTEMPTS_MAX; attempt++) {
        // The port is free now; somebody else may take it before mosquitto does.
        MosquittoBroker broker = new MosquittoBroker(folder, freePort());
        write(broker.port);
        try {
          broker.start();
          return broker;
        } catch (IOException e) {
          trouble = e;
        }
      }
      throw trouble;
    }

    private void write(int port) throws IOException {
      Files.createDirectories(folder.resolve("store"));
      certificates.writeTo(folder);
      List<String> users = new ArrayList<>();
      passwords.forEach((name, hash) -> users.add(name + ":" + hash));
      Files.write(folder.resolve("passwords"), users, StandardCharsets.UTF_8);
      List<String> access = new ArrayList<>();
      rules.forEach(
          (name, lines) -> {
            access.add("user " + name);
            access.addAll(lines);
          });
      Files.write(folder.resolve("access"), access, StandardCharsets.UTF_8);

      List<String> lines = new ArrayList<>();
      // Started as root it would become a user who may not read our folder.
      lines.add("user " + System.getProperty("user.name"));
      lines.add("listener " + port + " 127.0.0.1");
      lines.add("cafile " + folder.resolve("ca.pem"));
      lines.add("certfile " + folder.resolve("server.pem"));
      lines.add("keyfile " + folder.resolve("server.key"));
      lines.add("allow_anonymous false");
      lines.add("password_file " + folder.resolve("passwords"));
      lines.add("acl_file " + folder.resolve("access"));
      lines.add("persistence " + persistent);
      lines.add("persistence_location " + folder.resolve("store") + "/");
      lines.add("log_dest file " + folder.resolve("mosquitto.log"));
      lines.add("log_type all");
      Files.write(folder.resolve("mosquitto.conf"), lines, StandardCharsets.UTF_8);
    }
  }

  private MosquittoBroker(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** A broker whose files are in {@code folder}, which shows the given server certificate. */
  public static Builder in(Path folder, TestCertificates certificates) {
    return new Builder(folder, certificates);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Gives it other users or habits, on the same port. Stop it before, start it afterwards. */
  public void reconfigure(Builder changed) throws IOException {
    if (process != null) {
      throw new IllegalStateException("mosquitto: reconfigured while running");
    }
    if (!changed.folder.equals(folder)) {
      throw new IllegalArgumentException(
          "mosquitto: expected " + folder + ", got " + changed.folder);
    }
    changed.write(port);
  }

  private static String executable() throws IOException {
    List<String> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      folders.addAll(List.of(path.split(":", -1)));
    }
    folders.add("/usr/sbin");
    for (String candidate : folders) {
      Path file = Path.of(candidate, "mosquitto");
      if (Files.isExecutable(file)) {
        return file.toString();
      }
    }
    throw new IOException(
        "mosquitto: expected on the PATH or in /usr/sbin, is not there; ./setup installs it");
  }

  /** Starts it, on the same port as before. It accepts connections on return. */
  public void start() throws IOException {
    if (process != null) {
      throw new IllegalStateException("mosquitto: already running");
    }
    Process started =
        new ProcessBuilder(executable(), "-c", folder.resolve("mosquitto.conf").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("console").toFile()))
            .start();
    process = started;
    // A test run that is cut short must not leave a broker behind.
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    try {
      Await.until(
          "mosquitto accepts connections on port " + port,
          START_LIMIT_MILLIS,
          () -> !started.isAlive() || accepts(),
          this::logTail);
    } catch (AssertionError e) {
      kill();
      throw e;
    }
    if (!started.isAlive()) {
      process = null;
      throw new IOException("mosquitto: ended at once with " + started.exitValue() + logTail());
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it as a service manager would: sessions and retained messages are saved. */
  public void stop() {
    Process running = process;
    if (running != null) {
      running.destroy();
      ended(running);
    }
  }

  /** Ends it as a power cut would: nothing is saved. */
  public void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      ended(running);
    }
  }

  /** Connections stay open and nothing is answered, until {@link #thaw} or {@link #kill}. */
  public void freeze() throws IOException {
    signal("STOP");
  }

  /** Ends a {@link #freeze}. */
  public void thaw() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("mosquitto: not running");
    }
    Process sender = new ProcessBuilder("sh", "-c", "kill -" + name + " " + running.pid()).start();
    try {
      if (sender.waitFor() != 0) {
        throw new IOException("mosquitto: signal " + name + " was not sent");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("mosquitto: interrupted while sending " + name, e);
    }
  }

  private void ended(Process running) {
    try {
      if (!running.waitFor(STOP_LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
        running.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  /** Where it listens, on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** {@code ssl://127.0.0.1:PORT}. */
  public String uri() {
    return "ssl://127.0.0.1:" + port;
  }

  /** Everything that it has logged, restarts included. */
  public Path logFile() {
    return folder.resolve("mosquitto.log");
  }

  /** The end of the log and of the console, for a failure's text. */
  public String logTail() {
    StringBuilder text = new StringBuilder();
    for (Path file : List.of(logFile(), folder.resolve("console"))) {
      try {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        text.append('\n').append(file).append(":\n");
        for (String line :
            lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size())) {
          text.append(line).append('\n');
        }
      } catch (IOException e) {
        text.append('\n').append(file).append(": unreadable: ").append(e.getMessage());
      }
    }
    return text.toString();
  }

  /** Stops it. Its files stay for whoever looks. */
  @Override
  public void close() {
    if (process != null) {
      try {
        thaw();
      } catch (IOException e) {
        kill();
      }
    }
    stop();
  }
}
