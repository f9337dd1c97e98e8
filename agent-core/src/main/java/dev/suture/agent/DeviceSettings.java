package dev.suture.agent;

import dev.suture.policy.Policy;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import java.util.Optional;

/**
 * What is this one device's own: {@code device.json}, written when it was provisioned.
 *
 * @param deviceId its name in the fleet; also its MQTT client id and a topic level
 * @param brokerUri {@code ssl://HOST:PORT}
 * @param username MQTT user
 * @param password MQTT password; a secret
 * @param caFile PEM file of the authority that broker and mirror are certified by
 * @param metadataUrl where the mirror's files are, ended by {@code /}
 * @param policy what the operator allows
 * @param ring the ring of devices that get patches first, if this one is in one
 */
public record DeviceSettings(
    String deviceId,
    String brokerUri,
    String username,
    String password,
    String caFile,
    String metadataUrl,
    Policy policy,
    Optional<String> ring) {

  /**
   * Reads the settings. An unknown key is refused.
   *
   * @throws DeviceException {@code CONFIG_INVALID}, with the key
   */
  public static DeviceSettings decode(byte[] bytes) throws DeviceException {
    try {
      Fields settings =
          StrictJson.parse("device.json", bytes, DeviceConfig.BYTES_MAX)
              .onlyThese(
                  "device_id",
                  "broker_uri",
                  "username",
                  "password",
                  "ca_file",
                  "metadata_url",
                  "automatic",
                  "ring");
      return new DeviceSettings(
          settings.text("device_id"),
          settings.text("broker_uri"),
          settings.text("username"),
          settings.text("password"),
          settings.text("ca_file"),
          settings.text("metadata_url"),
          new Policy(settings.bool("automatic")),
          settings.optionalText("ring"));
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.CONFIG_INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "DeviceSettings[" + deviceId + ", " + brokerUri + ", " + metadataUrl + "]";
  }
}
