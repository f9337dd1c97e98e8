package dev.suture.publisher.release;

import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;

/**
 * What one component of a patch costs.
 *
 * @param component as in the manifest
 * @param deltaMillis how long the delta took to make and check
 * @param fullMillis how long the full payload took to make and check
 */
public record ComponentCost(PatchComponent component, long deltaMillis, long fullMillis) {
  /** Length of the image. */
  public long imageBytes() {
    return component.image().bytes();
  }

  /** Length of the delta. */
  public long deltaBytes() {
    return bytes(Payload.Kind.DELTA);
  }

  /** Length of the full payload. */
  public long fullBytes() {
    return bytes(Payload.Kind.FULL);
  }

  private long bytes(Payload.Kind kind) {
    return component.payload(kind).orElseThrow().file().bytes();
  }
}
