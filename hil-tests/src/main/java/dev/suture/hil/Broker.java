package dev.suture.hil;

import dev.suture.sim.MosquittoBroker;
import dev.suture.sim.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A real mosquitto on 127.0.0.1 with TLS, and one account and access list for each who talks to it:
 * the device, the publisher, and an observer who may only read.
 */
public final class Broker implements AutoCloseable {
  private static final int PASSWORD_BYTES = 16;
  private static final Duration PUBLISH_LIMIT = Duration.ofSeconds(20);

  private final Path folder;
  private final MosquittoBroker mosquitto;
  private final Account device;
  private final Account publisher;
  private final Account observer;
  private final Thread endWithHarness;

  /**
   * Who may log in.
   *
   * @param name user name
   * @param password made for this broker
   */
  public record Account(String name, String password) {
    @Override
    public String toString() {
      return name;
    }
  }

  private Broker(
      Path folder, MosquittoBroker mosquitto, Account device, Account publisher, Account observer) {
    this.folder = folder;
    this.mosquitto = mosquitto;
    this.device = device;
    this.publisher = publisher;
    this.observer = observer;
    this.endWithHarness = new Thread(mosquitto::kill, "end-broker");
    Runtime.getRuntime().addShutdownHook(endWithHarness);
  }

  /**
   * Starts a broker with fresh accounts; it accepts connections on return.
   *
   * @param folder for configuration, retained messages and log; made if absent
   * @param certificates what it shows, and who signed it
   * @param fleet of the device
   * @param deviceId also the device's user name
   */
  public static Broker start(
      Path folder, TestCertificates certificates, String fleet, String deviceId) {
    Account device = account(deviceId);
    Account publisher = account("publisher");
    Account observer = account("observer");
    try {
      MosquittoBroker mosquitto =
          MosquittoBroker.in(folder, certificates)
              .device(fleet, device.name(), device.password())
              .publisher(fleet, publisher.name(), publisher.password())
              .user(observer.name(), observer.password(), "topic read suture/1/" + fleet + "/#")
              .start();
      Broker broker = new Broker(folder, mosquitto, device, publisher, observer);
      broker.writePassword(publisher);
      broker.writePassword(observer);
      return broker;
    } catch (IOException e) {
      throw new HarnessException("broker: cannot be started in " + folder, e);
    }
  }

  private static Account account(String name) {
    byte[] bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Account(name, HexFormat.of().formatHex(bytes));
  }

  private void writePassword(Account account) throws IOException {
    Path file = passwordFile(account);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, account.password());
  }

  /** A file with the account's password, readable by its owner only. */
  public Path passwordFile(Account account) {
    return folder.resolve(account.name() + ".password");
  }

  /** The certificate that signed the broker's, PEM. */
  public Path caFile() {
    return folder.resolve("ca.pem");
  }

  /** The certificate that it shows, PEM. */
  public Path certificate() {
    return folder.resolve("server.pem");
  }

  /** The key of {@link #certificate}, PEM. */
  public Path privateKey() {
    return folder.resolve("server.key");
  }

  /** Its port on 127.0.0.1, the same after every start. */
  public int port() {
    return mosquitto.port();
  }

  /** The device's account. */
  public Account device() {
    return device;
  }

  /** May send notices and read the fleet's topics. */
  public Account publisher() {
    return publisher;
  }

  /** May read the fleet's topics. */
  public Account observer() {
    return observer;
  }

  /** Stops it in order: sessions and retained messages are kept for the next start. */
  public void stop() {
    mosquitto.stop();
  }

  /** Starts it again. */
  public void restart() {
    try {
      mosquitto.start();
    } catch (IOException e) {
      throw new HarnessException("broker: cannot be started again", e);
    }
  }

  /**
   * Publishes any bytes as this account, with {@code mosquitto_pub}; retained, quality of service
   * 1. The broker drops what the account may not publish, and says nothing about it.
   */
  public void publish(Account account, String topic, String payload) {
    Path options = folder.resolve("as-" + account.name());
    try {
      Files.createDirectories(options);
      Path file = options.resolve("mosquitto_pub");
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, "-u " + account.name() + "\n-P " + account.password() + "\n");
    } catch (IOException e) {
      throw new HarnessException("broker folder " + folder + ": cannot be written", e);
    }
    HostProcess.run(
            List.of(
                "mosquitto_pub",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port()),
                "--cafile",
                caFile().toString(),
                "-V",
                "mqttv5",
                "-q",
                "1",
                "-r",
                "-t",
                topic,
                "-m",
                payload),
            PUBLISH_LIMIT,
            // mosquitto_pub reads options from a file of its own name in this folder.
            Map.of("XDG_CONFIG_HOME", options.toString()),
            folder.resolve("mosquitto_pub.log"),
            line -> {})
        .orThrow();
  }

  /** The end of its log. */
  public String logTail() {
    return mosquitto.logTail();
  }

  @Override
  public void close() {
    mosquitto.close();
    try {
      Runtime.getRuntime().removeShutdownHook(endWithHarness);
    } catch (IllegalStateException e) {
      // The harness is ending already: the hook runs, and finds nothing to end.
    }
  }
}
