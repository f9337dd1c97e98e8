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
  private volatile @Nullable Socket below;

  CuttableSockets(SSLSocketFactory tls) {
    this.tls = tls;
  }

  /** Closes the newest connection's socket. */
  void cut() {
    Socket socket = below;
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is unusable either way, which is what was wanted.
      }
    }
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    below = socket;
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
