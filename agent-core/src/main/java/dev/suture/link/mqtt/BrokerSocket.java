package dev.suture.link.mqtt;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the broker: TCP, TLS with the broker's name or address checked against its
 * certificate, and the {@link PacketGate}. The library's own would read with a time limit of a
 * second, after which half a packet header is lost, and would close TLS before TCP, which waits for
 * a writer that hangs.
 */
final class BrokerSocket implements NetworkModule {
  private static final int BUFFER_BYTES = 2048;

  /** How long a reader waits for a CONNECT that the library never sends. */
  private static final long GREETING_MILLIS = 60_000;

  private final MqttSettings settings;
  private final int limitMillis;
  private final PacketGate gate;
  private final Socket tcp = new Socket();
  private volatile @Nullable InputStream in;
  private volatile @Nullable OutputStream out;
  private boolean stopped;

  BrokerSocket(MqttSettings settings, int limitMillis) {
    this.settings = settings;
    this.limitMillis = limitMillis;
    gate =
        new PacketGate(MqttLimits.PACKET_BYTES_MAX, MqttLimits.UNACKNOWLEDGED_MAX, GREETING_MILLIS);
  }

  @Override
  public void start() throws IOException {
    tcp.setTcpNoDelay(true);
    tcp.connect(new InetSocketAddress(settings.host(), settings.port()), limitMillis);
    Optional<SSLContext> context = settings.context();
    Socket socket = context.isPresent() ? secured(context.get()) : tcp;
    // From here on silence is normal; keep-alive tells a dead connection from a quiet one.
    tcp.setSoTimeout(0);
    InputStream fromBroker =
        gate.in(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
    OutputStream toBroker = gate.out(socket.getOutputStream());
    synchronized (tcp) {
      if (stopped) {
        throw new SocketException("stopped while connecting");
      }
      in = fromBroker;
      out = toBroker;
    }
  }

  private SSLSocket secured(SSLContext context) throws IOException {
    tcp.setSoTimeout(limitMillis);
    SSLSocket tls =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(tcp, settings.host(), settings.port(), /* autoClose= */ true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    InputStream opened = in;
    if (opened == null) {
      throw new SocketException("not connected");
    }
    return opened;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    OutputStream opened = out;
    if (opened == null) {
      throw new SocketException("not connected");
    }
    return opened;
  }

  /** Ends it at once, whoever is reading or writing. May be called again. */
  @Override
  public void stop() throws IOException {
    synchronized (tcp) {
      stopped = true;
    }
    tcp.close();
  }

  /**
   * Waits until the library has started its threads and tried to send CONNECT, at most so long:
   * told to stop before, it waits for ever for threads that have ended. Returns at once if {@link
   * #stop} came before the connection was made, because then it starts none.
   */
  void awaitConnectTried(long millis) {
    boolean connected;
    synchronized (tcp) {
      connected = out != null;
    }
    if (connected) {
      gate.awaitConnectTried(millis);
    }
  }

  /** Which rule of the protocol the broker has broken; empty if none. */
  Optional<String> violation() {
    return gate.violation();
  }

  @Override
  public String getServerURI() {
    return settings.brokerUri();
  }
}
