package dev.suture.link.mqtt;

import java.io.EOFException;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/** What went wrong at the broker, for people. Numbers are those of MQTT 5, section 2.4. */
final class BrokerWords {
  private BrokerWords() {}

  /** A failure of the library or below it. */
  static String of(MqttException failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof EOFException) {
      return "the broker closed the connection";
    }
    if (cause != null && !(cause instanceof MqttException)) {
      return cause.getClass().getSimpleName() + ": " + printable(cause.getMessage());
    }
    return switch (failure.getReasonCode()) {
      case MqttClientException.REASON_CODE_CLIENT_TIMEOUT -> "no answer in time";
      case MqttClientException.REASON_CODE_CONNECTION_LOST,
          MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED,
          MqttClientException.REASON_CODE_CLIENT_DISCONNECTING ->
          "the connection was lost";
      case MqttClientException.REASON_CODE_SERVER_DISCONNECTED -> "the broker ended the connection";
      default -> ofReason(failure.getReasonCode());
    };
  }

  /** A reason code of an answer. */
  static String ofReason(int code) {
    String word =
        switch (code) {
          case 0x80 -> "unspecified error";
          case 0x81 -> "malformed packet";
          case 0x82 -> "protocol error";
          case 0x83 -> "implementation specific error";
          case 0x84 -> "protocol version not supported";
          case 0x85 -> "client id not valid";
          case 0x86 -> "bad user name or password";
          case 0x87 -> "not authorized";
          case 0x88 -> "broker unavailable";
          case 0x89 -> "broker busy";
          case 0x8a -> "banned";
          case 0x8b -> "broker is shutting down";
          case 0x8d -> "keep-alive timeout";
          case 0x8e -> "another client took over this device's id";
          case 0x90 -> "topic not valid";
          case 0x93 -> "too many unacknowledged publications";
          case 0x95 -> "packet too large";
          case 0x97 -> "quota exceeded";
          case 0x98 -> "administrative action";
          case 0x99 -> "payload format not valid";
          case 0x9a -> "retained messages not supported";
          case 0x9b -> "QoS not supported";
          case 0x9f -> "connection rate exceeded";
          default -> "refused";
        };
    return word + " (" + code + ")";
  }

  private static String printable(@Nullable String text) {
    return String.valueOf(text).replaceAll("[^\\x20-\\x7e]", "?");
  }
}
