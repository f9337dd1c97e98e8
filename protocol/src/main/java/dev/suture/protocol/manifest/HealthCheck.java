package dev.suture.protocol.manifest;

import java.util.regex.Pattern;

/** One check of a device's health. Every connection is to the device itself, on 127.0.0.1. */
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
      requireAnswer(port, path, status);
    }

    @Override
    public String toString() {
      return "https 127.0.0.1:" + port + path + " answers " + status;
    }
  }

  /**
   * A service on the device answers HTTP.
   *
   * @param port port on 127.0.0.1
   * @param path begins with {@code /}, at most 200 characters
   * @param status the status code that counts as healthy
   */
  record Http(int port, String path, int status) implements HealthCheck {
    /** Checks the ranges. */
    public Http {
      requireAnswer(port, path, status);
    }

    @Override
    public String toString() {
      return "http 127.0.0.1:" + port + path + " answers " + status;
    }
  }

  /**
   * An MQTT broker on the device answers a client that connects. That it wants other credentials is
   * an answer too. This is not the connection to the fleet's broker, the loss of which is never a
   * patch's fault.
   *
   * @param port port on 127.0.0.1, without TLS
   */
  record Mqtt(int port) implements HealthCheck {
    /** Checks the range. */
    public Mqtt {
      requirePort(port);
    }

    @Override
    public String toString() {
      return "mqtt 127.0.0.1:" + port + " answers";
    }
  }

  /**
   * A unit of systemd is active. One that ends when it has done its work is not, unless it remains
   * after its exit.
   *
   * @param name with its type, as {@code nginx.service}; no pattern, and no template
   */
  record Unit(String name) implements HealthCheck {
    private static final Pattern NAME =
        Pattern.compile(
            "(?!.*@\\.)[A-Za-z0-9_][A-Za-z0-9:_.@\\\\-]{0,240}"
                + "\\.(automount|device|mount|path|scope|service|slice|socket|swap|target|timer)");

    /** Checks the name. */
    public Unit {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "unit: expected a name with its type, as nginx.service, got \"" + name + "\"");
      }
    }

    @Override
    public String toString() {
      return "unit " + name + " is active";
    }
  }

  /**
   * A program of the device's maker passes. A patch can name it, and nothing else: what is run, as
   * whom and for how long at most, the device says.
   *
   * @param name its file name in the directory of programs that patches may ask for
   */
  record Command(String name) implements HealthCheck {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}");

    /** Checks the name. */
    public Command {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "command: expected 1 to 64 letters, digits, '_', '.' and '-', got \"" + name + "\"");
      }
    }

    @Override
    public String toString() {
      return "command " + name + " passes";
    }
  }

  /**
   * A kind of check that this agent does not know. The manifest is well-formed, but this device
   * cannot judge the patch.
   *
   * @param kind the unknown word
   */
  record Unknown(String kind) implements HealthCheck {}

  private static void requirePort(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 1 to 65535, got " + port);
    }
  }

  private static void requireAnswer(int port, String path, int status) {
    requirePort(port);
    if (!path.startsWith("/")
        || path.length() > 200
        || !path.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException("path: expected / and at most 200 printable characters");
    }
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status: expected 200 to 599, got " + status);
    }
  }
}
