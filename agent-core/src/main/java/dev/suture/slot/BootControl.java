package dev.suture.slot;

import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;

/** Where the activation record lives: the meeting point of agent and bootloader. */
public interface BootControl {
  /**
   * The newest valid record. A copy that cannot be read is passed over if the other one is valid;
   * the next write goes over it.
   *
   * @throws DeviceException {@code ACTIVATION_RECORD_DAMAGED} if no valid copy is there; never "no
   *     record"; {@code STORAGE_IO} if one cannot be read and the other one is not valid
   */
  ActivationRecord load() throws DeviceException;

  /**
   * Replaces the record. Durable and read back on return; if power fails inside, the old record or
   * the new one is there.
   *
   * @param record its sequence is one above the newest
   * @throws DeviceException {@code STORAGE_IO} or {@code READ_BACK_MISMATCH}; the old record or the
   *     new one is there
   */
  void store(ActivationRecord record) throws DeviceException;

  /**
   * Takes down that the bootloader counted a start of this slot: once in a boot, before the slot
   * can stop the device. Only where others fill the bootloader's counts up there is something to
   * take down: a count of our own, which nobody else knows. Durable on return, and the bootloader's
   * count is not above it.
   *
   * @return whether the slot had a start left, by our own count; if not, nothing was written
   * @throws DeviceException as {@link #load} and {@link #store}
   */
  default boolean countStart(Slot slot) throws DeviceException {
    return true;
  }

  /** The raw bytes of all copies that can be read, for keeping a damaged record aside. */
  byte[] raw() throws DeviceException;
}
