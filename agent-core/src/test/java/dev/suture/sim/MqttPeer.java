package dev.suture.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * Somebody else at the broker: publishes, subscribes and remembers what came, in order. Does not
 * reconnect.
 */
public final class MqttPeer implements AutoCloseable {
  private static final long LIMIT_MILLIS = 10_000;
  private static final int REFUSED = 0x80;

  private final MqttAsyncClient client;
  private final List<Message> received = new ArrayList<>();

  /**
   * A message as it came.
   *
   * @param retained whether the broker had it before we subscribed
   * @param nanos when it came, by {@link System#nanoTime}
   */
  public record Message(String topic, String text, boolean retained, long nanos) {}

  private MqttPeer(MqttAsyncClient client) {
    this.client = client;
  }

  /** Connects with a user's name and password. */
  public static MqttPeer connect(String uri, SSLContext tls, String user, String password)
      throws IOException {
    try {
      MqttAsyncClient client =
          new MqttAsyncClient(uri, "peer-" + UUID.randomUUID(), new MemoryPersistence());
      MqttPeer peer = new MqttPeer(client);
      client.setCallback(peer.new Arrivals());
      MqttConnectionOptions options = new MqttConnectionOptions();
      options.setCleanStart(true);
      options.setUserName(user);
      options.setPassword(password.getBytes(StandardCharsets.UTF_8));
      options.setSocketFactory(tls.getSocketFactory());
      options.setAutomaticReconnect(false);
      client.connect(options).waitForCompletion(LIMIT_MILLIS);
      return peer;
    } catch (MqttException e) {
      throw new IOException("peer " + user + " at " + uri + ": not connected", e);
    }
  }

  /** Publishes with QoS 1. Returns the broker's answer: below 0x80 it was taken. */
  public int publish(String topic, byte[] payload, boolean retained) throws IOException {
    try {
      IMqttToken token = client.publish(topic, payload, 1, retained);
      token.waitForCompletion(LIMIT_MILLIS);
      int[] answers = token.getReasonCodes();
      return answers == null || answers.length == 0 ? 0 : answers[0];
    } catch (MqttException e) {
      throw new IOException("peer: not published to " + topic, e);
    }
  }

  /** Publishes with QoS 0 and does not wait. */
  public void throwAt(String topic, byte[] payload) throws IOException {
    try {
      client.publish(topic, payload, 0, false);
    } catch (MqttException e) {
      throw new IOException("peer: not published to " + topic, e);
    }
  }

  /** Subscribes with QoS 1. */
  public void subscribe(String filter) throws IOException {
    try {
      IMqttToken token = client.subscribe(filter, 1);
      token.waitForCompletion(LIMIT_MILLIS);
      int[] answers = token.getReasonCodes();
      if (answers != null && answers.length > 0 && answers[0] >= REFUSED) {
        throw new IOException("peer: subscription to " + filter + " refused: " + answers[0]);
      }
    } catch (MqttException e) {
      throw new IOException("peer: not subscribed to " + filter, e);
    }
  }

  /** What came so far. */
  public List<Message> received() {
    synchronized (received) {
      return List.copyOf(received);
    }
  }

  /** What came so far on a topic, as text. */
  public List<String> texts(String topic) {
    return received().stream().filter(m -> m.topic().equals(topic)).map(Message::text).toList();
  }

  /** Waits for a message, past ones included, and returns the first that fits. */
  public Message await(String what, long limitMillis, Predicate<Message> fits) {
    Await.until(
        what, limitMillis, () -> received().stream().anyMatch(fits), () -> "; came: " + received());
    return received().stream().filter(fits).findFirst().orElseThrow();
  }

  /** Whether the broker has closed the connection, or it was lost. */
  public boolean gone() {
    return !client.isConnected();
  }

  @Override
  public void close() {
    try {
      if (client.isConnected()) {
        client.disconnect(0).waitForCompletion(LIMIT_MILLIS);
      }
      client.close(true);
    } catch (MqttException e) {
      throw new IllegalStateException("peer: not closed", e);
    }
  }

  private final class Arrivals implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      synchronized (received) {
        received.add(
            new Message(
                topic,
                new String(message.getPayload(), StandardCharsets.UTF_8),
                message.isRetained(),
                System.nanoTime()));
      }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
