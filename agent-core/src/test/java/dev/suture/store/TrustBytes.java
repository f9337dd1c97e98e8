package dev.suture.store;

import dev.suture.trust.TrustState;
import java.util.Optional;

/** Looks into what a device believes as it is on the disk, for tests. */
public final class TrustBytes {
  private TrustBytes() {}

  /**
   * A copy that is as it was written.
   *
   * @param sequence the newest copy has the highest
   */
  public record Copy(long sequence, TrustState state) {}

  /** What a copy says; nothing if it is damaged. */
  public static Optional<Copy> decode(byte[] bytes) {
    try {
      MetadataStore.Copy copy = MetadataStore.decode("copy", bytes);
      return Optional.of(new Copy(copy.sequence(), TrustState.decode(copy.content())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
