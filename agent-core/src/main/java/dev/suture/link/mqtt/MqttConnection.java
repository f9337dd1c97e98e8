package dev.suture.link.mqtt;

import dev.suture.link.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, from the first byte to the last: the library's client is made for it and thrown
 * away with it, so that nothing that was meant for one connection is sent on another.
 *
 * <p>What is known about Paho 1.2.5 and avoided here: automatic reconnection gives up (ours is in
 * {@link MqttLink}); subscribing with a listener overflows the stack (one global callback);
 * publishing may be refused and still look fine (answers are read); the packet limits of both
 * directions are exchanged ({@link Options}); see also {@link BrokerSocket} and {@link PacketGate}.
 */
final class MqttConnection {
  private static final Logger LOG = LoggerFactory.getLogger(MqttConnection.class);

  // The library logs stack traces of its own to the console; what matters is in our exceptions.
  // Held here, because a logger that nobody holds forgets its level.
  private static final java.util.logging.Logger LIBRARY_LOG =
      java.util.logging.Logger.getLogger("org.eclipse.paho");

  static {
    LIBRARY_LOG.setLevel(java.util.logging.Level.OFF);
  }

  private static final int REFUSED = 0x80;

  /** Header, topic and properties of a publication: less than this for our topics. */
  private static final int PUBLISH_OVERHEAD_BYTES = 192;

  private static final int DISCONNECT_WITH_WILL = 0x04;
  private static final long FAREWELL_MILLIS = 1_000;

  /** The library starts its threads in a few tenths of a second. */
  private static final long CONNECT_TRIED_MILLIS = 5_000;

  private final MqttSettings settings;
  private final MqttLimits limits;
  private final Topics topics;
  private final BrokerSocket socket;
  private final MqttAsyncClient client;
  private final BiConsumer<String, byte[]> arrivals;
  private final CountDownLatch lost = new CountDownLatch(1);
  private volatile String ending = "the connection was lost";
  private volatile int receiveMaximum = Short.MAX_VALUE;
  private volatile long packetBytesMax = Long.MAX_VALUE;

  /** Why something did not work; the message is for people. */
  static final class Trouble extends Exception {
    private static final long serialVersionUID = 1L;

    Trouble(String message, Throwable cause) {
      super(message, cause);
    }

    Trouble(String message) {
      super(message);
    }

    String words() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Makes a connection that is not connected yet.
   *
   * @param arrivals topic and payload of every publication; called on the library's thread, must
   *     not block
   */
  MqttConnection(MqttSettings settings, MqttLimits limits, BiConsumer<String, byte[]> arrivals)
      throws Trouble {
    this.settings = settings;
    this.limits = limits;
    this.arrivals = arrivals;
    topics = new Topics(settings.fleet(), settings.deviceId());
    socket = new BrokerSocket(settings, limits.connectMillis());
    try {
      client = new Client(settings, socket);
    } catch (MqttException e) {
      throw new Trouble("client: " + BrokerWords.of(e), e);
    }
    client.setCallback(new Callback());
  }

  /** Connects and logs in. */
  void connect() throws Trouble {
    try {
      IMqttToken connected = client.connect(options());
      connected.waitForCompletion(3L * limits.connectMillis());
      MqttProperties answer = connected.getResponseProperties();
      if (answer != null && answer.getReceiveMaximum() != null) {
        receiveMaximum = answer.getReceiveMaximum();
      }
      if (answer != null && answer.getMaximumPacketSize() != null) {
        packetBytesMax = answer.getMaximumPacketSize();
      }
    } catch (MqttException e) {
      throw new Trouble("connect to " + settings.brokerUri() + ": " + words(e), e);
    }
  }

  private MqttConnectionOptions options() {
    MqttConnectionOptions options = new Options();
    options.setAutomaticReconnect(false);
    options.setCleanStart(false);
    options.setSessionExpiryInterval(MqttLimits.SESSION_SECONDS);
    options.setKeepAliveInterval(limits.keepAliveSeconds());
    options.setMaximumPacketSize((long) MqttLimits.PACKET_BYTES_MAX);
    options.setReceiveMaximum(MqttLimits.RECEIVE_MAX);
    options.setUserName(settings.username());
    options.setPassword(settings.passwordBytes());
    MqttMessage will = new MqttMessage("lost".getBytes(StandardCharsets.US_ASCII));
    will.setQos(1);
    will.setRetained(true);
    options.setWill(topics.of(Report.STATE), will);
    MqttProperties willProperties = new MqttProperties();
    willProperties.setWillDelayInterval(limits.willDelaySeconds());
    options.setWillMessageProperties(willProperties);
    return options;
  }

  /** Subscribes to the notice; needed on every connection, because a broker may have forgotten. */
  void subscribe() throws Trouble {
    try {
      check("subscribe to " + topics.notice(), client.subscribe(topics.notice(), 1));
    } catch (MqttException e) {
      throw new Trouble("subscribe to " + topics.notice() + ": " + words(e), e);
    }
  }

  /** Publishes and waits for the answer. Whether or not it comes, at most the named limit. */
  void publish(Report report, byte[] document) throws Trouble {
    String what = "publish to " + topics.of(report);
    if (receiveMaximum < 1) {
      throw new Trouble(
          what
              + ": the broker's Receive Maximum must be below 32768 for this client, which reads it"
              + " as "
              + receiveMaximum
              + "; notices still arrive, reports cannot be sent");
    }
    if (document.length + PUBLISH_OVERHEAD_BYTES > packetBytesMax) {
      throw new Trouble(
          what
              + ": the broker takes packets of at most "
              + packetBytesMax
              + " bytes, the document has "
              + document.length);
    }
    MqttMessage message = new MqttMessage(document);
    message.setQos(1);
    message.setRetained(report.retained());
    try {
      check(what, client.publish(topics.of(report), message));
    } catch (MqttException e) {
      throw new Trouble(what + ": " + words(e), e);
    }
  }

  private String words(MqttException failure) {
    return socket.violation().orElseGet(() -> BrokerWords.of(failure));
  }

  private void check(String what, IMqttToken token) throws MqttException, Trouble {
    try {
      token.waitForCompletion(limits.answerMillis());
    } catch (MqttException e) {
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      // A broker that does not answer is no broker; the next connection starts clean.
      lose(what + ": " + words(e));
      throw e;
    }
    int[] answers = token.getReasonCodes();
    if (answers != null) {
      for (int answer : answers) {
        if (answer >= REFUSED) {
          throw new Trouble(what + ": the broker refused: " + BrokerWords.ofReason(answer));
        }
      }
    }
  }

  boolean isLost() {
    return lost.getCount() == 0;
  }

  /** Returns when the connection is of no use any more, with the reason. */
  String awaitLoss() throws InterruptedException {
    lost.await();
    return ending;
  }

  /** Gives the connection up: {@link #awaitLoss} returns. */
  void lose(String why) {
    if (!isLost()) {
      ending = why;
      lost.countDown();
    }
    // Whoever still waits for an answer on it must not wait to the end.
    stopSocket();
  }

  /** Says goodbye, asking the broker to say {@code lost} unless we are back in time. */
  void farewell() {
    try {
      client
          .disconnect(0, null, null, DISCONNECT_WITH_WILL, new MqttProperties())
          .waitForCompletion(FAREWELL_MILLIS);
    } catch (MqttException e) {
      LOG.debug("mqtt: no farewell: {}", BrokerWords.of(e));
    }
  }

  /** Ends everything that belongs to this connection. Never fails. */
  void discard() {
    lose("given up");
    socket.awaitConnectTried(CONNECT_TRIED_MILLIS);
    try {
      if (client.isConnected()) {
        client.disconnectForcibly(1, 1, /* sendDisconnectPacket= */ false);
      }
      client.close(true);
    } catch (MqttException e) {
      // Its socket is closed, so its threads end; there is nothing else to give back.
      LOG.debug("mqtt: connection not closed in order", e);
    }
  }

  private void stopSocket() {
    try {
      socket.stop();
    } catch (IOException e) {
      LOG.debug("mqtt: socket not closed in order", e);
    }
  }

  /**
   * Tells the broker how much we take, and the library nothing: it would hold our own packets to
   * that limit, because it has both directions the wrong way round.
   */
  private static final class Options extends MqttConnectionOptions {
    @Override
    public @Nullable Long getMaximumPacketSize() {
      return null;
    }
  }

  /** The library's client, over our socket. */
  private static final class Client extends MqttAsyncClient {
    private final BrokerSocket socket;

    Client(MqttSettings settings, BrokerSocket socket) throws MqttException {
      super(settings.brokerUri(), settings.deviceId(), new MemoryPersistence());
      this.socket = socket;
    }

    @Override
    protected NetworkModule[] createNetworkModules(String address, MqttConnectionOptions options) {
      return new NetworkModule[] {socket};
    }
  }

  /** Runs on the library's threads: hands bytes on, remembers an ending, nothing else. */
  private final class Callback implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      arrivals.accept(topic, message.getPayload());
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      MqttException failure = response.getException();
      if (failure != null && failure.getCause() != null) {
        lose(words(failure));
      } else if (response.getReturnCode() >= REFUSED) {
        lose("the broker ended the connection: " + BrokerWords.ofReason(response.getReturnCode()));
      } else {
        lose(failure != null ? words(failure) : "the connection was closed");
      }
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
      lose(words(exception));
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
