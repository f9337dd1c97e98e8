package dev.suture.publisher.notify;

import java.net.URI;
import java.nio.file.Path;

/**
 * How to reach a fleet's broker.
 *
 * @param broker {@code ssl://HOST:PORT}; the host's name must be the one in the certificate
 * @param caFile PEM file with the certificates that may have issued the broker's; no other is
 *     trusted
 * @param username the publisher's name at the broker
 * @param passwordFile file whose first line is the password
 */
public record NoticeSettings(URI broker, Path caFile, String username, Path passwordFile) {
  /** Checks the address. */
  public NoticeSettings {
    if (!"ssl".equals(broker.getScheme())
        || broker.getHost() == null
        || broker.getPort() < 1
        || broker.getPort() > 65_535
        || broker.getUserInfo() != null
        || broker.getRawQuery() != null
        || !String.valueOf(broker.getRawPath()).isEmpty()) {
      throw new IllegalArgumentException(
          "expected ssl://HOST:PORT, got \"" + broker + "\": the password never goes unencrypted");
    }
  }
}
