package dev.suture.protocol.manifest;

/** One check of a device's health. */
public sealed interface HealthCheck {
  /**
   * A service on the device answers HTTPS. Its certificate is not checked: the question is whether
   * it works, not who it is.
   *
   * @param port port on 127.0.0.1
   * @param path begins with {@code /}, at most 200 characters
   * @param status the status code that counts as healthy
   */
  record Https(int port, String path, int status) implements HealthCheck {
    /** Checks the ranges. */
    public Https {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port: expected 1 to 65535, got " + port);
      }
      if (!path.startsWith("/")
          || path.length() > 200
          || !path.chars().allMatch(c -> c > ' ' && c < 127)) {
        throw new IllegalArgumentException("path: expected / and at most 200 printable characters");
      }
      if (status < 100 || status > 599) {
        throw new IllegalArgumentException("status: expected 100 to 599, got " + status);
      }
    }

    @Override
    public String toString() {
      return "https 127.0.0.1:" + port + path + " answers " + status;
    }
  }

  /**
   * A kind of check that this agent does not know. The manifest is well-formed, but this device
   * cannot judge the patch.
   *
   * @param kind the unknown word
   */
  record Unknown(String kind) implements HealthCheck {}
}
