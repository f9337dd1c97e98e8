package dev.suture.trust;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.protocol.manifest.HealthCheck;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.ManifestCodec;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.release.LevelEntry;
import java.util.Map;

/**
 * Decides whether a manifest is the one that the index names, and whether it is for this device.
 */
public final class ManifestVerifier {
  private final DeviceIdentity device;

  /** Verifies for this device. */
  public ManifestVerifier(DeviceIdentity device) {
    this.device = device;
  }

  /** What a patch must match. */
  public DeviceIdentity device() {
    return device;
  }

  /**
   * What a patch must match.
   *
   * @param baseline the OS release
   * @param model the device model
   * @param bases digest of each component's base image
   */
  public record DeviceIdentity(Baseline baseline, String model, Map<ComponentName, Sha256> bases) {}

  /**
   * The manifest that these bytes are, after their digest was compared with the signed one.
   *
   * @throws RetryableException {@code MANIFEST_DIGEST_MISMATCH}: a mirror served other bytes
   * @throws RejectedException the signed manifest itself is malformed, or not for this device
   */
  public Manifest verify(byte[] bytes, FileRef signed)
      throws RejectedException, RetryableException {
    if (bytes.length != signed.bytes() || !Sha256.of(bytes).equals(signed.sha256())) {
      throw new RetryableException(
          FailureCode.MANIFEST_DIGEST_MISMATCH,
          "manifest digest: expected "
              + signed.sha256()
              + " ("
              + signed.bytes()
              + " bytes), got "
              + Sha256.of(bytes)
              + " ("
              + bytes.length
              + " bytes)");
    }
    Manifest manifest = ManifestCodec.decode(bytes);
    requireOurs(manifest);
    return manifest;
  }

  /**
   * As {@link #verify}, and it is what the targets role says about it.
   *
   * @throws RejectedException also {@code WRONG_BASELINE}, {@code WRONG_MODEL}, or {@code
   *     MANIFEST_MALFORMED} for another level
   */
  public Manifest verify(byte[] bytes, LevelEntry entry)
      throws RejectedException, RetryableException {
    Manifest manifest = verify(bytes, entry.manifest());
    if (!manifest.level().equals(entry.level())) {
      throw new RejectedException(
          FailureCode.MANIFEST_MALFORMED,
          "manifest level: expected "
              + entry.level()
              + " as in its target's path, got "
              + manifest.level());
    }
    return manifest;
  }

  private void requireOurs(Manifest manifest) throws RejectedException {
    if (!manifest.baseline().equals(device.baseline())) {
      throw rejected(
          FailureCode.WRONG_BASELINE, "baseline", device.baseline(), manifest.baseline());
    }
    if (!manifest.model().equals(device.model())) {
      throw rejected(FailureCode.WRONG_MODEL, "device model", device.model(), manifest.model());
    }
    if (AgentVersion.CURRENT.compareTo(manifest.minimumAgent()) < 0) {
      throw rejected(
          FailureCode.AGENT_TOO_OLD,
          "agent version",
          manifest.minimumAgent() + " or newer",
          AgentVersion.CURRENT);
    }
    Sha256 digest = Compatibility.digest(device.bases());
    if (!manifest.compatibility().baselineDigest().orElse(digest).equals(digest)) {
      throw rejected(
          FailureCode.WRONG_BASELINE,
          "digest of baseline " + device.baseline(),
          digest,
          manifest.compatibility().baselineDigest().get());
    }
    for (PatchComponent component : manifest.components()) {
      Sha256 base = device.bases().get(component.name());
      if (base == null) {
        throw rejected(
            FailureCode.WRONG_COMPONENTS,
            "component",
            "one of " + device.bases().keySet(),
            component.name());
      }
      if (!base.equals(component.baseSha256())) {
        throw rejected(
            FailureCode.WRONG_BASE_IMAGE,
            "base image of " + component.name(),
            base,
            component.baseSha256());
      }
    }
    for (HealthCheck check : manifest.health().checks()) {
      if (check instanceof HealthCheck.Unknown unknown) {
        throw rejected(
            FailureCode.HEALTH_CHECK_UNSUPPORTED,
            "health check",
            "https, http, mqtt, unit or command",
            unknown.kind());
      }
    }
  }

  private static RejectedException rejected(
      FailureCode code, String what, Object expected, Object got) {
    return new RejectedException(code, what + ": expected " + expected + ", got " + got);
  }
}
