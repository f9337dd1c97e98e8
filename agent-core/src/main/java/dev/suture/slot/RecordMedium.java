package dev.suture.slot;

import dev.suture.protocol.failure.DeviceException;

/**
 * Room for two copies of one length, far enough apart not to be damaged together: {@link
 * ActivationRecordCodec#BYTES} for the raw record, anything for an environment.
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
