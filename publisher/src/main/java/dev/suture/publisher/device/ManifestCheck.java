package dev.suture.publisher.device;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.ManifestVerifier.DeviceIdentity;
import java.util.Map;

/** Reads a manifest as the device does that it is for. */
public final class ManifestCheck {
  private ManifestCheck() {}

  /**
   * Reads it.
   *
   * @param file what the metadata says about the bytes
   * @param expected the patch that a device must read out of them
   * @param bases digests of the base images of that device
   * @throws SutureException why a device refuses it
   * @throws IllegalArgumentException if it reads another patch
   */
  public static void check(
      byte[] bytes, FileRef file, Manifest expected, Map<ComponentName, Sha256> bases)
      throws SutureException {
    DeviceIdentity device = new DeviceIdentity(expected.baseline(), expected.model(), bases);
    if (!new ManifestVerifier(device).verify(bytes, file).equals(expected)) {
      throw new IllegalArgumentException("another manifest");
    }
  }
}
