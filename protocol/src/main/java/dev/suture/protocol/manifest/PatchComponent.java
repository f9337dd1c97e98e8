package dev.suture.protocol.manifest;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a patch makes of one component.
 *
 * @param name the component
 * @param baseSha256 digest of the base image that the delta is made from
 * @param image the image to be rebuilt
 * @param payloads at least one, at most one of each kind
 */
public record PatchComponent(
    ComponentName name, Sha256 baseSha256, ImageIdentity image, List<Payload> payloads) {
  /** Checks and copies the payloads. */
  public PatchComponent {
    payloads = Collections.unmodifiableList(new ArrayList<>(payloads));
    if (payloads.isEmpty()) {
      throw new IllegalArgumentException(
          "payloads of " + name + ": expected at least one, got none");
    }
    if (payloads.stream().map(Payload::kind).distinct().count() != payloads.size()) {
      throw new IllegalArgumentException(
          "payloads of " + name + ": expected at most one of each kind");
    }
  }

  /** The payload of this kind, if the publisher made one. */
  public Optional<Payload> payload(Payload.Kind kind) {
    return payloads.stream().filter(payload -> payload.kind() == kind).findFirst();
  }
}
