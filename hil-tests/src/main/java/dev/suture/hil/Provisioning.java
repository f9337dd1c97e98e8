package dev.suture.hil;

import dev.suture.protocol.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * What makes a flashed device this one: who it is and whom it talks to.
 *
 * @param deviceId its name, also its user name at the broker
 * @param brokerUri {@code ssl://HOST:PORT} as seen from the device
 * @param password its password at the broker
 * @param metadataUrl {@code https://HOST:PORT/} as seen from the device
 * @param automatic whether it installs patches by itself
 * @param caFile certificate that signed broker and mirror, PEM; copied
 * @param extraKey one more key in its configuration, which no agent knows
 */
public record Provisioning(
    String deviceId,
    String brokerUri,
    String password,
    String metadataUrl,
    boolean automatic,
    Path caFile,
    Optional<String> extraKey) {

  /** Same device, but its configuration has a key that no agent knows. */
  public Provisioning withUnknownKey(String key) {
    return new Provisioning(
        deviceId, brokerUri, password, metadataUrl, automatic, caFile, Optional.of(key));
  }

  /** Same device, with or without installing by itself. */
  public Provisioning withAutomatic(boolean value) {
    return new Provisioning(deviceId, brokerUri, password, metadataUrl, value, caFile, extraKey);
  }

  /** The device's configuration, {@code device.json}. */
  public String deviceJson() {
    return new String(
        JsonText.indented(
            json -> {
              json.name("device_id").value(deviceId);
              json.name("broker_uri").value(brokerUri);
              json.name("username").value(deviceId);
              json.name("password").value(password);
              json.name("ca_file").value("/data/suture/ca.pem");
              json.name("metadata_url").value(metadataUrl);
              json.name("automatic").value(automatic);
              if (extraKey.isPresent()) {
                json.name(extraKey.get()).value(true);
              }
            }),
        StandardCharsets.UTF_8);
  }

  /** Writes {@code device.json} and {@code ca.pem} into this folder, which is made if absent. */
  public void writeTo(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("device.json"), deviceJson());
      Files.copy(caFile, folder.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new HarnessException("provisioning folder " + folder + ": cannot be written", e);
    }
  }
}
