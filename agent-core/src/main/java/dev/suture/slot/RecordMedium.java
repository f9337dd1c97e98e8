package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;

/**
 * Room for two copies of {@link ActivationRecordCodec#BYTES} bytes each, far enough apart not to be
 * damaged together.
 */
public interface RecordMedium {
  /** Number of copies. */
  int COPIES = 2;

  /** One copy, whatever it holds. */
  byte[] read(int copy) throws DeviceException;

  /**
   * Writes one copy as a whole. Durable and read back from the medium on return; if power fails
   * inside, only this copy may be damaged.
   */
  void write(int copy, byte[] bytes) throws DeviceException;
}
