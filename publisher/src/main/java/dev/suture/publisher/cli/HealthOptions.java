package dev.suture.publisher.cli;

import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.HealthPlan;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How a device tells that a level works. */
final class HealthOptions {
  /** For the synopsis of a command. */
  static final String SYNOPSIS =
      "    (--health-https PORT/PATH=STATUS | --health-http PORT/PATH=STATUS | --health-mqtt PORT |"
          + "%n     --health-unit UNIT | --health-command NAME)..."
          + "%n    [--health-deadline SECONDS] [--health-settle SECONDS]";

  private static final String ANSWER_FORM = "PORT/PATH=STATUS";

  @Option(
      names = "--health-https",
      paramLabel = ANSWER_FORM,
      arity = "1..*",
      description =
          "The device is healthy when its HTTPS service on PORT answers /PATH with STATUS, for"
              + " example 443/=200.")
  private List<HealthCheck.Https> https = new ArrayList<>();

  @Option(
      names = "--health-http",
      paramLabel = ANSWER_FORM,
      arity = "1..*",
      description = "As --health-https, but HTTP.")
  private List<HealthCheck.Http> http = new ArrayList<>();

  @Option(
      names = "--health-mqtt",
      paramLabel = "PORT",
      arity = "1..*",
      description = "When its MQTT broker on PORT, without TLS, answers who connects.")
  private List<HealthCheck.Mqtt> mqtt = new ArrayList<>();

  @Option(
      names = "--health-unit",
      paramLabel = "UNIT",
      arity = "1..*",
      description = "When this unit of its systemd is active, for example nginx.service.")
  private List<HealthCheck.Unit> units = new ArrayList<>();

  @Option(
      names = "--health-command",
      paramLabel = "NAME",
      arity = "1..*",
      description = "When the program NAME in asked.d of its directory of checks passes.")
  private List<HealthCheck.Command> commands = new ArrayList<>();

  @Option(
      names = "--health-deadline",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "All checks must have passed by then, or the patch is reverted (default 120).")
  private int deadlineSeconds;

  @Option(
      names = "--health-settle",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "They must go on passing for this long (default 10).")
  private int settleSeconds;

  /**
   * How a device judges the level.
   *
   * @throws IllegalArgumentException if there is no check, too many, or a time is out of range
   */
  HealthPlan plan() {
    require("--health-deadline", deadlineSeconds, 1);
    require("--health-settle", settleSeconds, 0);
    List<HealthCheck> checks = new ArrayList<>(https);
    checks.addAll(http);
    checks.addAll(mqtt);
    checks.addAll(units);
    checks.addAll(commands);
    if (checks.isEmpty() || checks.size() > HealthPlan.CHECKS_MAX) {
      throw new IllegalArgumentException(
          "--health-https, --health-http, --health-mqtt, --health-unit, --health-command: expected 1"
              + " to "
              + HealthPlan.CHECKS_MAX
              + " of them, got "
              + checks.size());
    }
    return new HealthPlan(deadlineSeconds, settleSeconds, checks);
  }

  private static void require(String option, int seconds, int min) {
    if (seconds < min || seconds > HealthPlan.SECONDS_MAX) {
      throw new IllegalArgumentException(
          option
              + ": expected "
              + min
              + " to "
              + HealthPlan.SECONDS_MAX
              + " seconds, got "
              + seconds);
    }
  }

  /** Reads {@code 443/=200}. */
  static HealthCheck.Https parseHttps(String text) {
    Answer answer = Answer.parse(text);
    return new HealthCheck.Https(answer.port, answer.path, answer.status);
  }

  /** Reads {@code 80/=200}. */
  static HealthCheck.Http parseHttp(String text) {
    Answer answer = Answer.parse(text);
    return new HealthCheck.Http(answer.port, answer.path, answer.status);
  }

  /** Reads {@code 1883}. */
  static HealthCheck.Mqtt parseMqtt(String text) {
    try {
      return new HealthCheck.Mqtt(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a port, for example 1883, got \"" + text + "\"", e);
    }
  }

  private record Answer(int port, String path, int status) {
    static Answer parse(String text) {
      int slash = text.indexOf('/');
      int equals = text.lastIndexOf('=');
      if (slash < 1 || equals < slash) {
        throw new IllegalArgumentException(
            "expected " + ANSWER_FORM + ", for example 443/=200, got \"" + text + "\"");
      }
      try {
        return new Answer(
            Integer.parseInt(text.substring(0, slash)),
            text.substring(slash, equals),
            Integer.parseInt(text.substring(equals + 1)));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "expected numbers in " + ANSWER_FORM + ", got \"" + text + "\"", e);
      }
    }
  }
}
