package dev.suture.publisher.notify;

import dev.suture.protocol.Notice;
import dev.suture.publisher.InputFiles;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a fleet's retained notice over MQTT 5 and TLS. */
public final class NoticeSender {
  private static final Logger LOG = LoggerFactory.getLogger(NoticeSender.class);
  private static final long STEP_MILLIS_MAX = Duration.ofSeconds(15).toMillis();
  private static final long LEAVE_MILLIS_MAX = Duration.ofSeconds(1).toMillis();
  private static final int PASSWORD_BYTES_MAX = 4_096;
  private static final int QOS_AT_LEAST_ONCE = 1;
  private static final int REASON_ERROR_MIN = 0x80;
  private static final Pattern FLEET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private final NoticeSettings settings;
  private final long stepMillisMax;

  /** A sender to this broker. Nothing is opened yet. */
  public NoticeSender(NoticeSettings settings) {
    this(settings, STEP_MILLIS_MAX);
  }

  NoticeSender(NoticeSettings settings, long stepMillisMax) {
    this.settings = settings;
    this.stepMillisMax = stepMillisMax;
  }

  /**
   * The topic of a fleet's notice.
   *
   * @throws IllegalArgumentException unless the fleet is 1 to 64 characters of {@code A-Z a-z 0-9 .
   *     _ -}, the first a letter or digit
   */
  public static String topic(String fleet) {
    if (!FLEET.matcher(fleet).matches()) {
      throw new IllegalArgumentException(
          "fleet: expected 1 to 64 letters, digits and . _ - (a letter or digit first), got \""
              + fleet
              + "\"");
    }
    return "suture/1/" + fleet + "/notice";
  }

  /**
   * Sends the notice; on return the broker has acknowledged it, and keeps it for devices that
   * connect later. Each of connecting and sending takes 15 s at most.
   *
   * @throws PublisherException {@code BROKER_FAILED}, {@code INPUT_UNREADABLE} or {@code
   *     INPUT_MALFORMED}
   */
  public void send(String fleet, Notice notice) throws PublisherException {
    String topic = topic(fleet);
    MqttConnectionOptions options = options();
    try {
      MqttAsyncClient client =
          new MqttAsyncClient(
              settings.broker().toString(),
              "suture-publish-" + UUID.randomUUID(),
              new MemoryPersistence());
      try {
        client.connect(options).waitForCompletion(stepMillisMax);
        publish(client, topic, notice);
      } finally {
        leave(client);
      }
    } catch (MqttException e) {
      throw failed(topic, reason(e), e);
    }
  }

  private void publish(MqttAsyncClient client, String topic, Notice notice)
      throws MqttException, PublisherException {
    MqttMessage message = new MqttMessage(notice.encode());
    message.setQos(QOS_AT_LEAST_ONCE);
    message.setRetained(true);
    IMqttToken sent = client.publish(topic, message);
    sent.waitForCompletion(stepMillisMax);
    // Paho does not throw when the acknowledgement itself says no.
    int[] codes = sent.getReasonCodes();
    if (codes != null && codes.length > 0 && codes[0] >= REASON_ERROR_MIN) {
      throw failed(
          topic, "an acknowledgement with reason code 0x" + Integer.toHexString(codes[0]), null);
    }
  }

  /**
   * Paho refuses to close a client that is connected. Nothing depends on how this ends: the notice
   * is acknowledged, or its failure is on its way to the caller; the socket ends with the process.
   */
  private static void leave(MqttAsyncClient client) {
    try {
      client.disconnectForcibly(0, LEAVE_MILLIS_MAX, true);
      client.close(true);
    } catch (MqttException e) {
      LOG.debug("left the broker without a goodbye", e);
    }
  }

  private MqttConnectionOptions options() throws PublisherException {
    SSLContext trust = BrokerTrust.context(settings.caFile());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(true);
    options.setAutomaticReconnect(false);
    options.setConnectionTimeout((int) Math.max(1, stepMillisMax / 1_000));
    options.setSocketFactory(trust.getSocketFactory());
    options.setHttpsHostnameVerificationEnabled(true);
    options.setUserName(settings.username());
    options.setPassword(password(settings.passwordFile()));
    return options;
  }

  private static byte[] password(Path file) throws PublisherException {
    String text =
        new String(
            InputFiles.read("the password", file, PASSWORD_BYTES_MAX), StandardCharsets.UTF_8);
    String first = text.lines().findFirst().orElse("");
    if (first.isEmpty()) {
      throw new PublisherException(
          Problem.INPUT_MALFORMED,
          new Details(
              "read the password",
              "a password on the first line",
              "an empty line",
              file.toString(),
              "write the publisher's password into this file"));
    }
    return first.getBytes(StandardCharsets.UTF_8);
  }

  private PublisherException failed(String topic, String got, @Nullable MqttException e) {
    return new PublisherException(
        Problem.BROKER_FAILED,
        new Details(
            "send the notice to " + topic,
            "a broker that takes it",
            got,
            settings.broker().toString(),
            "check address, --ca-file, --username and --password-file, and the broker's access"
                + " list; the patch stays published, and devices also poll"),
        e);
  }

  /** Paho's own words, and those of what it found below; none of them holds the password. */
  private static String reason(MqttException e) {
    StringBuilder text = new StringBuilder();
    text.append(e.getMessage()).append(" (MQTT ").append(e.getReasonCode()).append(')');
    Throwable cause = e.getCause();
    for (int depth = 0; cause != null && depth < 4; depth++) {
      text.append("; ").append(cause);
      cause = cause.getCause();
    }
    return text.toString();
  }
}
