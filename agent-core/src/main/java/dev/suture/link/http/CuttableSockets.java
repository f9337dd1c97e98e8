package dev.suture.link.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS connections and remembers the newest one's socket below TLS. Closing that one wakes a
 * reader at once; closing the TLS socket would wait for the reader.
 */
final class CuttableSockets extends SSLSocketFactory {
  private final SSLSocketFactory tls;
  private @Nullable Socket below;
  private boolean cut;

  CuttableSockets(SSLSocketFactory tls) {
    this.tls = tls;
  }

  /** A new request begins. */
  synchronized void begin() {
    below = null;
    cut = false;
  }

  /**
   * Closes the newest connection's socket. No other is made until {@link #begin}: the platform's
   * client asks once more by itself when a connection ends without an answer.
   */
  synchronized void cut() {
    cut = true;
    if (below != null) {
      try {
        below.close();
      } catch (IOException e) {
        // It is unusable either way, which is what was wanted.
      }
    }
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    synchronized (this) {
      if (cut) {
        socket.close();
        throw new SocketException("cut off");
      }
      below = socket;
    }
    return tls.createSocket(socket, host, port, autoClose);
  }

  // The no-argument method is left as it is inherited: it refuses, and the caller then makes a
  // plain socket and comes back to the method above.

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw onlyLayered();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw onlyLayered();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw onlyLayered();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw onlyLayered();
  }

  private static SocketException onlyLayered() {
    return new SocketException("TLS is only made over a connected socket");
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return tls.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return tls.getSupportedCipherSuites();
  }
}
