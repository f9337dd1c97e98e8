package dev.suture.health;

import dev.suture.protocol.manifest.HealthCheck;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Probes services on this device's loopback. */
public final class LocalProbe implements HealthProbe {
  private static final int TIMEOUT_MILLIS = 5_000;

  private final SSLSocketFactory anyCertificate;
  private final MqttProbe mqtt = new MqttProbe(TIMEOUT_MILLIS);

  /** A probe. */
  public LocalProbe() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
      anyCertificate = context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  @Override
  public Optional<String> complaint(HealthCheck check) {
    if (check instanceof HealthCheck.Https https) {
      return complaint(check, "https", https.port(), https.path(), https.status());
    }
    if (check instanceof HealthCheck.Http http) {
      return complaint(check, "http", http.port(), http.path(), http.status());
    }
    return check instanceof HealthCheck.Mqtt broker ? mqtt.complaint(broker) : refusal(check);
  }

  @Override
  public Optional<String> refusal(HealthCheck check) {
    return check instanceof HealthCheck.Https
            || check instanceof HealthCheck.Http
            || check instanceof HealthCheck.Mqtt
        ? Optional.empty()
        : Optional.of("expected https, http or mqtt, got " + check);
  }

  private Optional<String> complaint(
      HealthCheck check, String scheme, int port, String path, int expected) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) new URL(scheme, "127.0.0.1", port, path).openConnection();
      try {
        if (connection instanceof HttpsURLConnection secure) {
          secure.setSSLSocketFactory(anyCertificate);
          secure.setHostnameVerifier((host, session) -> true);
        }
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        int status = connection.getResponseCode();
        return status == expected
            ? Optional.empty()
            : Optional.of("health check " + check + ": got " + status);
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return Optional.of("health check " + check + ": got " + e.getMessage());
    }
  }

  /**
   * Accepts any certificate. Right here and nowhere else: the connection is to this device itself,
   * and the question is whether the service works with the new libraries, not who it is.
   */
  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
