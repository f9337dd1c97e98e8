package dev.suture.publisher.release;

import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.publisher.delta.account.DeltaAccount;
import java.util.Optional;

/**
 * What one component of a patch costs.
 *
 * @param component as in the manifest
 * @param deltaMillis how long the delta took to make and check
 * @param fullMillis how long the full payload took to make and check
 * @param account what the delta's bytes are spent on, if that was asked for
 */
public record ComponentCost(
    PatchComponent component, long deltaMillis, long fullMillis, Optional<DeltaAccount> account) {
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
