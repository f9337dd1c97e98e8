package dev.suture.protocol.delta;

/** What a reader of a delta or of a full payload accepts from a zstd frame. */
public final class ZstdLimits {
  /** Smallest window that zstd knows: 1 KiB. */
  public static final int WINDOW_LOG_MIN = 10;

  /** Largest window that a device gives memory for: 8 MiB. */
  public static final int WINDOW_LOG_MAX = 23;

  private ZstdLimits() {}
}
