package dev.suture.link.mqtt;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Which broker, and who we are there.
 *
 * @param brokerUri {@code ssl://HOST:PORT}; {@code tcp://} only to 127.0.0.1 or localhost, because
 *     the password would be sent for everybody to read
 * @param fleet 1 to 64 characters of {@code A-Z a-z 0-9 . - _}: a level of every topic
 * @param deviceId as {@code fleet}; also the client id, so two devices must not share one
 * @param username the broker's name for us
 * @param password copied on the way in and on the way out
 * @param tls whom to trust, from {@link dev.suture.link.PemTrust}; null with {@code tcp://} only
 */
public record MqttSettings(
    String brokerUri,
    String fleet,
    String deviceId,
    String username,
    char[] password,
    @Nullable SSLContext tls) {
  private static final Pattern URI =
      Pattern.compile("(ssl|tcp)://([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):(\\d{1,5})");
  private static final Pattern TOPIC_LEVEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final int CREDENTIAL_CHARS_MAX = 256;
  private static final int PORT_MAX = 65_535;

  /** Checks everything that can be checked without the broker. */
  public MqttSettings {
    Matcher uri = URI.matcher(brokerUri);
    if (!uri.matches() || port(uri) < 1 || port(uri) > PORT_MAX) {
      throw new IllegalArgumentException("broker: expected ssl://HOST:PORT, got " + brokerUri);
    }
    boolean secure = "ssl".equals(uri.group(1));
    if (secure != (tls != null)) {
      throw new IllegalArgumentException(
          "broker: expected " + (tls != null ? "ssl" : "tcp") + "://, got " + brokerUri);
    }
    if (!secure && !"127.0.0.1".equals(uri.group(2)) && !"localhost".equals(uri.group(2))) {
      throw new IllegalArgumentException(
          "broker: expected ssl:// for a broker that is not on this machine, got " + brokerUri);
    }
    checkLevel("fleet", fleet);
    checkLevel("device id", deviceId);
    checkLength("broker user name", username.length());
    checkLength("broker password", password.length);
    password = password.clone();
  }

  private static void checkLevel(String what, String word) {
    if (!TOPIC_LEVEL.matcher(word).matches()) {
      throw new IllegalArgumentException(
          what
              + ": expected 1 to 64 letters, digits and . - _ (a letter or digit first), got "
              + word);
    }
  }

  private static void checkLength(String what, int chars) {
    if (chars < 1 || chars > CREDENTIAL_CHARS_MAX) {
      throw new IllegalArgumentException(
          what + ": expected 1 to " + CREDENTIAL_CHARS_MAX + " characters, got " + chars);
    }
  }

  private static int port(Matcher uri) {
    return Integer.parseInt(String.valueOf(uri.group(3)));
  }

  @Override
  public char[] password() {
    return password.clone();
  }

  byte[] passwordBytes() {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  /** The broker's name or address, without the brackets of an IPv6 one. */
  String host() {
    String host = brokerUri.substring("ssl://".length(), brokerUri.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  int port() {
    return Integer.parseInt(brokerUri.substring(brokerUri.lastIndexOf(':') + 1));
  }

  Optional<SSLContext> context() {
    return Optional.ofNullable(tls);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return username + " at " + brokerUri + " (" + fleet + "/" + deviceId + ")";
  }
}
